"""Looks up a pasted arXiv id or address and suggests values for the form of a new entry of the collection.

An address that cannot be looked up is no error: the form then holds the address alone and says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from newsletter.collection import huggingface
from newsletter.collection.page_metadata import read_head
from newsletter.collection.suggestions import Pasted, Suggestion, of_paper, of_record, read_pasted
from newsletter.errors import NewsletterError
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

MOST_PAGE = 1_000_000
PAGES = ("text/html", "application/xhtml+xml")
# A younger paper is left to the daily fetch, so that it is new in the digests of its readers.
SETTLED = dt.timedelta(days=14)


def look_up(services: Services, text: str, *, keep: Callable[[Paper], None], now: dt.datetime) -> Suggestion:
    """What the form is filled with. A paper older than two weeks that is not stored yet is handed to ``keep``.

    Raises InputError where ``text`` is neither an arXiv id nor an address.
    """
    pasted = read_pasted(text)
    try:
        if pasted.ref:
            return _of_paper(services, pasted, keep=keep, now=now)
        if pasted.hub and services.settings.huggingface_url:
            record = huggingface.record_of(services.settings.huggingface_url, services.contact, kind=pasted.hub, name=pasted.name)
            return of_record(pasted, record)
        return _of_page(services, pasted.url)
    except NewsletterError as error:
        log.info("not looked up", problem=str(error))
        return Suggestion(pasted.url, problem=str(error))


def _of_paper(services: Services, pasted: Pasted, *, keep: Callable[[Paper], None], now: dt.datetime) -> Suggestion:
    with services.database.reading() as session:
        known = papers_store.paper_by_ref(session, pasted.ref)
    if known is not None:
        return of_paper(known)
    source = services.clients.arxiv(attempts=1)
    try:
        found = source.paper(pasted.ref)
    finally:
        source.close()
    if found is None:
        return Suggestion(pasted.url, problem=f"arXiv knows no paper {pasted.ref}: check the number")
    if found.submitted < now - SETTLED:
        keep(found)
    return of_paper(found)


def _of_page(services: Services, url: str) -> Suggestion:
    page = services.fetcher.get(url, most=MOST_PAGE, media=PAGES)
    head = read_head(page.body, url=page.url, charset=page.charset)
    filled = Suggestion(url, head.title, head.dated, head.description, head.image)
    return filled if head.title else replace(filled, problem="the page names no title: give one")
