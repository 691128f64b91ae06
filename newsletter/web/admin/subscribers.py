"""Subscribers for operators: the list, one person's whole story with the answer to "why no mail today?", and acts for them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from newsletter.desk import changes
from newsletter.desk.story import Story, story
from newsletter.digests.selection import COLLECTION
from newsletter.errors import InputError
from newsletter.languages import LANGUAGES
from newsletter.operating.operators import store as operator_store
from newsletter.operating.operators.roles import Role
from newsletter.subscribers import rights, suppressions
from newsletter.subscribers.choices import Choices, choices_of, hour_of
from newsletter.subscribers.faults import ChoicesError, FieldError
from newsletter.subscribers.store import listing
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.values.readers import Layout
from newsletter.web import errors
from newsletter.web.admin.act_names import ACTS
from newsletter.web.admin.charts import Column, stacked
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.kept_counts import weeks_of_growth
from newsletter.web.admin.words import DONE, GROWTH, KINDS_OF_MAIL, LAYOUTS, STATES, STATES_OF_READERS
from newsletter.web.page_context import _, clock, page_language, services

pages = Blueprint("people", __name__, url_prefix="/admin/subscribers")

LONGEST = 320
MAILS, ACTS_LISTED = 30, 20
NEW = Choices((), "en", "UTC", 7)


@pages.get("")
def show() -> str:
    """The list; growth and churn stand above it where nobody in particular is looked for."""
    asked = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("q", "state", "topic", "language", "after")}
    search = listing.Search(
        text=asked["q"],
        state=State(asked["state"]) if asked["state"] in list(State) else None,
        topic=asked["topic"],
        language=asked["language"],
        suppressed=True if asked["state"] == "suppressed" else None,
        newest=not asked["q"],
        after=asked["after"],
    )
    everybody = not any(asked.values())
    with services().database.reading() as session:
        found = listing.page(session, search)
        count = listing.count(session, search)
        states = subscribers_store.counts_by_state(session) if everybody else {}
    weeks = weeks_of_growth() if everybody else []
    columns = [Column(f"{week.monday}", {"confirmed": week.confirmed, "left": week.left}) for week in weeks]
    return render_template(
        "admin/subscribers.html",
        filter=asked,
        people=found.listed,
        following=urlencode({**asked, "after": found.following}) if found.following else "",
        count=count,
        counts=states,
        chart=stacked(columns, list(GROWTH)),
        growth_names=GROWTH,
        states=STATES_OF_READERS,
        topics=_topics(),
        everybody=everybody,
        erased="erased" in request.args,
    )


@pages.get("/find")
def find() -> Answer | str | tuple[str, int]:
    """Whoever has an address; what is known of one that nobody has, too."""
    email, now = request.args.get("email", "").strip()[:LONGEST], clock()
    try:
        with services().database.reading() as session:
            told = story(services(), session, email, now=now, most=MAILS)
    except InputError as error:
        return errors.page(400, errors.Words(_("This could not be understood"), _said(error))).get_data(as_text=True), 400
    if told.subscriber is not None:
        return redirect(url_for("people.one", subscriber_id=told.subscriber.id), code=303)
    return _page(told)


@pages.get("/new")
@least(Role.EDITOR)
def new() -> str:
    return _form(NEW, email="", consent="")


@pages.post("/new")
@least(Role.EDITOR)
def add() -> Answer | tuple[str, int]:
    email, consent, choices = request.form.get("email", "")[:LONGEST], request.form.get("consent", "")[:500], _chosen(NEW)
    about(email=email.strip())
    try:
        who = changes.add(services(), email, choices, consent=consent, now=clock(), known=_known(()))
    except InputError as error:
        return _form(choices, email=email, consent=consent, problem=_said(error)), 400
    return redirect(url_for("people.one", subscriber_id=who, done="add"), code=303)


@pages.get("/<int:subscriber_id>")
def one(subscriber_id: int) -> str | Answer:
    found = _person(subscriber_id)
    return _gone() if found is None else _page(_story(found))


@pages.get("/<int:subscriber_id>/edit")
@least(Role.EDITOR)
def edit_form(subscriber_id: int) -> str | Answer:
    found = _person(subscriber_id)
    return _gone() if found is None else _form(choices_of(found), person=found)


@pages.post("/<int:subscriber_id>/edit")
@least(Role.EDITOR)
def edit(subscriber_id: int) -> Answer | tuple[str, int]:
    found = _person(subscriber_id)
    if found is None:
        return _gone()
    choices = _chosen(choices_of(found))
    about(email=found.email)
    try:
        changes.edit(services(), found.id, choices, now=clock(), known=_known(found.topics))
    except InputError as error:
        return _form(choices, person=found, problem=_said(error)), 400
    return redirect(url_for("people.one", subscriber_id=found.id, done="edit"), code=303)


def _act(name: str, do: Callable[[Subscriber], object]) -> Callable[[int], Answer | tuple[str, int]]:
    """The view of a button on somebody's page: does the act ``name``, and shows the page with what came of it."""

    @least(Role.EDITOR)
    def acted(subscriber_id: int) -> Answer | tuple[str, int]:
        found = _person(subscriber_id)
        if found is None:
            return _gone()
        about(email=found.email)
        try:
            do(found)
        except InputError as error:
            return _page(_story(found), _said(error)), 400
        if _person(found.id) is None:
            return redirect(url_for("people.show", erased=1), code=303)
        return redirect(url_for("people.one", subscriber_id=found.id, done=name), code=303)

    pages.add_url_rule(f"/<int:subscriber_id>/{name}", endpoint=name, view_func=acted, methods=["POST"])
    return acted


