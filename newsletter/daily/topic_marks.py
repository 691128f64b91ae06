"""Marks: an operator says that a paper is wrong or missing under a topic. It counts for that paper at once, and is learned from.

A mark is no vote: what readers hold for off topic changes nothing by itself, until an operator marks it. `newsletter topics
train` learns from all marks (``daily/learn_topics.py``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily.match import brought_up_to_date, match_papers
from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import topic_marks as marks_store
from newsletter.text.identifiers import parse_any_ref
from newsletter.topics.catalogue import is_heading
from newsletter.topics.categories import category_topics
from newsletter.values.papers import Paper
from newsletter.values.topics import TopicMark

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def mark(services: Services, ref: str, topic: str, *, is_right: bool | None, who: str, now: dt.datetime) -> Paper:
    """Marks a stored paper as missing under ``topic`` (``is_right``) or as wrong there; None takes the mark back.

    From now on the paper stands under the topic, or does not, on pages and in digests that are not written yet. ``who`` is the
    operator's name. Gives the paper. Raises InputError for a paper that is not stored, for what is no topic of the catalogue, and
    where there is no mark to take back; then nothing has changed.
    """
    with services.database.transaction() as session:
        return _mark(services, session, ref, topic, is_right=is_right, who=who, now=now)


def mark_all(services: Services, given: Iterable[tuple[str, str, bool]], *, who: str, now: dt.datetime) -> int:
    """Marks all of (ref, topic, whether it is right there), or where one is at fault none; gives how many. Raises as ``mark``."""
    with services.database.transaction() as session:
        return len([_mark(services, session, *pair, is_right=right, who=who, now=now) for *pair, right in given])


def marks(services: Services) -> list[TopicMark]:
    """All marks, the newest first."""
    with services.database.reading() as session:
        return marks_store.marks(session)


def _mark(
    services: Services, session: Session, ref: str, topic: str, *, is_right: bool | None, who: str, now: dt.datetime
) -> Paper:
    take_numbers(session, "paper", 0)  # the lock: whoever stores or matches the paper meanwhile sees the mark
    paper = stored_paper(session, ref)
    entry = services.catalogue.by_slug.get(topic)
    if is_right is None:
        if not marks_store.take_back(session, paper.id, topic):
            raise InputError(f"{paper.ref} has no mark under {topic!r}: `newsletter topics marks` lists them")
    elif entry is None and topic in category_topics():
        raise InputError(f"{topic} is a category: under it are the papers that their server lists there")
    elif entry is None:
        raise InputError(f"there is no topic {topic!r}: `newsletter topics list` shows the slugs")
    elif is_heading(entry):
        raise InputError(f"{topic!r} is a heading, which no paper is matched to: name one of the topics under it")
    else:
        marks_store.keep(session, paper.id, topic, is_right=is_right, who=who, now=now)
    found = brought_up_to_date(services, session, match_papers(services, [paper]))
    papers_store.replace_matches(session, {one.id: matches for one, matches in found})
    return paper


def stored_paper(session: Session, text: str) -> Paper:
    """The stored paper that ``text`` (an id or a link) names. Raises InputError for none."""
    found = papers_store.paper_by_ref(session, text)
    if found is None:
        ref, _ = parse_any_ref(text)
        found = papers_store.paper_by_ref(session, ref)
    if found is None:
        raise InputError(f"{text} is not among the stored papers: fetch its days first (newsletter fetch --since DATE)")
    return found
