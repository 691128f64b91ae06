"""Authors followed by a press on the page of one's choices, where the mail came from the page of an author."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from newsletter.subscribers import preferences
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.reader.saved_query_fields import may_follow

pages = Blueprint("following", __name__)


@pages.post("/preferences/<token>/follow")
def follow(token: str) -> Response:
    """Follows the authors of the button; the page of preferences shows it, and undoes the last."""
    subscriber = subscriber_of(token)
    for name in may_follow(request.form.getlist("follow"), subscriber.own):
        preferences.follow(services(), subscriber.id, name, now=clock())
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)
