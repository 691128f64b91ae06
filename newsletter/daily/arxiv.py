"""arXiv's papers from its two sources: the announcement feeds say what is new today and on which day, the query API has full
records and what the feeds missed. A paper that both name is stored once.

The feeds are asked first, so that a paper stands under its exact day as soon as readers can see it. What they name is taken out
of the API's answers and stored in the transaction that remembers the feeds: after a crash in between they name it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.operating import state
from newsletter.papers import alarms
from newsletter.papers.alarms import LATE
from newsletter.papers.announcements import AnnounceType, Batch, Listed, decide, new_version_of, paper_of, pending
from newsletter.papers.arxiv.feed_polling import Survey, survey
from newsletter.papers.calendar import announced_at, announces_on, last_announcement
from newsletter.papers.store import feed_batches as announced_store
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the feeds showed, what they had shown before, and the refs of the papers that they name (not of new versions)."""

    survey: Survey
    batches: Mapping[str, Batch]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be stored together: papers in order, exact days of stored ones by ref, and what the feeds showed.

    ``crossed`` are the days of cross-listed ones, exact for those that this very fetch (``begun``) stored: an older one may have
    been announced elsewhere before. ``only_feeds`` counts the papers that are new and that the query API did not give.
    """

    papers: tuple[Paper, ...]
    exact: Mapping[str, dt.date]
    crossed: Mapping[str, dt.date]
    begun: dt.datetime
    batches: tuple[Batch, ...]
    only_feeds: int


NOTHING_ASKED = Asked(Survey({}, frozenset(), 0), {}, frozenset())


def ask_feeds(services: Services, categories: Sequence[str], *, now: dt.datetime, attempts: int, routine: bool) -> Asked:
    """Asks the feeds of those of ``categories`` that have not brought the newest announcement; nothing where the feeds are off.

    Where all have, a routine fetch asks none and another one asks them again.
    """
    source = services.feeds(attempts=attempts)
    if source is None:
        return NOTHING_ASKED
    with services.database.reading() as session:
        batches = announced_store.batches(session)
    waiting = pending(batches, categories, now=now)
    if not waiting and not routine:
        waiting = list(categories)
    try:
        found = survey(source, batches, waiting)
    finally:
        source.close()
    named = {item.ref for shown in found.shown.values() for item in shown.items if item.brings_a_paper}
    return Asked(found, batches, frozenset(named))


def api_is_due(services: Services, asked: Asked, *, now: dt.datetime) -> bool:
    """Whether a routine fetch asks the query API: after each announcement, and where the feeds are off, late or failing.

    So an ordinary day takes one request for each category, a few polls, and one walk through the API's pages.
    """
    if not services.settings.arxiv_feed_url or asked.survey.turned:
        return True
    with services.database.reading() as session:
        listed = state.ARXIV_READ_AT.read(session)
    if listed is None:
        return True
    announced = announced_at(last_announcement(now))
    if listed >= announced:
        return bool(asked.survey.problems) and now - listed >= LATE
    return not asked.survey.unchanged or now - announced >= LATE


def settle(services: Services, asked: Asked, held: Mapping[str, Paper], *, now: dt.datetime) -> Settled:
    """What the feeds and the API's records of the papers that they name (``held``, by ref) come to together."""
    shown = asked.survey.shown
    with services.database.reading() as session:
        known = papers_store.papers_by_refs(session, {item.ref for feed in shown.values() for item in feed.items})
    submitted = {ref: paper.submitted for ref, paper in (known | dict(held)).items()}
    decision = decide(shown, asked.batches, submitted=submitted, now=now)
    fresh = {ref: listed for ref, listed in decision.listed.items() if ref not in known}
    papers = dict(held) | {ref: _on_its_day(listed, held.get(ref)) for ref, listed in fresh.items()}
    newer = [new_version_of(known[ref], item, now=now) for ref, item in decision.replaced.items() if ref in known]
    together = [*papers.values(), *filter(None, newer)]
    together.sort(key=lambda paper: (paper.announced_on, paper.submitted, paper.ref))
    exact, crossed = decision.days(AnnounceType.NEW), decision.days(AnnounceType.CROSS)
    return Settled(tuple(together), exact, crossed, now, decision.batches, len(fresh.keys() - held.keys()))


def _on_its_day(listed: Listed, record: Paper | None) -> Paper:
    """The paper under the exact day: as the API's ``record`` has it, where there is one, for a feed tells less of a paper."""
    return replace(record, announced_on=listed.day, announced_estimated=False) if record else paper_of(listed)


def remember(session: Session, settled: Settled) -> int:
    """Makes days exact and keeps what the feeds showed, in the transaction that stores the papers; gives the days moved."""
    announced_store.remember(session, settled.batches)
    moved = announced_store.make_exact(session, settled.exact)
    return moved + announced_store.make_exact(session, settled.crossed, stored_since=settled.begun)


def differences(services: Services, asked: Asked, settled: Settled, *, moved: int, now: dt.datetime) -> list[str]:
    """How the roads differ on the newest announcement, in lines for the operator; after the papers are stored."""
    if not asked.survey.turned:
        return []
    newest = last_announcement(now)
    with services.database.reading() as session:
        only_api = announced_store.count_estimated(session, newest)
    log.info("roads", named=len(asked.named), only_feeds=settled.only_feeds, only_api=only_api, moved=moved)
    if not (settled.only_feeds or only_api or moved):
        return [f"the feeds and the query API agree on {newest}"]
    named = f"the feeds name {len(asked.named)} papers, {settled.only_feeds} of them unknown to the query API"
    return [f"{named}; the API has {only_api} more of {newest}; {moved} estimated days put right"]


def silence(services: Services, *, now: dt.datetime) -> list[str]:
    """A line for a day without announcement, an alarm for one that brings nothing or far less than usual; else none."""
    with services.database.reading() as session:
        missing = alarms.missing(session, now=now, after=dt.timedelta())
        found = [alarm for alarm in (missing, alarms.small(session, now=now)) if alarm]
    for alarm in found:
        log.warning(alarm.kind, words=alarm.words)
    quiet = [] if missing or announces_on(now.date()) else ["arXiv announced nothing today (weekend or holiday)"]
    return quiet + [alarm.words for alarm in found]
