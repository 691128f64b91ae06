"""Asking the feeds: which of them, in which order, and when to stop. What they say together is decided in ``announcements``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from newsletter.errors import NewsletterError
from newsletter.http.session import UnreachableError
from newsletter.papers.announcements import PROBES, Batch, Shown, has_turned
from newsletter.papers.arxiv.feeds import MOST_ROWS

# So many categories that fail one after the other in spite of new attempts are an outage: the others would fail too.
MOST_FAILURES = 3

log = structlog.get_logger(__name__)


class AsksFeeds(Protocol):
    """Where feeds come from: ``feeds.FeedSource``."""

    def ask(self, category: str, *, etag: str = "") -> Shown | None: ...


@dataclass(frozen=True, slots=True)
class Survey:
    """What was asked: ``shown`` by category where an answer came, ``turned`` those with a new announcement.

    ``unchanged`` counts the categories that still show the last one (or nothing); ``problems`` and ``notes`` are one line each.
    """

    shown: Mapping[str, Shown]
    turned: frozenset[str]
    unchanged: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def survey(
    source: AsksFeeds,
    batches: Mapping[str, Batch],
    categories: Sequence[str],
    *,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Survey:
    """Asks the feeds of ``categories`` in this order; ``tell`` hears how many of how many are asked.

    Where none of the first ones shows a new announcement the rest is not asked: the newest batch is not out yet.
    """
    shown: dict[str, Shown] = {}
    turned: set[str] = set()
    problems: list[str] = []
    notes: list[str] = []
    failed = answered = 0
    for place, category in enumerate(categories):
        if place == PROBES and not turned:
            break
        tell(place, len(categories))
        last = batches.get(category) or Batch(category)
        try:
            answer = source.ask(category, etag=last.etag)
        except NewsletterError as error:
            problems.append(f"feed of {category}: {error}")
            failed += 1
            if isinstance(error, UnreachableError) or failed >= MOST_FAILURES:
                break
            continue
        failed = 0  # only failures in a row are an outage
        answered += 1
        if answer is None:
            continue
        shown[category] = answer
        notes += _cut_off(category, answer)
        if has_turned(last, answer.items):
            turned.add(category)
    unchanged = answered - len(turned)
    log.info("feeds_asked", turned=len(turned), unchanged=unchanged, problems=len(problems))
    return Survey(shown, frozenset(turned), unchanged, tuple(problems), tuple(notes))


def _cut_off(category: str, shown: Shown) -> list[str]:
    if len(shown.items) < MOST_ROWS:
        return []
    return [f"feed of {category}: it ends at {len(shown.items)} papers, where arXiv cuts it; the query API has the rest"]
