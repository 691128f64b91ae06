"""Less mail, and back: fewer papers by one button, and undo for every change of choices. Opening a page changes nothing."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from newsletter.subscribers import preferences
from newsletter.subscribers.choices import LEAST_PAPERS
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.subscribers.undo import undo, undoable
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of

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
    chosen = replace(preferences.choices_of(subscriber), max_papers=_fewer(subscriber))
    now = clock()
    with the.database.transaction() as session, undoable(session, subscriber.id, now=now):
        preferences.change(session, subscriber.id, chosen, now=now)
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.post("/preferences/<token>/undo")
def take_back(token: str) -> Response:
    """Takes the last change of the day back; where there is none left, nothing happens."""
    subscriber = subscriber_of(token)
    with services().database.transaction() as session:
        done = undo(session, subscriber.id, now=clock())
    return redirect(url_for("preferences.show", token=token, undone=1 if done else None), code=303)


def _fewer(subscriber: Subscriber) -> int:
    return max(LEAST_PAPERS, subscriber.max_papers // 2)
