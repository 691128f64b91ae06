"""Less mail, and back: fewer papers by one button, and undo for every change of choices. Opening a page changes nothing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from newsletter.subscribers import preferences
from newsletter.subscribers.choices import fewer_papers
from newsletter.subscribers.subscriber import SUBSCRIBED
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of

pages = Blueprint("undoing", __name__)


@pages.get("/preferences/<token>/fewer")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    most, fewer = subscriber.max_papers, fewer_papers(subscriber.max_papers)
    return render_template("fewer.html", token=token, form=ButtonForm(), most=most, fewer=fewer)


@pages.post("/preferences/<token>/fewer")
def lessen(token: str) -> Response:
    """Halves how many papers a mail holds at most."""
    preferences.halve_papers(services(), subscriber_of(token).id, now=clock())
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.post("/preferences/<token>/undo")
def take_back(token: str) -> Response:
    """Takes the last change of the day back; where there is none left, nothing happens."""
    done = preferences.undo(services(), subscriber_of(token).id, now=clock())
    return redirect(url_for("preferences.show", token=token, undone=1 if done else None), code=303)
