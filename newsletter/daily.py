"""The day's story up to the reader: fetch, enrich, match, store; translate. ``planning`` and ``sending`` go on from there.

Everything here is done once for a paper, however many subscribers there are. Every step may run at any time, twice at once,
and after any crash; what is done stays done.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.batching import batches
from newsletter.enriching import enrich
from newsletter.fetching import FetchReport, fetch
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.mail import store as mail_store
from newsletter.papers import store as papers_store
from newsletter.planning import WELCOME_PRIORITY, expected_papers
from newsletter.subscribers import store as subscribers_store
from newsletter.translation import store as translation_store

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

__all__ = ["FetchReport", "TranslateReport", "enrich", "expected_readers", "fetch", "translate"]

log = structlog.get_logger(__name__)

SAVE_BATCH = 40


@dataclass(frozen=True, slots=True)
class TranslateReport:
    """``needed`` texts lacked a translation, ``accepted`` were saved; ``characters`` is the length of the needed ones."""

    needed: int
    accepted: int
    characters: int


def translate(services: Services, *, now: dt.datetime, patience: float | None = None, dry_run: bool = False) -> TranslateReport:
    """Translates what confirmed readers' next digests hold, the most widely read papers first; each text once for all.

    ``patience`` is in seconds from now. Accepted results are saved as they come, so that a crash loses a few at most.
    """
    with services.database.reading() as session:
        pairs = expected_readers(services, session, now=now)
        needs = translation_store.needed(session, [pair for pair, _ in pairs.most_common()])
    characters = sum(len(need.text) for need in needs)
    if dry_run:
        return TranslateReport(len(needs), 0, characters)
    deadline = None if patience is None else time.monotonic() + patience
    saved = 0
    for batch in batches(services.translator.run(needs, deadline=deadline), SAVE_BATCH):
        with services.database.transaction() as session:
            there = papers_store.papers_by_ids(session, {one.paper_id for one in batch})
            saved += translation_store.save(session, [one for one in batch if one.paper_id in there], now=now)
    with services.database.transaction() as session:
        mail_store.bring_forward(session, priority=WELCOME_PRIORITY, now=now)
    log.info("translated", needed=len(needs), accepted=saved)
    return TranslateReport(len(needs), saved, characters)


def expected_readers(services: Services, session: Session, *, now: dt.datetime) -> Counter[tuple[int, str]]:
    """How many readers are expected for each (paper id, language); readers of the original are left out."""
    readers = [reader for reader in subscribers_store.readers(session, on=now.date()) if reader.language != SOURCE_LANGUAGE]
    return expected_papers(services, session, readers, now=now)
