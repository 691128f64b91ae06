"""What is kept of a person: a link is mailed that downloads it, or one that erases it; a forwarded mail is enough for neither."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, render_template, request

from newsletter.subscribers import rights
from newsletter.subscribers.addresses import masked
from newsletter.subscribers.links import Purpose
from newsletter.values.mail import MailKind
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, prefer_language, services
from newsletter.web.public.inbox import open_here
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("rights", __name__)


@pages.get("/preferences/<token>/rights")
def ask(token: str) -> str:
    subscriber = subscriber_of(token)
    return _page("ask", address=masked(subscriber.email), action=f"/preferences/{token}/rights")


@pages.post("/preferences/<token>/rights")
@limiter.limit(LIMIT_LINK)
def send(token: str) -> str:
    """Mails the one-time link that the button says, to the address of the subscription."""
    subscriber = subscriber_of(token)
    wanted = request.form.get("wanted", "")
    if wanted not in (MailKind.DATA, MailKind.ERASE):
        abort(400)
    rights.request_right(services(), subscriber.id, MailKind(wanted), now=clock())
    return _page("sent", address=masked(subscriber.email))


@pages.get("/data/<token>")
def show_data(token: str) -> str:
    return _page("data", address=_whose(token, Purpose.EXPORT), action=f"/data/{token}")


@pages.post("/data/<token>")
@limiter.limit(LIMIT_LINK)
def data(token: str) -> Response:
    """Gives the file, and uses the link up."""
    told = rights.own_data_by_link(services(), token, now=clock())
    answer = Response(json.dumps(told, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="kept-about-me.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/erase/<token>")
def show_erase(token: str) -> str:
    return _page("erase", address=_whose(token, Purpose.ERASE), action=f"/erase/{token}")


@pages.post("/erase/<token>")
@limiter.limit(LIMIT_LINK)
def erase(token: str) -> str:
    """Erases at once; the page cannot be told of again, because its link goes too."""
    never_again = "never" in request.form
    _whose(token, Purpose.ERASE)
    rights.erase_by_link(services(), token, now=clock(), never_again=never_again)
    return _page("erased")


def _whose(token: str, purpose: Purpose) -> str:
    """The masked address of whom the link was mailed to; the page then speaks their language. Raises LinkError."""
    with services().database.reading() as session:
        found = rights.whose_link(session, token, purpose, now=clock())
    prefer_language(found.language)
    return masked(found.email)


def _page(step: str, *, address: str = "", action: str = "") -> str:
    return render_template("rights.html", step=step, form=ButtonForm(), address=address, action=action, inbox=open_here())
