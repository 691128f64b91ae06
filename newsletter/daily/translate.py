"""Translating what readers' next mails hold, once for a paper and language, however many subscribers there are.

May run at any time, twice at once, and after any crash: what was saved stays. It plans and sends nothing.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as collection_store
from newsletter.daily.select import expected_papers
from newsletter.daily.weekend import expected_at_weekend
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.mail.store import waiting as waiting_store
from newsletter.operating.state import ENGINE_PROBLEMS
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.subscribers.store import readers as readers_store
from newsletter.translation.store import refusals
from newsletter.translation.store import translations as translation_store
from newsletter.translation.store import usage as usage_store
from newsletter.values.batches import batches

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.translation.translator import Estimate, Translator

log = structlog.get_logger(__name__)

SAVE_BATCH = 40
# So many texts of the collection are translated in one run: no mail waits for them, and an import brings hundreds.
MOST_OF_COLLECTION = 60
# Where mails wait for the run, engines that answer nothing for so many seconds are not waited for any longer.
SIGN_OF_LIFE = 12.0


@dataclass(frozen=True, slots=True)
class TranslateReport:
    """``needed`` texts lacked a translation, ``accepted`` were saved; ``estimate`` says by engine what they cost or would.

    ``problems`` are the engines' own words, by engine, where texts stayed in the original; ``by_language`` is the estimate
    of each.
    """

    needed: int
    accepted: int
    estimate: Mapping[str, Estimate] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    by_language: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)


def translate(
    services: Services,
    *,
    now: dt.datetime,
    patience: float | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _needed: None,
) -> TranslateReport:
    """Translates what confirmed readers' next digests hold, the most widely read papers first, then some of the collection's.

    ``patience`` is in seconds from now; where one is given and no engine says anything for 12 seconds, the run ends. Accepted
    results are saved as they come, so that a crash loses a few at most; ``progress`` is told how many of how many are. The
    digests that waited for it are due then, and senders are woken.
    """
    translator = services.translator
    with services.database.reading() as session:
        pairs = expected_readers(services, session, now=now)
        versions = translator.version if translator.engines else None
        needs = translation_store.needed(session, [pair for pair, _ in pairs.most_common()], versions=versions)
        collected = _collection_pairs(session, but=pairs)
        needs = [*needs, *translation_store.needed(session, collected, versions=versions)[:MOST_OF_COLLECTION]]
    if dry_run:
        return TranslateReport(len(needs), 0, translator.estimate(needs), by_language=_by_language(translator, needs))
    deadline, sign_of_life = (None, None) if patience is None else (time.monotonic() + patience, SIGN_OF_LIFE)
    saved, counted = 0, Counter[tuple[str, str]]()
    progress(0, len(needs))
    # A paper may have gone meanwhile, as the samples do when real ones are fetched.
    for batch in batches(translator.run(needs, deadline=deadline, sign_of_life=sign_of_life), SAVE_BATCH):
        with services.database.transaction() as session:
            there = papers_store.papers_by_ids(session, {one.paper_id for one in batch})
            accepted = [one for one in batch if one.paper_id in there]
            saved += translation_store.save(session, accepted, now=now)
            refusals.forget(session, accepted)
            _keep_refusals(services, session, now=now)
            counted = _note_usage(services, session, counted, now=now)
        progress(saved, len(needs))
    problems = translator.report.problems if saved < len(needs) else {}
    with services.database.transaction() as session:
        _note_usage(services, session, counted, now=now)
        _keep_refusals(services, session, now=now)
        ENGINE_PROBLEMS.write(session, problems, now=now)
        waiting_store.bring_forward(session, now=now)
    index_new(services.database)
    services.queues.wake_senders()
    log.info("translated", needed=len(needs), accepted=saved, problems=problems)
    return TranslateReport(len(needs), saved, problems=problems)


def _collection_pairs(session: Session, *, but: Container[tuple[int, str]]) -> list[tuple[int, str]]:
    """The stored papers of the collection in each language that is read, as (paper id, language), the newest entry first.

    The pairs of ``but`` are left out.
    """
    papers = papers_store.papers_by_refs(session, refs) if (refs := collection_store.paper_refs(session)) else {}
    languages = [code for code in readers_store.languages_in_use(session) if code != SOURCE_LANGUAGE] if papers else []
    pairs = ((papers[ref].id, language) for ref in refs if ref in papers for language in languages)
    return [pair for pair in pairs if pair not in but]


def _by_language(translator: Translator, needs: list[translation_store.Need]) -> dict[str, Mapping[str, Estimate]]:
    languages = sorted({need.language for need in needs})
    return {code: translator.estimate([need for need in needs if need.language == code]) for code in languages}


def _keep_refusals(services: Services, session: Session, *, now: dt.datetime) -> None:
    """Keeps why texts stay in the original; those of papers that have gone meanwhile are dropped."""
    found = services.translator.take_refusals()
    there = papers_store.papers_by_ids(session, {one.paper_id for one in found})
    refusals.save(session, [one for one in found if one.paper_id in there], now=now)


def _note_usage(
    services: Services, session: Session, counted: Counter[tuple[str, str]], *, now: dt.datetime
) -> Counter[tuple[str, str]]:
    """Keeps what the engines were asked since ``counted``; gives the counts up to here."""
    counts = services.translator.report.counts() if services.translator.engines else Counter[tuple[str, str]]()
    usage_store.add(session, counts - counted, day=now.date())
    return counts


def expected_readers(services: Services, session: Session, *, now: dt.datetime) -> Counter[tuple[int, str]]:
    """How many readers are expected for each (paper id, language) in their next mails; readers of the original are left out."""
    readers = [reader for reader in readers_store.readers(session, on=now.date()) if reader.language != SOURCE_LANGUAGE]
    return expected_papers(services, session, readers, now=now) + expected_at_weekend(services, session, now=now)
