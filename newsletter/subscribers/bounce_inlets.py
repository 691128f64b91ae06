"""The ways by which bounces come in by themselves: a mailbox that is looked into, and an LMTP port. Also a process:
``python -m newsletter.subscribers.bounce_inlets``.

A message is marked as read, or answered with 250, after what follows of it is committed: a killed process loses none, and one
that comes twice counts once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from newsletter import failpoints
from newsletter.errors import NewsletterError, SettingsError, severity
from newsletter.mail.bounces import imap, lmtp, maildir
from newsletter.mail.bounces.reading import MOST_BYTES, read
from newsletter.subscribers import bounces
from newsletter.subscribers.bounces import Acted

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Seconds between two looks into the mailbox.
LOOK_SECONDS = 10
Clock = Callable[[], dt.datetime]


def take_message(services: Services, data: bytes, *, origin: str, now: dt.datetime, envelope_to: str = "") -> Acted:
    """Reads one message and acts on it. Raises TemporaryError where the database cannot be reached."""
    returned = read(data, envelope_to=envelope_to)
    acted = bounces.take(services, returned, key=bounces.source_key(data), origin=origin, now=now, raw=data)
    log.info("came back", kind=acted.report.kind, origin=origin, delivery=acted.delivery, followed=acted.followed)
    return acted


def read_mailbox(services: Services, *, now: Clock) -> int:
    """Acts on what is new in BOUNCE_MAILBOX; gives how many messages. Raises NewsletterError where it cannot be read."""
    where = services.settings.bounce_mailbox.get_secret_value()
    if "://" in where:
        return imap.read_unread(where, lambda data: _ignore(take_message(services, data, origin="imap", now=now())))
    count = 0
    for path in maildir.messages(Path(where), unread=True):
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
        take_message(services, data, origin="maildir", now=now())
        failpoints.reach(failpoints.AFTER_BOUNCE)
        maildir.mark_read(path)
        count += 1
    return count


def _ignore(_: Acted) -> None:
    failpoints.reach(failpoints.AFTER_BOUNCE)


def listen(services: Services, *, now: Clock) -> lmtp.LmtpServer:
    """A started server at BOUNCE_LMTP. Raises SettingsError where it cannot listen there."""
    host, _, port = services.settings.bounce_lmtp.rpartition(":")

    def take(data: bytes, recipient: str) -> None:
        _ignore(take_message(services, data, origin="lmtp", now=now(), envelope_to=recipient))

    try:
        server = lmtp.LmtpServer(take, host=host, port=int(port))
    except OSError as error:
        mend = "choose another address or port"
        raise SettingsError(f"BOUNCE_LMTP {host}:{port} cannot be listened at ({error.strerror}): {mend}") from error
    server.start()
    return server


def serve(services: Services, *, now: Clock, ended: threading.Event) -> None:
    """Serves BOUNCE_LMTP and looks into BOUNCE_MAILBOX until ``ended`` is set; what fails is tried again."""
    server = listen(services, now=now) if services.settings.bounce_lmtp else None
    try:
        while not ended.is_set():
            if services.settings.bounce_mailbox:
                _look(services, now=now)
            ended.wait(LOOK_SECONDS)
    finally:
        if server is not None:
            server.stop()


def _look(services: Services, *, now: Clock) -> None:
    try:
        read_mailbox(services, now=now)
    except NewsletterError as error:
        log.log(severity(error), "bounces not read", problem=str(error))
    except Exception:
        log.exception("bounces not read")


def main() -> None:
    """The process: serves until it is asked to end."""
    from newsletter import bootstrap
    from newsletter.operating.process import asked_to_end, fail_in_one_line, start_logging
    from newsletter.settings import load

    ended = asked_to_end()
    with fail_in_one_line():
        settings = load()
        start_logging(settings)
        serve(bootstrap.build(settings), now=lambda: dt.datetime.now(dt.UTC), ended=ended)


if __name__ == "__main__":
    main()
