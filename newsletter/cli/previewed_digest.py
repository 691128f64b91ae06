"""One reader's digest as it would be sent; nothing is sent and nothing is written down."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.digests.due import zone_of
from newsletter.errors import InputError
from newsletter.mail.deliveries import Delivery, is_empty
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.values.mail import MailKind, ReaderLinks

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.subscribers.store.subscribers import Subscriber


def preview_of(services: Services, email: str, *, date: dt.date | None, now: dt.datetime) -> Rendered:
    """The digest of ``date`` (today) that they got or wait for, else the one that would be made now, else the last they got.

    Its links are placeholders: who holds a preview shall not hold the reader's keys. Raises InputError for an unknown
    address, and where there is nothing to show.
    """
    from newsletter.daily.compose import MessageBuilder

    with services.database.reading() as session:
        subscriber = _subscriber(session, email)
        delivery = _delivery(services, session, subscriber, date=date, now=now)
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

    found = subscribers_store.subscriber_by_key(session, normalise(email, international=True).key)
    if found is None:
        raise InputError(f"{email} is no subscriber: `newsletter subscribers list` looks for parts of addresses")
    return found


def _delivery(
    services: Services, session: Session, subscriber: Subscriber, *, date: dt.date | None, now: dt.datetime
) -> Delivery:
    from newsletter.mail.store import ledger

    rows = ledger.deliveries(session, kind=MailKind.DIGEST, subscriber_id=subscriber.id)
    kept = {row.period: row for row in rows if row.contents and not is_empty(row.contents)}
    day = date or now.astimezone(zone_of(subscriber.timezone)).date()
    if day.isoformat() in kept:
        return kept[day.isoformat()]
    made = _made(services, session, subscriber, date=day, now=now)
    # Who never had a mail is welcomed also where nothing is new.
    if not is_empty(made.contents) or not rows:
        return made
    if date is None and kept:
        return kept[max(kept)]
    raise InputError(f"nothing is new for {subscriber.email}, so no digest of {day} would go out: give --date of one that did")


def _made(services: Services, session: Session, subscriber: Subscriber, *, date: dt.date, now: dt.datetime) -> Delivery:
    from newsletter.daily import select
    from newsletter.daily.preview import draft
    from newsletter.subscribers.store import readers as reading

    reader = next(iter(reading.readers(session, on=now.date(), ids=[subscriber.id])), None)
    if reader is None:
        raise InputError(f"this subscriber gets no digest now: their state is {subscriber.state}")
    contents = select.contents_of(reader, select.build_candidate_set(services, session, [reader], now=now))
    return draft(
        contents | {"welcome": is_empty(contents)},
        language=subscriber.language,
        date=date,
        now=now,
        email=subscriber.email,
        subscriber_id=subscriber.id,
    )
