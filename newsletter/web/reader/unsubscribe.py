"""Leaving: a page with one button, the same address as the one-click target of RFC 8058; and the two ways back.

The POST needs no cookie, no session and no body: mail providers send it (https://www.rfc-editor.org/rfc/rfc8058#section-3.2). It
answers 200 also the second time, and never redirects. Whoever holds a forwarded mail can make its reader leave, and not bring
them back: that takes the browser that left, within a day, or a link mailed to the address.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request, session
from werkzeug.wrappers import Response

from newsletter.errors import InputError
from newsletter.mail.signed_links import LinkError, LinkPurpose
from newsletter.subscribers import links, unsubscribe
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.web import errors
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import _, clock, prefer_language, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, client_network, csrf, limiter

pages = Blueprint("leaving", __name__)

# A browser remembers the last leaving made in it: whose, and when it was.
LEFT_HERE = "left"
UNDO_WITHIN = dt.timedelta(days=1)


@pages.get("/unsubscribe/<token>", strict_slashes=False)
def show(token: str) -> str:
    subscriber = subscriber_of(token, LinkPurpose.UNSUBSCRIBE)
    if subscriber.state not in SUBSCRIBED:
        return _left_page(subscriber, token)
    return render_template("unsubscribe.html", token=token, choices=_choices(subscriber, token))


@pages.post("/unsubscribe/<token>", strict_slashes=False)
@csrf.exempt  # type: ignore[untyped-decorator]
def leave(token: str) -> str:
    now = clock()
    subscriber = subscriber_of(token, LinkPurpose.UNSUBSCRIBE)
    left = unsubscribe.leave(services(), subscriber.id, now=now, origin="link")
    # A form would start a session, and a mail provider's answer must not: only the button of our own page asks for one.
    if "page" not in request.args:
        return render_template("left.html")
    if left:
        session[LEFT_HERE] = [str(subscriber.link_key), now.isoformat()]
    return _left_page(subscriber_of(token, LinkPurpose.UNSUBSCRIBE), token)


@pages.post("/unsubscribe/<token>/undo")
def undo(token: str) -> str | Response:
    """Undoes the leaving of a moment ago, in the browser that left."""
    subscriber = subscriber_of(token, LinkPurpose.UNSUBSCRIBE)
    try:
        if subscriber.state not in SUBSCRIBED and not _left_here(subscriber):
            raise InputError(unsubscribe.NOT_HERE)
        unsubscribe.come_back(services(), subscriber.id, now=clock(), origin="link", network=client_network())
    except InputError as error:
        return errors.page(410, errors.Words(_("This cannot be undone here"), _(str(error))), offer_link=True)
    return render_template("back.html", link="", form=ButtonForm())


@pages.get("/return/<token>")
def show_return(token: str) -> str:
    """The page of the goodbye mail's link: one button, because scanners open every link."""
    with services().database.reading() as db:
        prefer_language(unsubscribe.who_left(db, token, now=clock()).language)
    return render_template("back.html", link=None, form=ButtonForm())


@pages.post("/return/<token>")
@limiter.limit(LIMIT_LINK)
def come_back(token: str) -> str | Response:
    """Brings back whom the link was mailed to; it works once."""
    try:
        back = unsubscribe.come_back_by_link(services(), token, now=clock(), origin="link", network=client_network())
    except LinkError:
        raise
    except InputError as error:
        return errors.page(410, errors.Words(_("This cannot be undone here"), _(str(error))), offer_sign_up=True)
    prefer_language(back.language)
    link = links.signed_link(services().signer, back, LinkPurpose.PREFERENCES, day=clock().date())
    return render_template("back.html", link=link, form=ButtonForm())


def _left_page(subscriber: Subscriber, token: str) -> str:
    undo_at = f"/unsubscribe/{token}/undo" if _left_here(subscriber) else ""
    return render_template("left.html", undo=undo_at, form=ButtonForm(formdata=None))


def _left_here(subscriber: Subscriber) -> bool:
    """True in the browser in which they left last, for a day."""
    left_at = subscriber.left_at
    if left_at is None or clock() - left_at > UNDO_WITHIN:
        return False
    return bool(session.get(LEFT_HERE) == [str(subscriber.link_key), left_at.isoformat()])


def _choices(subscriber: Subscriber, token: str) -> str:
    """The token of their choices that came along in the mail; one for leaving alone opens none, so it can be ""."""
    for candidate in (request.args.get("choices", ""), token):
        try:
            if subscriber_of(candidate).id == subscriber.id:
                return candidate
        except LinkError:
            continue
    return ""
