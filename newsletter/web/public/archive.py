"""The archive: a page a day and a page a topic; each in the visitor's language with the original beside.

``?language=`` chooses the language of the papers, which is the page's own one where nothing is chosen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from newsletter.digests.composition import compose_entries
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers, ids_of_day, ids_of_topic, topics_of_day
from newsletter.topics.categories import slug_of
from newsletter.translation.store import translations as translation_store
from newsletter.values.digests import Entry
from newsletter.values.papers import Paper
from newsletter.values.topics import Topic
from newsletter.web.page_context import page_number, paper_language, services

pages = Blueprint("archive", __name__)

DAYS = 60
# Forty titles with the beginnings of their abstracts stay well under 100 kB in two languages.
PAPERS_A_PAGE = 40
TOPIC_PAPERS = 40


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a longer list; ``number`` counts from 1, ``count`` is how many pages there are (at least 1)."""

    ids: Sequence[int]
    number: int
    count: int


@pages.get("/archive")
def days() -> str:
    with services().database.reading() as session:
        found = days_with_papers(session, limit=DAYS)
    return render_template("archive.html", days=found)


@pages.get("/archive/<date>")
def day(date: str) -> str:
    the, wanted = services(), parse_day(date)
    topic = topic_of(request.args["topic"]) if request.args.get("topic") else None
    with the.database.reading() as session:
        ids = ids_of_day(session, wanted)
        if not ids:
            abort(404)
        counts = topics_of_day(session, wanted)
        shown = cut(ids if topic is None else ids_of_day(session, wanted, topic=topic.slug))
        papers = papers_store.papers_by_ids(session, shown.ids)
        entries = entries_of(session, [papers[paper_id] for paper_id in shown.ids if paper_id in papers], topic=topic)
    return render_template(
        "day.html",
        day=wanted,
        topic=topic,
        total=len(ids),
        entries=entries,
        slice=shown,
        counts=[(t, counts[t.slug]) for t in the.catalogue.topics if t.slug in counts],
        language=paper_language(),
    )


@pages.get("/topics/<slug>")
def topic(slug: str) -> str:
    found = topic_of(slug)
    with services().database.reading() as session:
        papers = newest_of(session, found, most=TOPIC_PAPERS)
        entries = entries_of(session, papers, topic=found)
    by_day: dict[dt.date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.paper.announced_on, []).append(entry)
    return render_template("topic.html", topic=found, by_day=by_day, language=paper_language())


def newest_of(session: Session, topic: Topic, *, most: int) -> list[Paper]:
    """Up to ``most`` papers of ``topic``, newest day first."""
    ids = ids_of_topic(session, topic.slug, most=most)
    papers = papers_store.papers_by_ids(session, ids)
    return [papers[paper_id] for paper_id in ids if paper_id in papers]


def entries_of(
    session: Session, papers: Sequence[Paper], *, topic: Topic | None = None, language: str = "", tldr: bool = False
) -> list[Entry]:
    """``papers`` as they read in ``language``, else in the one chosen for papers; most pages show no TL;DR."""
    ids, code = [paper.id for paper in papers], language or paper_language()
    return compose_entries(
        papers,
        language=code,
        translations=translation_store.translations(session, ids, code),
        matches=papers_store.matches_of(session, ids),
        # Of a paper's categories only the one is named that the page is about.
        topics={**services().catalogue.by_slug, topic.slug: topic} if topic else services().catalogue.by_slug,
        topic=topic.slug if topic else "",
        tldr=tldr,
    )


def parse_day(text: str) -> dt.date:
    """The day of an address, ``2026-06-26``; anything else is no page."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        abort(404)
    if found.isoformat() != text:
        abort(404)
    return found


def topic_of(slug: str) -> Topic:
    """The topic, or the category in any case, of an address; anything else is no page."""
    known = services().topics
    found = known.get(slug) or known.get(slug_of(slug))
    if found is None:
        abort(404)
    return found


def cut(ids: Sequence[int]) -> Slice:
    """The page of ``ids`` that ``?page=`` asks for, the nearest one where there is no such page."""
    count = max(1, -(-len(ids) // PAPERS_A_PAGE))
    number = page_number(count)
    return Slice(ids[(number - 1) * PAPERS_A_PAGE : number * PAPERS_A_PAGE], number, count)
