"""View in browser: a reader's own digest as it was mailed, from the frozen row of the ledger."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort

from newsletter.daily.compose import MessageBuilder
from newsletter.mail.signed_links import GOOD_DAYS, LinkError, LinkFault
from newsletter.mail.store import ledger
from newsletter.values.mail import MailKind
from newsletter.web.page_context import clock, services
from newsletter.web.security import MAIL_POLICY

pages = Blueprint("view", __name__)


@pages.get("/view/<token>")
def digest(token: str) -> Response:
    the = services()
    delivery_id = the.signer.read_delivery(token)
    with the.database.reading() as session:
        delivery = ledger.delivery(session, delivery_id)
    if delivery is None or delivery.kind is not MailKind.DIGEST:
        abort(404)
    if clock() - delivery.planned_at > dt.timedelta(days=GOOD_DAYS):
        # The page holds links to the reader's choices: like those in the mail, it is good for a year.
        raise LinkError(LinkFault.EXPIRED)
    letters = MessageBuilder(the)
    rendered = letters.render(delivery, reader_links=letters.links_of(delivery, now=clock()))
    response = Response(rendered.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY + "; frame-ancestors 'none'"
    return response
