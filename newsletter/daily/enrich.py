"""Enriching stored papers with what outside services know of them: links to code, projects and data. No mail waits for it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.select import expected_papers
from newsletter.papers.code_links import HUGGING_FACE, MOST_AFTER, MOST_CALLS, PAPERS_WITH_CODE, WINDOW_SECONDS, CodeLinks, Found
from newsletter.papers.store import link_lookups as lookups_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.values.papers import LinkKind, PaperLink

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# A fetch looks for code links so long at most.
ENRICH_SECONDS = 20.0


def enrich(services: Services, *, now: dt.datetime) -> int:
    """Looks up code links of the papers that readers will get, and of earlier ones for a week; gives how many links were added.

    Takes 20 seconds at most, and does nothing where the look-ups are off.
    """
    if not (services.settings.huggingface_url or services.settings.paperswithcode_url):
        return 0
    with services.database.reading() as session:
        readers = readers_store.readers(session, on=now.date())
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
    found = _look_up(services, list(claimed))
    with services.database.transaction() as session:
        lookups_store.release(session, [paper_id for ref, paper_id in claimed.items() if ref not in found])
        added = lookups_store.add_links(session, {claimed[ref]: links for ref, links in found.items()})
    log.info("enriched", looked_up=len(found), links=added)
    return added


def _look_up(services: Services, refs: Sequence[str]) -> dict[str, tuple[PaperLink, ...]]:
    """The links by ref of the papers that were asked for: at Hugging Face, then of those without code at Papers with Code."""
    first, then = services.settings.huggingface_url, services.settings.paperswithcode_url
    started = time.monotonic()
    found: dict[str, tuple[PaperLink, ...]] = {}
    if first:
        found = _ask(CodeLinks(HUGGING_FACE, first, services.contact), refs, seconds=ENRICH_SECONDS).links
    if then:
        lacking = [ref for ref in (found if first else refs) if not any(_is_code(link) for link in found.get(ref, ()))]
        seconds = ENRICH_SECONDS - (time.monotonic() - started)
        more = _ask(CodeLinks(PAPERS_WITH_CODE, then, services.contact), lacking[:MOST_AFTER], seconds=seconds).links
        found |= {ref: _joined(found.get(ref, ()), links) for ref, links in more.items()}
    return found


def _ask(source: CodeLinks, refs: Sequence[str], *, seconds: float) -> Found:
    try:
        return source.look_up(refs, seconds=seconds)
    finally:
        source.close()


def _is_code(link: PaperLink) -> bool:
    return link.kind is LinkKind.CODE


def _joined(links: Sequence[PaperLink], more: Sequence[PaperLink]) -> tuple[PaperLink, ...]:
    """``links``, and those of ``more`` whose kind is not among them: where both services have a kind, the first is believed."""
    kinds = {link.kind for link in links}
    return (*links, *(link for link in more if link.kind not in kinds))
