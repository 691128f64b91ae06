"""Papers by what journals and venues say of them: records to compare, links to their pages, and refs that change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.papers.store.changes import note_change
from newsletter.papers.venues.same_paper import Record
from newsletter.tables.papers import PaperLinkRow, PaperRow
from newsletter.text.identifiers import is_arxiv_ref
from newsletter.values.batches import batches
from newsletter.values.papers import VENUE, LinkKind


def linked(session: Session, urls: Iterable[str]) -> dict[str, str]:
    """The refs of stored papers by those of these pages of venues that they are known to have."""
    found: dict[str, str] = {}
    pairs = select(PaperLinkRow.url, PaperRow.ref).join(PaperRow, PaperRow.id == PaperLinkRow.paper_id)
    for some in batches(urls):
        mine = pairs.where(PaperLinkRow.kind == LinkKind.VENUE.value, PaperLinkRow.url.in_(some))
        found.update((url, ref) for url, ref in session.execute(mine))
    return found


def records(session: Session, *, since: dt.date) -> Iterator[tuple[int, Record]]:
    """The papers of ``since`` or later by id, as records to compare."""
    row = PaperRow
    columns = select(row.id, row.ref, row.title, row.authors, row.doi, row.submitted_at).where(row.announced_on >= since)
    for paper_id, ref, title, authors, doi, submitted in session.execute(columns.execution_options(yield_per=1000)):
        yield paper_id, Record(title, tuple(authors[:1]), doi or "", ref if is_arxiv_ref(ref) else "", submitted.date())


def records_of_venues(session: Session) -> dict[int, Record]:
    """Those papers that journals and venues alone have."""
    row = PaperRow
    columns = select(row.id, row.title, row.authors, row.doi, row.submitted_at).where(row.source == VENUE)
    return {
        paper_id: Record(title, tuple(authors[:1]), doi or "", "", submitted.date())
        for paper_id, title, authors, doi, submitted in session.execute(columns)
    }


def add_pages(session: Session, pages: Mapping[int, str], *, source: str) -> int:
    """Adds the pages that papers (by id) have at a venue; gives how many were not there."""
    rows = [{"paper_id": one, "url": url, "kind": LinkKind.VENUE.value, "source": source} for one, url in pages.items()]
    if not rows:
        return 0
    statement = dialect_insert(session, PaperLinkRow).on_conflict_do_nothing().returning(PaperLinkRow.paper_id)
    return len(session.execute(statement, rows).all())


def adopt(session: Session, papers: Mapping[int, tuple[str, str]]) -> None:
    """Gives papers of venues (by id) the ref and source of the server that has them too; a ref that is taken changes nothing."""
    for paper_id, (ref, source) in papers.items():
        if not session.scalar(select(exists().where(PaperRow.ref == ref))):
            session.execute(update(PaperRow).where(PaperRow.id == paper_id).values(ref=ref, source=source))
            note_change(session)
