"""Topics for operators: how each does, and an editor whose draft is tried on the papers of two weeks before it is taken."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from newsletter.daily import own_files, topic_drafts, topic_marks
from newsletter.daily.topic_drafts import Trial
from newsletter.errors import InputError, SettingsError
from newsletter.operating.operators.roles import Role
from newsletter.operating.own_files import CATALOGUE
from newsletter.papers.store import days as days_store
from newsletter.ranking.store import reading as reading_store
from newsletter.topics.catalogue import is_heading
from newsletter.web import errors
from newsletter.web.admin.guard import about, least, operator
from newsletter.web.page_context import _, clock, services

pages = Blueprint("desk_topics", __name__, url_prefix="/admin/topics")

LISTED, MOST_VOTES, LONGEST = 25, 5000, 60_000
TEMPLATE = """\
- slug: my-topic
  names: My topic
  means: One sentence that says what belongs under it.
  categories: [cs.LG]
  strong: [a phrase]
"""


@pages.get("")
def show() -> str:
    since = clock().date() - dt.timedelta(days=topic_drafts.DAYS)
    the = services()
    with the.database.reading() as session:
        counts = days_store.topics_since(session, since)
        votes: Counter[str] = Counter()
        for _ref, _title, topic, number in reading_store.votes(session, most=MOST_VOTES):
            votes[topic] += number
    marks = Counter((one.topic, one.is_right) for one in topic_marks.marks(the))
    return render_template(
        "admin/topics.html",
        topics=[topic for topic in the.catalogue.topics if not is_heading(topic)],
        counts=counts,
        votes=votes,
        marks=marks,
        history=own_files.history(the, CATALOGUE),
        learned=the.matcher.learned,
    )


@pages.get("/edit/<slug>")
def edit(slug: str) -> str | Answer:
    try:
        return _form(slug, topic_drafts.text_of(services(), slug))
    except InputError as error:
        return errors.page(404, errors.Words(_("No such topic"), _(str(error))))


@pages.get("/new")
@least(Role.EDITOR)
def new() -> str:
    return _form("", TEMPLATE)


@pages.post("/try")
@least(Role.EDITOR, is_act=False)
def try_out() -> str | tuple[str, int]:
    """Shows what the draft would match; changes nothing."""
    slug, text = _typed()
    try:
        return _form(slug, text, trial=topic_drafts.try_out(services(), slug, text, now=clock()))
    except (InputError, SettingsError) as error:
        return _form(slug, text, problem=str(error)), 400


@pages.post("/save")
@least(Role.EDITOR)
def save() -> Answer | tuple[str, int]:
    slug, text = _typed()
    number = request.form.get("number", "")
    about(words=slug or "a new topic")
    try:
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise InputError(_("Open the topic anew."))
        topic_drafts.take(services(), slug, text, number=int(number), who=operator().name, now=clock())
    except (InputError, SettingsError) as error:
        return _form(slug, text, problem=str(error)), 400
    return redirect(url_for("desk_topics.show"), code=303)


@pages.post("/undo")
@least(Role.EDITOR)
def undo() -> Answer:
    """Goes back to the version before the one in use."""
    undone, _change = own_files.undo(services(), CATALOGUE, who=operator().name, now=clock())
    about(words=f"version {undone.number}")
    return redirect(url_for("desk_topics.show"), code=303)


def _typed() -> tuple[str, str]:
    return request.form.get("slug", "")[:64], request.form.get("text", "")[:LONGEST]


def _form(slug: str, text: str, *, trial: Trial | None = None, problem: str = "") -> str:
    number = request.form.get("number") or topic_drafts.in_use(services())[0]
    return render_template("admin/topic.html", slug=slug, text=text, number=number, trial=trial, problem=problem, listed=LISTED)
