"""View in browser: a reader's own digest as it was mailed, from the frozen row of the ledger.

People share its address, so it holds no link that changes anything, or that leads to one.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort

from newsletter.daily.compose import MessageBuilder
from newsletter.mail import delivery_links
from newsletter.values.mail import OF_PAPERS, ReaderLinks
from newsletter.web.page_context import clock, services
from newsletter.web.security import MAIL_POLICY

pages = Blueprint("view", __name__)


@pages.get("/view/<token>")
def digest(token: str) -> Response:
    the = services()
    with the.database.reading() as session:
        delivery = delivery_links.viewed(session, the.signer, token, now=clock())
    if delivery.kind not in OF_PAPERS:
        abort(404)
    rendered = MessageBuilder(the).render(delivery, reader_links=ReaderLinks())
    response = Response(rendered.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY + "; frame-ancestors 'none'"
    return response
