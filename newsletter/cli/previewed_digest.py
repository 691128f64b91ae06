"""One reader's digest as it would be sent; nothing is sent and nothing is written down."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail.deliveries import Delivery, is_empty
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.values.mail import MailKind, ReaderLinks

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.subscribers.store.subscribers import Subscriber


def preview_of(services: Services, email: str, *, date: dt.date | None, now: dt.datetime) -> Rendered:
    """The digest of ``date`` where there is one in the ledger, else the one that would be made now.

    Its links are placeholders: who holds a preview shall not hold the reader's keys. Raises InputError for an unknown address.
    """
    from newsletter.daily.compose import MessageBuilder

    with services.database.reading() as session:
        subscriber = _subscriber(session, email)
        delivery = _kept(session, subscriber.id, date) or _made(services, session, subscriber, date=date, now=now)
    base = services.settings.base_url
    links = ReaderLinks(
        preferences=f"{base}/preferences/preview",
        unsubscribe=f"{base}/unsubscribe/preview",
        one_click=f"{base}/unsubscribe/preview",
        token="preview".ljust(TOKEN_LENGTH, "-"),
    )
    return MessageBuilder(services).render(delivery, reader_links=links)


def _subscriber(session: Session, email: str) -> Subscriber:
    from newsletter.subscribers.addresses import normalise
    from newsletter.subscribers.store import subscribers as subscribers_store

    found = subscribers_store.subscriber_by_key(session, normalise(email).key)
    if found is None:
        raise InputError(f"{email} is no subscriber: `newsletter subscribers export -` lists all")
    return found


def _kept(session: Session, subscriber_id: int, date: dt.date | None) -> Delivery | None:
    from newsletter.mail.store import ledger

    if date is None:
        return None
    rows = ledger.deliveries(session, period=date.isoformat(), kind=MailKind.DIGEST, subscriber_id=subscriber_id)
    return next((row for row in rows if row.contents.get("papers")), None)


def _made(services: Services, session: Session, subscriber: Subscriber, *, date: dt.date | None, now: dt.datetime) -> Delivery:
    from newsletter.daily import select
    from newsletter.daily.preview import draft
    from newsletter.digests.due import local_date
    from newsletter.subscribers.store import readers as reading

    reader = next(iter(reading.readers(session, on=now.date(), ids=[subscriber.id])), None)
    if reader is None:
        raise InputError(f"this subscriber gets no digest now: their state is {subscriber.state}")
    contents = select.contents_of(reader, select.build_candidate_set(services, session, [reader], now=now))
    return draft(
        contents | {"welcome": is_empty(contents)},
        language=subscriber.language,
        date=date or local_date(reader, now),
        now=now,
        email=subscriber.email,
        subscriber_id=subscriber.id,
    )
