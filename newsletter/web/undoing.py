"""Less mail, and back: fewer papers by one button, and undo for every change of choices. Opening a page changes nothing."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from newsletter.subscribers import preferences
from newsletter.subscribers.choices import LEAST_PAPERS
from newsletter.subscribers.people import SUBSCRIBED, Subscriber
from newsletter.web.forms import ButtonForm
from newsletter.web.preferences import subscriber_of
from newsletter.web.reading import clock, services
from newsletter.web.replaced import forget, remember, replaced

pages = Blueprint("undoing", __name__)


@pages.get("/preferences/<token>/fewer")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html", token=token, form=ButtonForm())
    most, fewer = subscriber.max_papers, _fewer(subscriber)
    return render_template("fewer.html", token=token, form=ButtonForm(), most=most, fewer=fewer)


@pages.post("/preferences/<token>/fewer")
def lessen(token: str) -> Response:
    """Halves how many papers a mail holds at most."""
    the, subscriber = services(), subscriber_of(token)
    chosen = replace(preferences.preferences_of(subscriber), max_papers=_fewer(subscriber))
    with the.database.transaction() as session:
        preferences.change(session, subscriber.id, chosen, now=clock())
    remember(subscriber)
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.post("/preferences/<token>/undo")
def undo(token: str) -> Response:
    """Takes the last change made in this browser back; where there is none left, nothing happens."""
    the, subscriber, now = services(), subscriber_of(token), clock()
    before = replaced(subscriber)
    if before is None:
        return redirect(url_for("preferences.show", token=token), code=303)
    with the.database.transaction() as session:
        preferences.change(session, subscriber.id, before.preferences, now=now)
        if before.endless or (before.paused_until and before.paused_until > now.date()):
            preferences.pause(session, subscriber.id, until=None if before.endless else before.paused_until, now=now)
        else:
            preferences.resume(session, subscriber.id, now=now)
    forget()
    return redirect(url_for("preferences.show", token=token, undone=1), code=303)


def _fewer(subscriber: Subscriber) -> int:
    return max(LEAST_PAPERS, subscriber.max_papers // 2)
