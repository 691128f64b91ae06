"""Papers, readers and what became of their digests, in a few words: for tests of planning and of what follows it."""

from __future__ import annotations

import datetime as dt

from newsletter.bootstrap import Services
from newsletter.daily.welcome import plan_welcome
from newsletter.mail.deliveries import Delivery, Outcome
from newsletter.mail.delivery_links import bounce_token
from newsletter.mail.store import leases, ledger
from newsletter.papers.store import papers as papers_store
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState
from tests.factories import NOW, a_subscriber
from tests.papers.paper_builder import match, paper

TODAY = NOW.date()
DAY = dt.timedelta(days=1)


def put(services: Services, *numbers: int, topic: str = "nerf", day: dt.date = TODAY, now: dt.datetime = NOW) -> None:
    papers = [paper(number, announced_on=day) for number in numbers]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one, topic)]) for one in papers], now=now)


def add(services: Services, *topics: str, **changes: object) -> int:
    with services.database.transaction() as session:
        return a_subscriber(session, *(topics or ("nerf",)), **changes)


def rows(services: Services, subscriber: int | None = None) -> list[Delivery]:
    with services.database.reading() as session:
        return ledger.deliveries(session, subscriber_id=subscriber)


def refs(services: Services, delivery: Delivery) -> set[str]:
    with services.database.reading() as session:
        return {
            one.ref[-1] for one in papers_store.papers_by_ids(session, [one for one, _ in delivery.contents["papers"]]).values()
        }


def settle(services: Services, state: DeliveryState, *, now: dt.datetime = NOW) -> None:
    """What a worker does with all that is due, without the mail."""
    with services.database.transaction() as session:
        claimed = leases.claim(session, lease="w", until=now + DAY, limit=100, now=now)
        leases.mark_final_dot(session, [one.id for one in claimed], lease="w", now=now)
        due_at = now + dt.timedelta(hours=1)
        leases.settle(session, [Outcome(one.id, state, "dot", "", due_at=due_at) for one in claimed], lease="w", now=now)


def cursor(services: Services, subscriber: int) -> int | None:
    with services.database.reading() as session:
        return session.get_one(SubscriberRow, subscriber).cursor


def fetched(services: Services, *, now: dt.datetime = NOW, error: str = "") -> None:
    """A fetch came to its end at ``now``: no other is due for a while."""
    with services.database.transaction() as session:
        record = papers_store.FetchRecord("arxiv", now, now, now.date(), now.date(), found=1, new=1, updated=0, error=error)
        papers_store.record_fetch(session, record)


def welcome(services: Services, subscriber: int, *, now: dt.datetime = NOW) -> int | None:
    """What confirming plans while no fetch is under way."""
    fetched(services, now=now)
    with services.database.transaction() as session:
        return plan_welcome(services, session, subscriber, now=now)


def verp(services: Services, delivery_id: int) -> str:
    """The address that bounces of this delivery come to."""
    with services.database.reading() as session:
        delivery = ledger.delivery(session, delivery_id)
    assert delivery is not None
    return f"b-{bounce_token(services.signer, delivery)}@bounces.example.org"
