"""A subscriber's choices, by the link in every mail, without a login; and how to get that link again."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.errors import InputError
from newsletter.subscribers import preferences
from newsletter.subscribers import store as subscribers
from newsletter.subscribers.choices import LEAST_PAPERS, MOST_PAPERS
from newsletter.subscribers.people import SUBSCRIBED, Subscriber
from newsletter.web.forms import ButtonForm, LinkForm, PreferencesForm, zones, zones_by_area
from newsletter.web.inbox import open_here
from newsletter.web.reading import _, clock, prefer_language, services
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("preferences", __name__)


@pages.get("/preferences/<token>")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html", token=token, form=ButtonForm())
    return _page(_form(subscriber, filled=False), subscriber, token=token)


@pages.post("/preferences/<token>")
def change(token: str) -> Response | tuple[str, int]:
    subscriber = subscriber_of(token)
    form = _form(subscriber, filled=True)
    if not form.validate():
        return _page(form, subscriber, token=token), 400
    the, now = services(), clock()
    chosen = preferences.Preferences(
        topics=form.chosen_topics(),
        language=form.language.data,
        timezone=form.timezone.data or "",
        hour=form.chosen_hour(),
        max_papers=form.max_papers.data or LEAST_PAPERS,
    )
    with the.database.transaction() as session:
        preferences.change(session, subscriber.id, chosen, now=now, known=form.offered)
        if form.pause_until.data:
            preferences.pause(session, subscriber.id, until=form.pause_until.data, now=now)
        else:
            preferences.resume(session, subscriber.id, now=now)
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.get("/link")
def ask() -> str:
    return render_template("link.html", form=LinkForm(formdata=None), sent=False, inbox=False)


@pages.post("/link")
@limiter.limit(LIMIT_LINK)
def send() -> str | tuple[str, int]:
    """Mails the link, and answers alike whether the address is known or not."""
    form = LinkForm()
    if not form.validate():
        return render_template("link.html", form=form, sent=False, inbox=False), 400
    the = services()
    try:
        with the.database.transaction() as session:
            preferences.request_link(session, form.email.data or "", settings=the.settings, now=clock())
    except InputError as error:
        form.email.errors = [_(str(error))]
        return render_template("link.html", form=form, sent=False, inbox=False), 400
    the.waker.wake_senders()
    return render_template("link.html", form=form, sent=True, inbox=open_here())


def subscriber_of(token: str) -> Subscriber:
    """Whose link this is; the page then speaks their language. Raises InputError for a link that does not hold."""
    the = services()
    with the.database.reading() as session:
        found = subscribers.subscriber_by_link(session, the.signer, token, now=clock())
    prefer_language(found.language)
    return found


def _form(subscriber: Subscriber, *, filled: bool) -> PreferencesForm:
    today = clock().date()
    if filled:
        return PreferencesForm(services().catalogue, today=today)
    values = {
        "topics": list(subscriber.topics),
        "language": subscriber.language,
        "hour": str(subscriber.hour),
        "timezone": subscriber.timezone,
        "max_papers": subscriber.max_papers,
        "pause_until": _pause(subscriber, today),
    }
    return PreferencesForm(services().catalogue, today=today, formdata=None, data=values)


def _pause(subscriber: Subscriber, today: dt.date) -> dt.date | None:
    until = subscriber.paused_until
    return until if until and until > today else None


def _page(form: PreferencesForm, subscriber: Subscriber, *, token: str) -> str:
    return render_template(
        "preferences.html",
        form=form,
        token=token,
        tree=services().catalogue.tree(),
        zones=zones(),
        areas=zones_by_area(),
        address=masked(subscriber.email),
        saved=request.method == "GET" and "saved" in request.args,
        paused=subscriber.paused_on(clock().date()),
        least=LEAST_PAPERS,
        most=MOST_PAPERS,
    )


def masked(email: str) -> str:
    """``email`` so that its owner knows it and nobody else does: ``a…@example.org``."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"
