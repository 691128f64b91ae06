"""A week without mail, two clicks from any digest: a page with one button. Opening it changes nothing."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from newsletter.digests.due import zone_of
from newsletter.subscribers import preferences
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of

pages = Blueprint("pausing", __name__)

A_WEEK = dt.timedelta(days=7)


@pages.get("/preferences/<token>/pause")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    return render_template("pause.html", token=token, form=ButtonForm(), until=_week_from_here(subscriber))


@pages.post("/preferences/<token>/pause")
def pause(token: str) -> Response:
    """Pauses for a week, or as long as chosen before where that is longer; the page of all choices then shows and undoes it."""
    subscriber = subscriber_of(token)
    until = _week_from_here(subscriber)
    preferences.pause(services(), subscriber.id, until=max(until, subscriber.paused_until or until), now=clock())
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


def _week_from_here(subscriber: Subscriber) -> dt.date:
    """The first day with mail again, on the subscriber's wall."""
    return clock().astimezone(zone_of(subscriber.timezone)).date() + A_WEEK
