"""The page of a topic: its newest papers, how many come a week, the topics beside it, and the way to have it by mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template
from sqlalchemy.orm import Session

from newsletter.papers.store.days import papers_a_week
from newsletter.values.digests import Entry
from newsletter.values.topics import Topic
from newsletter.web.page_context import clock, paper_language, services
from newsletter.web.public.archive import entries_of, newest_of, topic_of

pages = Blueprint("topic_pages", __name__)

TOPIC_PAPERS = 30
WEEKS = 13
# The chart in units of its drawing: a bar with the gap after it, and the height of the highest.
BAR, GAP, HEIGHT = 16, 4, 48


@dataclass(frozen=True, slots=True)
class Bar:
    """A week from its Monday on: how many papers, and its place and height in the drawing."""

    week: dt.date
    count: int
    x: int
    height: int


@pages.get("/topics/<slug>")
def topic(slug: str) -> str:
    the, found = services(), topic_of(slug)
    with the.database.reading() as session:
        entries = entries_of(session, newest_of(session, found, most=TOPIC_PAPERS), topic=found, tldr=True)
    by_day: dict[dt.date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.paper.announced_on, []).append(entry)
    weekly: Mapping[str, Mapping[dt.date, int]] = current_app.extensions["papers_a_week"].value(the.database)
    return render_template(
        "topic.html",
        topic=found,
        can_be_chosen=found.slug in the.offered,
        by_day=by_day,
        bars=bars(weekly.get(found.slug, {}), today=clock().date()),
        beside=beside(found, [*the.topics.values()]),
        language=paper_language(),
    )


def counted_by_week(session: Session) -> dict[str, dict[dt.date, int]]:
    """The papers of all topics in the weeks that the chart shows."""
    return papers_a_week(session, weeks=WEEKS, until=clock().date())


def beside(topic: Topic, topics: Sequence[Topic]) -> list[Topic]:
    """The topics under the same upper entry, that entry itself, and those under this one."""
    upper = topic.parent or topic.slug
    return [one for one in topics if upper in (one.slug, one.parent) and one.slug != topic.slug]


def bars(counts: Mapping[dt.date, int], *, today: dt.date) -> list[Bar]:
    """The weeks up to that of ``today``, the oldest first; empty where none of them has a paper."""
    monday = today - dt.timedelta(days=today.weekday())
    weeks = [monday - dt.timedelta(weeks=back) for back in reversed(range(WEEKS))]
    most = max((counts.get(week, 0) for week in weeks), default=0)
    if not most:
        return []
    found = [(week, counts.get(week, 0)) for week in weeks]
    return [
        Bar(week, count, place * (BAR + GAP), max(1, round(HEIGHT * count / most))) for place, (week, count) in enumerate(found)
    ]
