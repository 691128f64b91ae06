"""Weeks without mail, two clicks from any digest, and the end of a pause. Opening the page changes nothing."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.digests.due import zone_of
from newsletter.subscribers import preferences
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of

pages = Blueprint("pausing", __name__)

# How many weeks the buttons offer; a link in a mail asks for the first.
WEEKS = (1, 2, 4)


@pages.get("/preferences/<token>/pause")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    return render_template(
        "pause.html", token=token, form=ButtonForm(), until={weeks: _until(subscriber, weeks) for weeks in WEEKS}
    )


@pages.post("/preferences/<token>/pause")
def pause(token: str) -> Response:
    """Pauses for some weeks, or as chosen before where that is longer; the page of preferences shows and undoes it."""
    subscriber = subscriber_of(token)
    asked = request.form.get("weeks", "")
    until = _until(subscriber, next((weeks for weeks in WEEKS if asked == str(weeks)), WEEKS[0]))
    preferences.pause(services(), subscriber.id, until=max(until, subscriber.paused_until or until), now=clock())
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.post("/preferences/<token>/resume")
def resume(token: str) -> Response:
    """Ends a pause now."""
    preferences.resume(services(), subscriber_of(token).id, now=clock())
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


def _until(subscriber: Subscriber, weeks: int) -> dt.date:
    """The first day with mail again, on the subscriber's wall."""
    return clock().astimezone(zone_of(subscriber.timezone)).date() + dt.timedelta(weeks=weeks)
