"""The papers in the database: storing, numbering, reading. The record of fetches stands beside it, in ``fetches``.

Rows become values here and nothing else sees a row. It asks no network and decides nothing about readers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Select, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from newsletter.db import first_number, take_numbers
from newsletter.errors import PermanentError
from newsletter.papers.store.authors import insert_names, replace_names
from newsletter.papers.store.changes import note_change
from newsletter.papers.store.days import announcement_days, highest_number, newest_day, number_before
from newsletter.papers.store.fetches import FetchRecord, last_fetch, record_fetch
from newsletter.papers.store.matches import BY_LIST, add_matches, insert_matches, matches_of, replace_matches
from newsletter.tables.lists import IMPORTED_PAPER, ImportedRow
from newsletter.tables.papers import PaperLinkRow, PaperRow
from newsletter.values.batches import batches
from newsletter.values.papers import LinkKind, Paper, PaperLink
from newsletter.values.standing import LISTED, Standing
from newsletter.values.topics import Match

__all__ = [
    "BY_LIST", "FetchRecord", "StoreCount", "add_matches",
    "announcement_days", "differs", "has_papers", "highest_number", "last_fetch", "matches_of", "newest_day",
    "number_before", "paper_by_ref", "papers_after", "papers_announced", "papers_before", "papers_by_ids",
    "papers_by_refs", "papers_since", "record_fetch", "remove_samples", "replace_matches", "store_papers",
]  # fmt: skip

SAMPLE = "sample"
# Links in the paper's own text: a new version replaces these and keeps what an outside service found.
TEXT_SOURCES = ("comment", "abstract")

Stored = tuple[Paper, Sequence[Match]]


@dataclass(frozen=True, slots=True)
class StoreCount:
    """What ``store_papers`` did; the three add up to the distinct papers given. ``updated`` rows were changed in place."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: StoreCount) -> StoreCount:
        return StoreCount(self.new + other.new, self.updated + other.updated, self.unchanged + other.unchanged)


# ---------------------------------------------------------------- storing


def store_papers(
    session: Session, papers: Sequence[Stored], *, now: dt.datetime, new_to_readers: bool = True, listed: bool = False
) -> StoreCount:
    """Stores papers with their links and matches, new ones numbered in the order given; a few statements per 500 papers.

    A newer version, or other metadata of the same one, updates the row in place and keeps its id, number and announcement
    day; an older version changes nothing. The same ref given twice counts once, by its highest version. Papers that are not
    ``new_to_readers`` (older than the installation), or are ``listed`` elsewhere, are numbered under every cursor.
    Raises: PermanentError where samples and real papers would stand together (see ``remove_samples``).
    """
    given = _newest_versions(papers)
    take_numbers(session, "paper", 0)  # the lock: what is read from here on cannot change before the commit
    _refuse_mixture(session, [paper for paper, _ in given])
    known = papers_by_refs(session, [paper.ref for paper, _ in given])
    new = [(paper, matches) for paper, matches in given if paper.ref not in known]
    stored = [(paper, known[paper.ref], matches) for paper, matches in given if paper.ref in known]
    changed = [one for one in stored if differs(one[0], one[1])]
    standing = Standing.LISTED if listed else Standing.NEW if new_to_readers else Standing.OLDER
    _insert(session, new, now=now, standing=standing)
    _update(session, changed)
    if new or changed:
        note_change(session)
    return StoreCount(new=len(new), updated=len(changed), unchanged=len(given) - len(new) - len(changed))


def _newest_versions(papers: Sequence[Stored]) -> list[Stored]:
    newest: dict[str, Stored] = {}
    for paper, matches in papers:
        if paper.ref not in newest or paper.version > newest[paper.ref][0].version:
            newest[paper.ref] = (paper, matches)
    return list(newest.values())


def _refuse_mixture(session: Session, papers: Sequence[Paper]) -> None:
    for sample in {paper.is_sample for paper in papers}:
        if has_papers(session, sample=not sample) or any(paper.is_sample != sample for paper in papers):
            raise PermanentError("sample papers and real ones cannot stand in one database: remove the samples first")


