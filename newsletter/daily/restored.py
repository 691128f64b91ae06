"""After a restore: what the ledger out of the backup cannot know is marked, before anything is planned or sent.

Between the backup and the end of the old installation mails left, digests were planned, and people went. The first two become
``unknown``, which is never sent by itself; who went has to be told from outside, and is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.digests.due import due_between
from newsletter.mail.deliveries import DAILY_PRIORITY, PlannedDigest
from newsletter.mail.store import ledger, lost_days
from newsletter.operating import state
from newsletter.subscribers.store import left as left_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.values.mail import DeliveryState

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)
AHEAD = dt.timedelta(days=1)


def mark(services: Services, *, left: Collection[str] = (), now: dt.datetime) -> state.Restored | None:
    """Marks what is in doubt after a restore and ends the subscriptions of ``left`` (`Address.key`), once; None without one."""
    with services.database.transaction() as session:
        fact = state.RESTORED.read(session)
        if fact is None or fact.marked:
            return fact
        gone = left_store.end_subscriptions(session, left, now=now)
        # Nothing was sent after a backup of what had stopped before: all goes on where it was.
        goes_on = fact.stopped < fact.made_at
        opened = 0 if goes_on else lost_days.doubt_open(session, stopped=fact.stopped, at=fact.made_at, now=now)
        lost = [] if goes_on else _lost_digests(session, fact)
        ledger.plan_digests(session, lost, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
        days = tuple(sorted({dt.date.fromisoformat(digest.period) for digest in lost}))
        told = replace(fact, marked=True, unknown=opened + len(lost), days=days, left=gone)
        state.RESTORED.write(session, told, now=now)
    log.info("restored mails in doubt", unknown=told.unknown, days=len(days), left=gone)
    return told


def lines(fact: state.Restored | None) -> list[str]:
    """What an operator is told of ``fact``, a sentence a line."""
    if fact is None:
        return []
    if fact.stopped < fact.made_at:
        return ["The backup is of an installation that had stopped: all goes on where it was."]
    span = f"{fact.made_at:%Y-%m-%d %H:%M} and {fact.stopped:%Y-%m-%d %H:%M} UTC"
    told = [f"What happened between {span} is not known here: sign-ups and choices of that time are lost."]
    if fact.unknown:
        days = f" (digests of {', '.join(map(str, fact.days))} among them)" if fact.days else ""
        told.append(f"{fact.unknown} mails may have left in that time{days}: they are `unknown`, and not sent by themselves.")
        told.append("Papers that are fetched again come with the next digest, also where a digest of that time showed them.")
        told.append(
            "To see them: newsletter deliveries --state unknown. To send them: newsletter deliveries resend --state unknown"
        )
    if fact.left:
        told.append(f"{fact.left} people of the file given have left, and get no mail.")
    else:
        told.append("Who left in that time gets mail again, unless `restore --left FILE` names them.")
    return told


def _lost_digests(session: Session, fact: state.Restored) -> list[PlannedDigest]:
    """The digests that the old installation may have planned and sent after the backup."""
    last = ledger.last_digests(session, upto=fact.stopped.date() + AHEAD)
    digests = []
    for reader in readers_store.readers(session, on=fact.stopped.date() + AHEAD):
        had = last.get(reader.id)
        dated = replace(reader, last_period=dt.date.fromisoformat(had)) if had else reader
        for day in due_between(dated, fact.made_at, fact.stopped):
            nothing = {"papers": [], "more": 0}
            digests.append(PlannedDigest(reader.id, day.isoformat(), nothing, None, DeliveryState.UNKNOWN, lost_days.LOST_DAY))
    return digests