def _pause(found: Subscriber) -> None:
    text = request.form.get("until", "")
    try:
        until = dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(_("There is no such day: give one as 2026-11-30.")) from error
    changes.pause(services(), found.id, until=until, now=clock())


def _erase(found: Subscriber) -> None:
    """Erases somebody whose address was typed once more, so that no slip of the hand does."""
    if request.form.get("typed", "").strip().casefold() != found.email.casefold():
        raise InputError(_("The address that you typed is another one: nobody is erased."))
    rights.erase_address(services(), found.email, now=clock(), never_again=bool(request.form.get("never_again")))


def _leave(found: Subscriber) -> None:
    if not changes.let_leave(services(), found.id, now=clock()):
        raise InputError(_("Their subscription has ended before."))


_act("pause", _pause)
_act("resume", lambda found: changes.resume(services(), found.id, now=clock()))
_act("link", lambda found: changes.mail_link(services(), found.id, now=clock()))
_act("move", lambda found: changes.move(services(), found.id, request.form.get("email", "")[:LONGEST], now=clock()))
_act("leave", _leave)
_act("suppress", lambda found: suppressions.add(services(), found.email, reason=request.form.get("reason", ""), now=clock()))
_act("lift", lambda found: suppressions.lift(services(), found.email, reason=request.form.get("reason", ""), now=clock()))
_act("erase", _erase)


@pages.post("/<int:subscriber_id>/data")
@least(Role.EDITOR)
def data(subscriber_id: int) -> Response | Answer:
    """All that is kept of somebody, as a file."""
    found = _person(subscriber_id)
    if found is None:
        return _gone()
    about(email=found.email)
    text = json.dumps(rights.data_of_address(services(), found.email), ensure_ascii=False, indent=1, default=str)
    return Response(
        text, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="subscriber-{found.id}.json"'}
    )


def _person(subscriber_id: int) -> Subscriber | None:
    with services().database.reading() as session:
        return subscribers_store.subscriber(session, subscriber_id)


def _gone() -> Answer:
    return errors.page(404, errors.Words(_("Nobody is here any more"), _("This subscriber was erased, or never was.")))


def _story(found: Subscriber) -> Story:
    with services().database.reading() as session:
        return story(services(), session, found.email, now=clock(), most=MAILS)


def _said(error: InputError) -> str:
    """What is wrong, in the language of the page where its words are known there."""
    if isinstance(error, ChoicesError):
        return " ".join(fault.told(_) for fault in error.faults.values())
    return error.fault.told(_) if isinstance(error, FieldError) else _(str(error))


def _names() -> dict[str, str]:
    """The names of all that somebody's choices may hold, headings too, by slug."""
    return {topic.slug: topic.name(page_language().code) for topic in services().catalogue.topics} | _topics()


def _topics() -> dict[str, str]:
    """The names of the topics and categories that can be chosen, by slug."""
    named = {slug: topic.name(page_language().code) for slug, topic in services().offered.items()}
    return {COLLECTION: _("The collection"), **named}


def _known(had: tuple[str, ...]) -> set[str]:
    return {*_topics(), *had}


def _chosen(before: Choices) -> Choices:
    """``before`` with what the form holds, whatever may be wrong with it."""
    form: MultiDict[str, str] = request.form
    layout = form.get("layout", "")
    most = form.get("max_papers", "")
    return replace(
        before,
        topics=tuple(dict.fromkeys(form.getlist("topics"))),
        language=form.get("language", "")[:20],
        timezone=form.get("timezone", "")[:60],
        hour=hour_of(form.get("hour", "")),
        max_papers=int(most) if most.isascii() and most.isdecimal() and len(most) < 4 else 0,
        weekdays=tuple(int(day) for day in form.getlist("weekdays") if day in "0123456" and len(day) == 1),
        layout=Layout(layout) if layout in list(Layout) else before.layout,
    )


def _form(choices: Choices, *, person: Subscriber | None = None, problem: str = "", **typed: str) -> str:
    return render_template(
        "admin/subscriber_form.html",
        choices=choices,
        person=person,
        problem=problem,
        typed=typed,
        topics=_topics() | {slug: _names().get(slug, slug) for slug in choices.topics},
        offered=LANGUAGES,
        layouts=LAYOUTS,
    )


def _page(told: Story, problem: str = "") -> str:
    found = told.subscriber
    with services().database.reading() as session:
        key = found.address_key if found else ""
        acts = operator_store.acts(session, most=ACTS_LISTED, address_key=key) if key else []
    shown: dict[str, Any] = {"states": STATES_OF_READERS, "mail_states": STATES, "kinds": KINDS_OF_MAIL, "layouts": LAYOUTS}
    return render_template(
        "admin/subscriber.html",
        **shown,
        story=told,
        person=found,
        reads=found is not None and found.state in SUBSCRIBED,
        problem=problem,
        why=told.today.sentence.told(_),
        topics=_names(),
        acts=acts,
        act_names=ACTS,
        done=_(DONE[name]) if (name := request.args.get("done", "")) in DONE else "",
    )
