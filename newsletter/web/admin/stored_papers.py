"""Papers for operators: their texts in each language with engines and verdicts, what they are matched to, and marks of topics."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from newsletter.daily import topic_marks, translations
from newsletter.errors import InputError
from newsletter.operating.operators.roles import Role
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import topic_marks as marks_store
from newsletter.ranking.store import reading as reading_store
from newsletter.topics.catalogue import is_heading
from newsletter.values.papers import Paper
from newsletter.values.translations import Field
from newsletter.web import errors
from newsletter.web.admin.guard import about, least, operator
from newsletter.web.admin.kept_counts import languages_read
from newsletter.web.admin.words import FIELDS
from newsletter.web.page_context import _, clock, page_language, services

pages = Blueprint("desk_papers", __name__, url_prefix="/admin/papers")

LISTED, LONGEST_REF, LONGEST_TEXT = 40, 200, 10_000
MARKS = {"wrong": False, "missing": True, "undo": None}


@pages.get("")
def show() -> str:
    """What readers hold for wrong under a topic, and what operators marked."""
    with services().database.reading() as session:
        votes = reading_store.votes(session, most=LISTED)
    return render_template("admin/papers.html", votes=votes, marks=topic_marks.marks(services())[:LISTED], names=_topics())


@pages.get("/find")
def find() -> Answer | tuple[str, int]:
    try:
        with services().database.reading() as session:
            found = topic_marks.stored_paper(session, request.args.get("ref", "").strip()[:LONGEST_REF])
    except InputError as error:
        return _unknown(_(str(error))).get_data(as_text=True), 404
    return redirect(_address(found.ref), code=303)


@pages.get("/of/<path:ref>")
def one(ref: str) -> str | Answer:
    with services().database.reading() as session:
        found = papers_store.paper_by_ref(session, ref[:LONGEST_REF])
    return _unknown(_("It is not among the stored papers.")) if found is None else _page(found)


def _act(name: str, do: Callable[[Paper], str]) -> None:
    """Adds the button ``name`` of a paper's page: ``do`` gives what the note of the act says beside the paper."""

    @least(Role.EDITOR)
    def acted() -> Answer | tuple[str, int]:
        with services().database.reading() as session:
            found = papers_store.paper_by_ref(session, request.form.get("ref", "")[:LONGEST_REF])
        if found is None:
            return _unknown(_("It is not among the stored papers."))
        try:
            about(words=f"{found.ref} {do(found)}"[:200])
        except InputError as error:
            return _page(found, _(str(error))), 400
        return redirect(_address(found.ref), code=303)

    pages.add_url_rule(f"/{name}", endpoint=name, view_func=acted, methods=["POST"])


def _text_asked() -> tuple[str, Field]:
    field = request.form.get("field", "")
    if field not in list(Field):
        raise InputError(_("Say which text is meant."))
    return request.form.get("language", "")[:20], Field(field)


def _mark(found: Paper) -> str:
    topic, word = request.form.get("topic", "")[:64], request.form.get("mark", "")
    if word not in MARKS:
        raise InputError(_("Say whether it is wrong or missing there."))
    topic_marks.mark(services(), found.ref, topic, is_right=MARKS[word], who=operator().name, now=clock())
    return f"{word} {topic}"


def _reject(found: Paper) -> str:
    language, field = _text_asked()
    translations.reject(services(), found.ref, languages=[language], fields=[field], now=clock())
    return f"{language} {field}"


def _translate(found: Paper) -> str:
    language, field = _text_asked()
    _needed, accepted = translations.translate_again(services(), found.ref, languages=[language], fields=[field], now=clock())
    if not accepted:
        raise InputError(_("No engine gave a text that passes the gate: the last answer and the reasons stand below."))
    return f"{language} {field}"


def _write(found: Paper) -> str:
    language, field = _text_asked()
    text = request.form.get("text", "")[:LONGEST_TEXT]
    translations.write_by_hand(services(), found.ref, language=language, field=field, text=text, now=clock())
    return f"{language} {field}"


_act("mark", _mark)
_act("reject", _reject)
_act("translate", _translate)
_act("write", _write)


def _address(ref: str) -> str:
    return f"/admin/papers/of/{quote(ref)}"


def _unknown(words: str) -> Answer:
    return errors.page(404, errors.Words(_("No such paper"), words))


def _topics() -> dict[str, str]:
    return {one.slug: one.name(page_language().code) for one in services().catalogue.topics if not is_heading(one)}


def _page(found: Paper, problem: str = "") -> str:
    the = services()
    with the.database.reading() as session:
        matches = papers_store.matches_of(session, [found.id]).get(found.id, [])
        marks = marks_store.marks_of(session, [found.ref]).get(found.ref, {})
    return render_template(
        "admin/paper.html",
        paper=found,
        problem=problem,
        matches=[match for match in matches if not match.topic.startswith("q:")],
        marks=marks,
        names=_topics(),
        texts=translations.show(the, found.ref, languages=languages_read()) if languages_read() else [],
        field_names=FIELDS,
    )
