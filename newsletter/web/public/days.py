"""A day of the archive: its papers by topic group, the best of each first; narrowed by what the address asks for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import ids_of_day, papers_of_day, scores_of_day
from newsletter.papers.store.filters import conditions, with_venue
from newsletter.values.digests import Entry
from newsletter.values.paper_filter import PaperFilter
from newsletter.values.topics import Topic
from newsletter.web.page_context import paper_language, services
from newsletter.web.public.archive import PAPERS_A_PAGE, Slice, cut, entries_of, parse_day
from newsletter.web.public.paper_filters import asked_filter, asked_topic, kept_fields

pages = Blueprint("days", __name__)

NO_TOPIC = (0.0, "")


@dataclass(frozen=True, slots=True)
class Part:
    """A group of topics (None: papers under no topic) on a page of a day: how many papers there are, and those shown here."""

    group: Topic | None
    count: int
    entries: Sequence[Entry]


@pages.get("/archive/<date>")
def day(date: str) -> str:
    the, wanted, asked = services(), parse_day(date), asked_filter()
    with the.database.reading() as session:
        of_day = papers_of_day(session, wanted)
        if not of_day:
            abort(404)
        scores = scores_of_day(session, wanted, of_day)
        found = _narrowed(session, wanted, asked) if asked.is_any else list(of_day)
        groups = in_groups(found, scores, [*the.topics.values()])
        is_overview = len(found) > PAPERS_A_PAGE and not asked.topics and "page" not in request.args
        ordered = [paper_id for _, members in groups for paper_id in members]
        shown = Slice(best_of(groups), 1, 1) if is_overview else cut(ordered)
        parts = _parts(session, groups, shown.ids)
    fields = kept_fields()
    return render_template(
        "day.html",
        day=wanted,
        topic=asked_topic(),
        asked=asked,
        total=len(of_day),
        found=len(found),
        parts=parts,
        slice=shown,
        is_overview=is_overview,
        topics=_topics_of_day(scores),
        categories=sorted(Counter(name for name in of_day.values() if name).items()),
        address=f"/archive/{wanted.isoformat()}?{urlencode([('language', paper_language()), *fields])}",
        language=paper_language(),
    )


def _narrowed(session: Session, day: dt.date, asked: PaperFilter) -> list[int]:
    found = ids_of_day(session, day, conditions=conditions(session, asked))
    return with_venue(session, found) if asked.venue else found


def in_groups(
    ids: Iterable[int], scores: Mapping[int, Mapping[str, float]], topics: Sequence[Topic]
) -> list[tuple[Topic | None, list[int]]]:
    """The papers by the upper entry over their best topic, in the catalogue's order and the best first.

    What is under no topic of it stands under the archive of its category, and what is under none at all comes last.
    """
    places = {topic.slug: place for place, topic in enumerate(topics)}
    by_slug = {topic.slug: topic for topic in topics}
    best = {paper_id: best_topic(found, places) for paper_id, found in scores.items()}
    groups: dict[str, list[int]] = {}
    for paper_id in sorted(ids, key=lambda one: -best.get(one, NO_TOPIC)[0]):
        _, slug = best.get(paper_id, NO_TOPIC)
        groups.setdefault((by_slug[slug].parent or slug) if slug else "", []).append(paper_id)
    ordered = sorted(groups, key=lambda slug: places.get(slug, len(places)))
    return [(by_slug.get(slug), groups[slug]) for slug in ordered]


def best_topic(scores: Mapping[str, float], places: Mapping[str, int]) -> tuple[float, str]:
    """The highest score of a topic that has a place, and its slug; of two the later, narrower one: children follow parents."""
    known = [(score, places[slug], slug) for slug, score in scores.items() if slug in places]
    score, _, slug = max(known, default=(0.0, 0, ""))
    return score, slug


def best_of(groups: Sequence[tuple[Topic | None, Sequence[int]]]) -> list[int]:
    """The best papers of each group, as many of each as fit on a page."""
    named = [members for group, members in groups if group is not None] or [members for _, members in groups]
    each = max(1, PAPERS_A_PAGE // len(named))
    return [paper_id for members in named for paper_id in members[:each]][:PAPERS_A_PAGE]


def _parts(session: Session, groups: Sequence[tuple[Topic | None, Sequence[int]]], shown: Sequence[int]) -> list[Part]:
    papers = papers_store.papers_by_ids(session, shown)
    entries = {entry.paper.id: entry for entry in entries_of(session, [papers[one] for one in shown if one in papers], tldr=True)}
    parts = [Part(group, len(members), [entries[one] for one in members if one in entries]) for group, members in groups]
    return [part for part in parts if part.entries]


def _topics_of_day(scores: Mapping[int, Mapping[str, float]]) -> list[tuple[Topic, int]]:
    """The topics that papers of the day are under, each with how many; an upper entry counts what is under those below it."""
    topics = services().catalogue.topics
    parents = {topic.slug: topic.parent for topic in topics}
    counts: Counter[str] = Counter()
    for found in scores.values():
        counts.update({one for slug in found if slug in parents for one in (slug, parents[slug]) if one})
    return [(topic, counts[topic.slug]) for topic in topics if counts[topic.slug]]
