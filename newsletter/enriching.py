"""Enriching stored papers with what outside services know of them: links to code, projects and data. Nothing waits for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from newsletter.papers.codelinks import MOST_CALLS, WINDOW_SECONDS, CodeLinks
from newsletter.papers.lookups import store as lookups_store
from newsletter.planning import expected_papers
from newsletter.subscribers import store as subscribers_store

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# So long at most a fetch looks for code links.
ENRICH_SECONDS = 20.0


def enrich(services: Services, *, now: dt.datetime) -> int:
    """Looks up code links of the papers that readers will get, and of earlier ones for a week; gives how many links were added.

    It takes 20 seconds at most, and none where the look-ups are off; nothing waits for what it does not find.
    """
    url = services.settings.huggingface_url
    if not url:
        return 0
    with services.database.reading() as session:
        readers = subscribers_store.readers(session, on=now.date())
        wanted: Counter[int] = Counter()
        for (paper_id, _), count in expected_papers(services, session, readers, now=now).items():
            wanted[paper_id] += count
    window = dt.timedelta(seconds=WINDOW_SECONDS)
    with services.database.transaction() as session:
        claimed = lookups_store.claim(
            session, [paper_id for paper_id, _ in wanted.most_common()], most=MOST_CALLS, window=window, now=now
        )
    if not claimed:
        return 0
    source = CodeLinks(url, services.contact)
    found = source.look_up(claimed, seconds=ENRICH_SECONDS)
    source.close()
    with services.database.transaction() as session:
        lookups_store.release(session, [paper_id for ref, paper_id in claimed.items() if ref not in found.links])
        added = lookups_store.add_links(session, {claimed[ref]: links for ref, links in found.links.items()})
    log.info("enriched", looked_up=len(found.links), links=added)
    return added
