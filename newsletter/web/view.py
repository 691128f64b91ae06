"""View in browser: a reader's own digest as it was mailed, from the frozen row of the ledger."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from newsletter.letters import Letters
from newsletter.mail import store as mail_store
from newsletter.values import MailKind
from newsletter.web.reading import clock, services
from newsletter.web.security import MAIL_POLICY

pages = Blueprint("view", __name__)


@pages.get("/view/<token>")
def digest(token: str) -> Response:
    the = services()
    delivery_id = the.signer.read_delivery(token)
    with the.database.reading() as session:
        delivery = mail_store.delivery(session, delivery_id)
    if delivery is None or delivery.kind is not MailKind.DIGEST:
        abort(404)
    letters = Letters(the)
    letters.digest(delivery)
    rendered = letters.render(delivery, reader_links=letters.links_of(delivery, now=clock()))
    response = Response(rendered.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY + "; frame-ancestors 'none'"
    return response
