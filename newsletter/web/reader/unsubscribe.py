"""Leaving: a page with one button, the same address as the one-click target of RFC 8058, and the way back.

The POST needs no cookie, no session and no body: mail providers send it (https://www.rfc-editor.org/rfc/rfc8058#section-3.2). It
answers 200 also the second time, and never redirects.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.errors import InputError
from newsletter.subscribers import unsubscribe
from newsletter.subscribers.subscriber import SUBSCRIBED
from newsletter.web import errors
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import _, clock, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import csrf

pages = Blueprint("leaving", __name__)


@pages.get("/unsubscribe/<token>", strict_slashes=False)
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html", token=token, form=ButtonForm())
    return render_template("unsubscribe.html", token=token)


@pages.post("/unsubscribe/<token>", strict_slashes=False)
@csrf.exempt  # type: ignore[untyped-decorator]
def leave(token: str) -> str:
    unsubscribe.leave(services(), subscriber_of(token).id, now=clock(), origin="link")
    # A form would start a session, and a mail provider's answer must not: only the button of our own page asks for one.
    return render_template("left.html", token=token, form=ButtonForm(formdata=None) if "page" in request.args else None)


@pages.post("/return/<token>")
def come_back(token: str) -> Response:
    """Undoes the leaving."""
    subscriber = subscriber_of(token)
    try:
        unsubscribe.come_back(services(), subscriber.id, now=clock(), origin="link")
    except InputError as error:
        return errors.page(410, errors.Words(_("This cannot be undone here"), _(str(error))), offer_sign_up=True)
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)
