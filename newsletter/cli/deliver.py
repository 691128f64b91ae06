"""Gets what is due sent: by the workers that run, else here; waits until the ledger says that it is done."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from newsletter.cli.context import now
from newsletter.daily.sending_state import Progress, ask_senders, progress
from newsletter.operating import runtime
from newsletter.operating.redis_client import connect_redis
from newsletter.settings import Settings, SmtpServer
from newsletter.values.mail import DeliveryState

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

LOOK_SECONDS = 0.5
# Workers that move nothing for so long are taken for dead (a lease of theirs runs out by itself), and we do it here.
PATIENCE_SECONDS = 40
FINAL = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Settled:
    """``done`` counts by state what was settled meanwhile; ``left`` mails wait for another try.

    ``stopped`` says why mails that are due cannot leave now (a pause, mail servers that refuse us), empty where they can.
    """

    left: int
    stopped: str
    done: dict[str, int] = field(default_factory=dict)


def with_an_inbox(settings: Settings, stack: ExitStack) -> Settings:
    """``settings``, where a local inbox is needed and none runs with one of our own until ``stack`` is closed."""
    if settings.smtp_servers or runtime.inbox_port(settings.data_dir):
        return settings
    from newsletter.mail.inbox import LOOPBACK, InboxServer, inbox_folder

    server = InboxServer(inbox_folder(settings.data_dir))
    server.start()
    stack.callback(server.stop)
    return settings.model_copy(update={"smtp_servers": (SmtpServer(LOOPBACK, server.port),)})


def workers_alive(redis_url: str) -> int:
    """How many workers wait for mail jobs; 0 without a Redis."""
    from redis.exceptions import RedisError
    from rq.worker_registration import get_keys

    from newsletter.queues import ANSWER_SECONDS, MAIL, queue_of

    if not redis_url:
        return 0
    client = connect_redis(redis_url, answer_seconds=ANSWER_SECONDS)
    try:
        return sum(bool(client.exists(key)) for key in get_keys(queue=queue_of(client, MAIL)))
    except RedisError:
        return 0
    finally:
        client.close()


def deliver(services: Services, tell: Callable[[int, int], None]) -> Settled:
    """Has everything sent that is due, and waits until no row is due or in hand; ``tell`` hears how many of how many are done."""
    before = progress(services, now=now())
    workers = workers_alive(services.settings.redis_url.get_secret_value())
    if not (workers and _watch_workers(services, before, workers=workers, tell=tell)):
        _drain_here(services, tell)
    after = progress(services, now=now())
    done = {state.value: gained for state in FINAL if (gained := after.counts.get(state, 0) - before.counts.get(state, 0)) > 0}
    left = after.counts.get(DeliveryState.RETRY, 0) + after.counts.get(DeliveryState.QUEUED, 0) * bool(after.stopped)
    left += 0 if after.stopped else after.held
    return Settled(left, (after.stopped or after.refusing) if left else "", done)


def _watch_workers(services: Services, last: Progress, *, workers: int, tell: Callable[[int, int], None]) -> bool:
    """True when the running workers have done it all; False where they move nothing any more."""
    moved, most = time.monotonic(), 0
    while (look := progress(services, now=now())).sending or (look.due and not look.stopped):
        if look.counts != last.counts:
            last, moved = look, time.monotonic()
        elif time.monotonic() - moved > PATIENCE_SECONDS:
            return False
        ask_senders(services, due=look.due, most=workers)
        left = look.due + look.sending
        most = max(most, left)
        tell(most - left, most)
        time.sleep(LOOK_SECONDS)
    return True


def _drain_here(services: Services, tell: Callable[[int, int], None]) -> None:
    from newsletter.daily import send

    look = progress(services, now=now())
    with _asked_to_stop() as stop:
        while True:
            report = send.drain(services, now=now, stop=stop, settled=partial(_tell_of, look.due, tell))
            look = progress(services, now=now())
            if stop():
                raise KeyboardInterrupt
            if report.stopped or not (look.due or look.sending):
                return
            # Rows in the hand of another process, or of one that died: its lease ends, and the sweep gives them back.
            time.sleep(LOOK_SECONDS)


def _tell_of(due: int, tell: Callable[[int, int], None], done: int) -> None:
    """Tells that ``done`` mails are, of those that were ``due`` at first, and of more where some became due meanwhile."""
    tell(done, max(done, due))


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Makes of a first Ctrl-C or SIGTERM a wish to stop after the mails in hand: only this process hears what becomes of them.

    A second one ends it at once, and leaves those mails in doubt. Outside of the main thread nothing is changed.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _: object) -> None:
        asked.set()
        signal.signal(number, former[signal.Signals(number)])

    for number in former:
        signal.signal(number, ask)
    try:
        yield asked.is_set
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
