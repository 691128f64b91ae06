"""Sending as operators see it: how it stands, to stop it and let it go on, and to have mails sent once more."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from newsletter.daily import restored
from newsletter.daily.refusals import held
from newsletter.daily.write_plan import touch_ledger
from newsletter.mail.store import leases, ledger, refusing_domains
from newsletter.operating import state
from newsletter.values.mail import DeliveryState

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# One more sending worker is asked for each so many due mails.
MAILS_A_WORKER = 64
PAUSED = "sending is paused, until `newsletter resume`"


@dataclass(frozen=True, slots=True)
class Progress:
    """``due`` mails can leave now, ``sending`` are in hand, ``counts`` are all mails by state.

    ``stopped`` says why none can leave (a pause, a mail server that refuses us), empty where they can. ``held`` mails are due
    too, and wait because their domains refuse us, as ``refusing`` says.
    """

    due: int
    sending: int
    stopped: str
    counts: dict[str, int]
    held: int = 0
    refusing: str = ""


def progress(services: Services, *, now: dt.datetime) -> Progress:
    """How sending stands, once the mails of workers that died were given back."""
    with services.database.transaction() as session:
        leases.sweep(session, now=now)
        counts = ledger.counts_by_state(session)
        stopped = PAUSED if state.paused(session) else held(session, now=now)
        due = ledger.due_count(session, now=now)
        refusing = refusing_domains.held(session, now=now)
        waiting = sum(refusing_domains.held_count(session, domain=one.domain, now=now) for one in refusing)
    words = "; ".join(f"{one.domain} refuses us: {one.reply}" for one in refusing)
    return Progress(due, counts.get(DeliveryState.SENDING, 0), stopped, counts, waiting, words)


def ask_senders(services: Services, *, due: int, most: int) -> None:
    """Asks for as many sending workers as ``due`` mails want, at least one and ``most`` at most."""
    services.queues.wake_senders(workers=min(most, max(1, math.ceil(due / MAILS_A_WORKER))))


def pause(services: Services, *, now: dt.datetime) -> None:
    """Stops all sending, on every machine, before the next message; what becomes due meanwhile waits."""
    with services.database.transaction() as session:
        state.pause(session, now=now)
    log.info("sending paused")


def resume(services: Services, *, now: dt.datetime) -> list[str]:
    """Lets sending go on, also where it was held after refusals; gives what is to be told of a restore, if there was one."""
    restored.mark(services, now=now)  # where the restore itself did not come to it
    with services.database.transaction() as session:
        told = restored.lines(state.RESTORED.read(session))
        state.RESTORED.clear(session, now=now)
        state.resume(session, now=now)
        refusing_domains.forget(session)
    services.queues.wake_senders()
    log.info("sending resumed")
    return told


def resend(services: Services, *, which: DeliveryState, date: dt.date | None, now: dt.datetime) -> int:
    """Queues the mails in the state ``which`` again, of the digests of ``date`` or all (None); how many."""
    with services.database.transaction() as session:
        touch_ledger(session, now=now)
        count = ledger.resend(session, state=which, period=date.isoformat() if date else None, now=now)
    services.queues.wake_senders()
    return count
