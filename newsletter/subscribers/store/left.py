"""The SQL of people who are told to have left, by a file of their addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from newsletter.subscribers.consent import Action
from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import ConsentRow, OneTimeLinkRow, SubscriberRow
from newsletter.values.batches import batches

WORDS = "Left after the backup that this installation was restored from."
ORIGIN = "restore"


def end_subscriptions(session: Session, email_keys: Collection[str], *, now: dt.datetime) -> int:
    """Ends the subscriptions of these (`Address.key`), without a mail; gives how many there were.

    Digests that wait are skipped when a worker comes to them: a claim looks at the state again.
    """
    ended = 0
    for keys in batches(sorted(email_keys)):
        wanted = select(SubscriberRow.id).where(
            SubscriberRow.email_key.in_(keys), SubscriberRow.state.in_([State.PENDING, State.CONFIRMED, State.PAUSED])
        )
        ids = list(session.scalars(wanted.order_by(SubscriberRow.id).with_for_update()))
        if not ids:
            continue
        values = {"state": State.UNSUBSCRIBED, "left_at": now, "paused_until": None}
        session.execute(update(SubscriberRow).where(SubscriberRow.id.in_(ids)).values(values))
        alive = OneTimeLinkRow.used_at.is_(None)
        session.execute(update(OneTimeLinkRow).where(OneTimeLinkRow.subscriber_id.in_(ids), alive).values(used_at=now))
        evidence = {"at": now, "action": Action.LEFT, "words": WORDS, "origin": ORIGIN}
        session.execute(insert(ConsentRow), [{"subscriber_id": one, **evidence} for one in ids])
        ended += len(ids)
    return ended
