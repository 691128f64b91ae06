"""The link in the confirmation mail. Opening it changes nothing: scanners open every link, and some run scripts.

The page posts by itself only in the browser that signed up; anywhere else it shows one button.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from newsletter import planning
from newsletter.subscribers import confirming
from newsletter.web.forms import ButtonForm
from newsletter.web.reading import clock, prefer_language, services
from newsletter.web.signup import signed_up_here

pages = Blueprint("confirming", __name__)


@pages.get("/confirm/<token>")
def show(token: str) -> str:
    with services().database.reading() as session:
        subscriber = confirming.subscriber_to_confirm(session, token, now=clock())
    prefer_language(subscriber.language)
    return render_template("confirm.html", form=ButtonForm(), token=token, at_once=signed_up_here(subscriber.address_key))


@pages.post("/confirm/<token>")
def confirm(token: str) -> Response:
    the, now = services(), clock()
    with the.database.transaction() as session:
        subscriber = confirming.confirm(session, token, now=now)
        planning.plan_welcome(the, session, subscriber.id, now=now)
    the.waker.wake_translate()
    the.waker.wake_senders()
    link = the.signer.link_token(subscriber.id, subscriber.token_version, now=now)
    return redirect(url_for("confirming.welcome", token=link), code=303)