def differs(paper: Paper, known: Paper | None) -> bool:
    """Whether storing ``paper`` changes anything, where ``known`` is what is stored of it."""
    if known is None or paper.version < known.version:
        return known is None
    # A vector that came or went with the language model makes no other paper.
    return _columns(replace(paper, vector=known.vector)) != _columns(known)


def _columns(paper: Paper) -> dict[str, Any]:
    """The columns that an update may change."""
    return {
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "comment": paper.comment,
        "doi": paper.doi,
        "journal_ref": paper.journal_ref,
        "licence": paper.licence,
        "submitted_at": paper.submitted,
        "updated_at": paper.updated,
        "withdrawn": paper.withdrawn,
        "vector": paper.vector or None,
    }


def _insert(session: Session, papers: Sequence[Stored], *, now: dt.datetime, standing: Standing) -> None:
    if not papers:
        return
    first = first_number(session, len(papers), standing)
    # The id is the number: SQLite would give the id of a removed sample again, and old digests name papers by id.
    rows = [
        {
            "id": number,
            "number": number,
            "ref": paper.ref,
            "source": paper.source,
            "announced_on": paper.announced_on,
            "announced_estimated": paper.announced_estimated,
            "stored_at": now,
            **_columns(paper),
        }
        for number, (paper, _) in enumerate(papers, start=first)
    ]
    session.execute(insert(PaperRow), rows)
    insert_names(session, {row["id"]: row["authors"] for row in rows})
    _insert_links(session, {row["id"]: paper.links for row, (paper, _) in zip(rows, papers, strict=True)})
    insert_matches(session, {row["id"]: matches for row, (_, matches) in zip(rows, papers, strict=True)})


def _update(session: Session, changed: Sequence[tuple[Paper, Paper, Sequence[Match]]]) -> None:
    if not changed:
        return
    session.execute(update(PaperRow), [{"id": known.id, **_columns(paper)} for paper, known, _ in changed])
    _leave_to_source(session, [known.id for _, known, _ in changed])
    _number_replacements(session, [known.id for paper, known, _ in changed if paper.version > known.version])
    links = {known.id: _merged(paper.links, known.links) for paper, known, _ in changed}
    for ids in batches(links):
        session.execute(delete(PaperLinkRow).where(PaperLinkRow.paper_id.in_(ids)))
    _insert_links(session, links)
    replace_names(session, {known.id: paper.authors for paper, known, _ in changed})
    replace_matches(session, {known.id: matches for _, known, matches in changed})


def _leave_to_source(session: Session, ids: Sequence[int]) -> None:
    """Notes that a source has these papers: whoever takes an import back that stored them leaves them."""
    for some in batches(ids):
        session.execute(delete(ImportedRow).where(ImportedRow.paper_id.in_(some), ImportedRow.kind == IMPORTED_PAPER))


def _number_replacements(session: Session, ids: Sequence[int]) -> None:
    """Gives new versions their places in the order of storing, so that one cursor says what a reader was told of both."""
    if ids:
        first = take_numbers(session, "paper", len(ids))
        rows = [{"id": paper_id, "replaced_number": first + place} for place, paper_id in enumerate(ids)]
        session.execute(update(PaperRow), rows)


def _merged(links: Sequence[PaperLink], known: Sequence[PaperLink]) -> list[PaperLink]:
    return [*links, *(link for link in known if link.source not in TEXT_SOURCES)]


def _insert_links(session: Session, links: Mapping[int, Sequence[PaperLink]]) -> None:
    rows = [
        {"paper_id": paper_id, "url": link.url, "kind": link.kind.value, "source": link.source}
        for paper_id, found in links.items()
        for link in {link.url: link for link in reversed(found)}.values()
    ]
    if rows:
        session.execute(insert(PaperLinkRow), rows)


def remove_samples(session: Session) -> int:
    """Removes the sample papers with all that hangs on them; gives how many there were."""
    removed = len(session.execute(delete(PaperRow).where(PaperRow.source == SAMPLE).returning(PaperRow.id)).all())
    if removed:
        note_change(session)
    return removed


