"""When one reader's next digest comes, by the rules that planning goes by; for the page of their choices. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from newsletter.digests.due import next_digest, zone_of
from newsletter.mail.store import ledger
from newsletter.subscribers.choices import LONGEST_PAUSE
from newsletter.subscribers.store import readers as readers_store

AHEAD = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NextMail:
    """``at`` is the hour on the reader's wall, ``days`` how many midnights away; ``due`` where it only waits for papers."""

    at: dt.datetime
    days: int
    due: bool


def next_mail(session: Session, subscriber_id: int, *, now: dt.datetime) -> NextMail | None:
    """The next digest of a reader; None where they have none to come: left, paused without an end, or the first is being made."""
    found = readers_store.readers(session, on=now.date() + LONGEST_PAUSE + AHEAD, ids=[subscriber_id])
    if not found or subscriber_id in ledger.subscribers_in_hand(session):
        return None
    last = ledger.last_digests(session, upto=now.date() + AHEAD, ids=[subscriber_id])
    period = last.get(subscriber_id)
    reader = replace(found[0], last_period=dt.date.fromisoformat(period) if period else None)
    coming = next_digest(reader, now=now)
    if coming is None:
        return None
    wall, today = coming[1].astimezone(zone_of(reader.timezone)), now.astimezone(zone_of(reader.timezone)).date()
    return NextMail(wall, (wall.date() - today).days, due=coming[1] <= now)
