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
from newsletter.errors import InputError
from newsletter.mail.deliveries import RefusingDomain
from newsletter.mail.store import leases, ledger, lookup, refusing_domains
from newsletter.mail.store.lookup import Question
from newsletter.operating import state
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.faults import FieldError
from newsletter.text.characters import one_line
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
    words = "; ".join(one.told for one in refusing)
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


def pause_domain(services: Services, domain: str, *, until: dt.datetime, why: str, now: dt.datetime) -> str:
    """Sends nothing to addresses at ``domain`` before ``until``; gives it as it is kept. Raises InputError for no domain.

    ``why`` is shown beside it. Mails that are in hand still leave; those whose time for tries ends meanwhile are not sent.
    """
    name = _domain(domain)
    with services.database.transaction() as session:
        refusing_domains.keep(session, [RefusingDomain(name, held_until=until, reply=one_line(why, 300))], now=now)
    log.info("sending to a domain paused", domain=name)
    return name


def resume_domain(services: Services, domain: str) -> str:
    """Lets mail go to ``domain`` again, whoever held it; gives it as it was kept. Raises InputError for no domain."""
    name = _domain(domain)
    with services.database.transaction() as session:
        refusing_domains.forget(session, [name])
    services.queues.wake_senders()
    log.info("sending to a domain resumed", domain=name)
    return name


def _domain(text: str) -> str:
    try:
        return normalise(f"anybody@{text.strip().removeprefix('@')}").key.rpartition("@")[2]
    except FieldError as error:
        raise InputError(f"{text[:60]!r} is no domain: give what stands behind the @, such as example.org") from error


# What may go out again: a mail that was sent, or left out for a reason that still stands, is not doubled by a slip of the hand.
RESENDABLE = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.RETRY)


def resend_found(services: Services, question: Question, *, now: dt.datetime) -> int:
    """Queues the mails again that ``question`` asks for, which says their state; how many. Raises InputError for another state.

    A digest whose papers a later one has shown stays as it is.
    """
    if question.state not in RESENDABLE:
        raise InputError(f"only mails that are {', '.join(RESENDABLE)} are sent again: choose one of these states")
    with services.database.transaction() as session:
        touch_ledger(session, now=now)
        count = ledger.resend(session, state=question.state, period=None, among=lookup.ids_of(question), now=now)
    services.queues.wake_senders()
    log.info("mails queued again", count=count, state=question.state)
    return count


def resend(services: Services, *, which: DeliveryState, date: dt.date | None, now: dt.datetime) -> int:
    """Queues the mails in the state ``which`` again, of the digests of ``date`` or all (None); how many."""
    with services.database.transaction() as session:
        touch_ledger(session, now=now)
        count = ledger.resend(session, state=which, period=date.isoformat() if date else None, now=now)
    services.queues.wake_senders()
    return count
