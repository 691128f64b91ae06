"""The archive: its calendar and topics, and what pages of papers share: each in the visitor's language with the original beside.

``?language=`` chooses the language of the papers, which is the page's own one where nothing is chosen. Filters stand in the
address: ``topic``, ``category``, ``code=1``, ``venue=1``, ``translated=1``.
"""

from __future__ import annotations

import datetime as dt
from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, render_template, request
from sqlalchemy.orm import Session

from newsletter.digests.composition import compose_entries
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers, ids_of_topic
from newsletter.topics.categories import slug_of
from newsletter.translation.store import translations as translation_store
from newsletter.values.digests import Entry
from newsletter.values.papers import Paper
from newsletter.values.topics import Match, Topic
from newsletter.web.cached_counts import KeptForPapers
from newsletter.web.page_context import page_number, paper_language, papers_a_day, search_windows, services, week

pages = Blueprint("archive", __name__)

# Days or months, the newest first, with how many papers each has.
Counts = Sequence[tuple[dt.date, int]]
# Days that stand below the calendar, for who wants the newest.
LATEST = 7
# Thirty cards with long titles in two languages stay well under 100 kB.
PAPERS_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a longer list; ``number`` counts from 1, ``count`` is how many pages there are (at least 1)."""

    ids: Sequence[int]
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: its first day, its papers, its weeks of (day, papers), None for a day of another month.

    ``before`` and ``after`` are the nearest months that have papers, None where there is none.
    """

    first: dt.date
    count: int
    weeks: Sequence[Sequence[tuple[dt.date | None, int]]]
    before: dt.date | None
    after: dt.date | None


@pages.get("/archive")
def calendar() -> str:
    kept: KeptForPapers[tuple[Counts, Counts]] = current_app.extensions["days"]
    with services().database.reading() as session:
        found, months = kept.value(session, _counted_days)
    asked = next((first for first, _ in months if f"{first:%Y-%m}" == request.args.get("month")), None)
    first = asked or next((first for first, _ in months), None)
    return render_template(
        "archive.html",
        months=months,
        month=month_of(first, dict(found), months, first_weekday=int(week()[0][0])) if first else None,
        newest=months[0][0] if months else None,
        latest=found[:LATEST] if first and first == months[0][0] else [],
        tree=services().catalogue.tree(),
        daily=papers_a_day(),
    )


def _counted_days(session: Session) -> tuple[Counts, Counts]:
    """The days that papers stand under and their months: to count many papers takes tens of milliseconds."""
    found = days_with_papers(session)
    return found, by_month(found)


def by_month(days: Counts) -> list[tuple[dt.date, int]]:
    """The months of ``days`` by their first day, in their order, with the count of papers."""
    counts: dict[dt.date, int] = {}
    for day, count in days:
        first = day.replace(day=1)
        counts[first] = counts.get(first, 0) + count
    return list(counts.items())


def month_of(first: dt.date, days: Mapping[dt.date, int], months: Counts, *, first_weekday: int) -> Month:
    """The month that begins with ``first``, one of ``months``, the newest first; weeks from ``first_weekday`` on (0: Monday)."""
    firsts = [one for one, _ in months]
    place = firsts.index(first)
    weeks = [
        [(day, days.get(day, 0)) if day.month == first.month else (None, 0) for day in week_of_days]
        for week_of_days in Calendar(first_weekday).monthdatescalendar(first.year, first.month)
    ]
    after = firsts[place - 1] if place else None
    return Month(first, months[place][1], weeks, next(iter(firsts[place + 1 :]), None), after)


def newest_of(session: Session, topic: Topic, *, most: int) -> list[Paper]:
    """Up to ``most`` papers of ``topic``, newest day first."""
    ids = ids_of_topic(session, topic.slug, most=most, among=[window.since for window in search_windows(session)])
    papers = papers_store.papers_by_ids(session, ids)
    return [papers[paper_id] for paper_id in ids if paper_id in papers]


def entries_of(
    session: Session,
    papers: Sequence[Paper],
    *,
    topic: Topic | None = None,
    language: str = "",
    tldr: bool = False,
    matches: Mapping[int, Sequence[Match]] | None = None,
) -> list[Entry]:
    """``papers`` as they read in ``language``, else in the one chosen for papers; most pages show no TL;DR.

    Their ``matches`` are read where they are not given, as by who shows no topics.
    """
    ids, code = [paper.id for paper in papers], language or paper_language()
    return compose_entries(
        papers,
        language=code,
        translations=translation_store.translations(session, ids, code),
        matches=papers_store.matches_of(session, ids) if matches is None else matches,
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
