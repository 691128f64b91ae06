"""A mail of the ledger as operators see it: what it said, as HTML, text and source, without the links of its reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.daily.compose import MessageBuilder
from newsletter.errors import InputError
from newsletter.mail import messages
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import ledger
from newsletter.values.mail import ReaderLinks

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# What stands in the place of the token of a link.
HIDDEN = "HIDDEN"


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail: ``source`` is its message without DKIM; its papers and words are those that are stored now."""

    delivery: Delivery
    subject: str
    html: str
    text: str
    source: str


def read(services: Services, delivery_id: int) -> Delivery:
    """The row of the ledger. Raises InputError where there is none (any more)."""
    with services.database.reading() as session:
        found = ledger.delivery(session, delivery_id)
    if found is None:
        raise InputError("this mail is not in the ledger: it was kept long enough, or its reader is erased")
    return found


def show(services: Services, delivery: Delivery, *, now: dt.datetime) -> Mailed:
    """The mail of a row. Nothing is written: links that work once are not made. Raises NewsletterError: it cannot be built."""
    settings = services.settings
    rendered = MessageBuilder(services).render(delivery, reader_links=ReaderLinks(), secret=HIDDEN)
    hidden = {page: f"{settings.base_url}/{page}/{HIDDEN}" for page in ("preferences", "unsubscribe", "view")}
    pieces = messages.build(
        rendered,
        sender=messages.Sender(settings.mail_from, settings.site_name, settings.base_url, settings.contact_email),
        recipient=delivery.email,
        message_id=delivery.message_id,
        date=now,
        kind=delivery.kind,
        links=ReaderLinks(**hidden, one_click=hidden["unsubscribe"]),
    )
    return Mailed(delivery, rendered.subject, rendered.html, rendered.text, b"".join(pieces).decode("utf-8", "replace"))
