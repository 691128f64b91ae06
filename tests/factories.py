"""Plain functions that put rows into a real database, for tests of every part."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy.orm import Session

from newsletter.mail.deliveries import PlannedDigest
from newsletter.mail.store import ledger
from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow
from newsletter.values.mail import MailKind

NOW = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
_count = itertools.count(1)


def a_subscriber(session: Session, *topics: str, **changes: object) -> int:
    """Stores a confirmed subscriber and gives its id; ``changes`` are columns."""
    number = next(_count)
    email = str(changes.pop("email", f"reader{number}@example.org"))
    values: dict[str, object] = {
        "email": email,
        "email_key": email.lower(),
        "address_key": f"key-of-{email.lower()}",
        "state": "confirmed",
        "language": "en",
        "timezone": "UTC",
        "hour": 6,
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "max_papers": 20,
        "created_at": NOW,
        "confirmed_at": NOW - dt.timedelta(days=30),
    }
    row = SubscriberRow(**(values | changes))
    session.add(row)
    session.flush()
    session.add_all(SubscriptionRow(subscriber_id=row.id, topic=topic) for topic in topics)
    session.flush()
    return row.id


def a_digest_row(session: Session, subscriber_id: int, *, period: str = "2026-11-20", covers_to: int = 7) -> int:
    """Plans an empty digest of ``period`` and gives the id of its delivery."""
    digest = PlannedDigest(subscriber_id, period, {"papers": [], "more": 0}, covers_to)
    ledger.plan_digests(session, [digest], priority=2, domain="example.org", now=NOW)
    rows = ledger.deliveries(session, period=period, kind=MailKind.DIGEST, subscriber_id=subscriber_id)
    return rows[0].id


def a_letter_row(session: Session, subscriber_id: int, kind: MailKind, *, period: str = "1") -> int:
    """Plans a mail of another kind and gives the id of its delivery."""
    planned = ledger.plan_mail(
        session,
        subscriber_id=subscriber_id,
        kind=kind,
        period=period,
        priority=0,
        due_at=NOW,
        domain="example.org",
        contents={},
        now=NOW,
    )
    assert planned is not None
    return planned