# ---------------------------------------------------------------- reading


# Tables and no rows of the ORM: pages read dozens of papers at each look.
_TABLE, _LINK = PaperRow.__table__.c, PaperLinkRow.__table__.c
_RENAMED = {"submitted": "submitted_at", "updated": "updated_at"}
_FIELDS = tuple(one.name for one in fields(Paper) if one.name != "links")
_PAPERS = select(*(_TABLE[_RENAMED.get(name, name)] for name in _FIELDS))
_LINKS = select(_LINK.paper_id, _LINK.kind, _LINK.url, _LINK.source).order_by(_LINK.kind, _LINK.url)


def has_papers(session: Session, *, sample: bool, listed: bool = True) -> bool:
    """Whether the store holds any sample paper, or any real one; without ``listed``, one that came by no published list."""
    kind = PaperRow.source == SAMPLE if sample else PaperRow.source != SAMPLE
    kind = kind if listed else and_(kind, PaperRow.number > LISTED)
    return session.execute(select(PaperRow.id).where(kind).limit(1)).first() is not None


def papers_after(session: Session, number: int) -> list[Paper]:
    """All papers with a higher number than this, by number."""
    return _papers(session, _PAPERS.where(_TABLE.number > number).order_by(_TABLE.number))


def papers_before(session: Session, number: int | None, *, most: int) -> list[Paper]:
    """The ``most`` papers with the highest numbers below this, or of all for None; the highest first."""
    statement = _PAPERS.order_by(_TABLE.number.desc()).limit(most)
    return _papers(session, statement if number is None else statement.where(_TABLE.number < number))


def papers_since(session: Session, day: dt.date) -> list[Paper]:
    """All papers announced on ``day`` or later, by number."""
    return _papers(session, _PAPERS.where(_TABLE.announced_on >= day).order_by(_TABLE.number))


def papers_by_ids(session: Session, ids: Iterable[int]) -> dict[int, Paper]:
    """The papers with these ids; ids that are not there are left out."""
    found: dict[int, Paper] = {}
    for some in batches(set(ids)):
        found |= {paper.id: paper for paper in _papers(session, _PAPERS.where(_TABLE.id.in_(some)))}
    return found


def paper_by_ref(session: Session, ref: str) -> Paper | None:
    """The paper with this base id, a sample's too; None where it is not stored."""
    return papers_by_refs(session, [ref]).get(ref)


def papers_announced(session: Session, day: dt.date) -> list[Paper]:
    """The papers announced on ``day``, by number."""
    return _papers(session, _PAPERS.where(_TABLE.announced_on == day).order_by(_TABLE.number))


def papers_by_refs(session: Session, refs: Collection[str]) -> dict[str, Paper]:
    """The stored ones among these base ids, by ref."""
    found: dict[str, Paper] = {}
    for some in batches(refs):
        found |= {paper.ref: paper for paper in _papers(session, _PAPERS.where(_TABLE.ref.in_(some)))}
    return found


def _papers(session: Session, statement: Select[Any]) -> list[Paper]:
    found = [dict(zip(_FIELDS, row, strict=True)) for row in session.execute(statement)]
    links = _links_of(session, [values["id"] for values in found])
    return [_as_paper(values, links.get(values["id"], ())) for values in found]


def _links_of(session: Session, paper_ids: Sequence[int]) -> dict[int, list[PaperLink]]:
    found: dict[int, list[PaperLink]] = defaultdict(list)
    for ids in batches(paper_ids):
        for paper_id, kind, url, source in session.execute(_LINKS.where(_LINK.paper_id.in_(ids))):
            found[paper_id].append(PaperLink(LinkKind(kind), url, source))
    return found


def _as_paper(values: dict[str, Any], links: Sequence[PaperLink]) -> Paper:
    lists = {"authors": tuple(values["authors"]), "categories": tuple(values["categories"]), "vector": values["vector"] or b""}
    return Paper(**{**values, **lists}, links=tuple(links))
