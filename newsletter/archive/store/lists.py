"""Published lists in the database: their topics, blocks and the papers of their rows. Rows become values here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from newsletter.archive.formats.document import Kind, Piece, Role
from newsletter.archive.formats.stored_texts import KnownPaper
from newsletter.archive.kept_list import StoredBlock, StoredList
from newsletter.db import dialect_insert
from newsletter.papers.store import papers as papers_store
from newsletter.tables.lists import ListBlockRow, ListRow, ListTopicRow
from newsletter.tables.papers import MatchRow, PaperLinkRow, PaperRow
from newsletter.translation.store import translations as translation_store
from newsletter.values.batches import batches
from newsletter.values.papers import LinkKind, Paper
from newsletter.values.standing import LISTED
from newsletter.values.translations import Field

SOURCE = "list"


def lists(session: Session) -> list[StoredList]:
    """All lists by name, with their topics."""
    topics: dict[int, list[tuple[str, str]]] = {}
    for row in session.scalars(select(ListTopicRow).order_by(ListTopicRow.list_id, ListTopicRow.place)):
        topics.setdefault(row.list_id, []).append((row.name, row.slug))
    return [
        StoredList(
            row.id,
            row.name,
            row.format,
            row.hash,
            row.upto,
            tuple(name for name, _ in topics.get(row.id, ())),
            tuple(slug for _, slug in topics.get(row.id, ())),
        )
        for row in session.scalars(select(ListRow).order_by(ListRow.name))
    ]


def came_at(session: Session, name: str) -> dt.datetime | None:
    """When the list of this name was taken in, None where there is none."""
    return session.scalar(select(ListRow.imported_at).where(ListRow.name == name))


def save_list(session: Session, stored: StoredList, blocks: Sequence[StoredBlock], *, now: dt.datetime) -> None:
    """Keeps a list in the place of the one of its name, if any."""
    session.execute(delete(ListRow).where(ListRow.name == stored.name))
    row = ListRow(name=stored.name, format=stored.format, hash=stored.hash, upto=stored.upto, imported_at=now)
    session.add(row)
    session.flush()
    _add_topics(session, row.id, stored.topics, stored.slugs)
    values = [
        {
            "list_id": row.id,
            "place": place,
            "kind": block.kind.value,
            "line": block.line,
            "topic": block.topic,
            "paper_id": block.paper_id,
            "announce_type": block.announce_type[:64],
            "pieces": _as_json(block.pieces),
        }
        for place, block in enumerate(blocks)
    ]
    session.execute(insert(ListBlockRow), values)


def set_topics(session: Session, stored: StoredList, names: Sequence[str], slugs: Sequence[str]) -> bool:
    """Gives a list's topics other slugs; says whether they are others."""
    if (tuple(names), tuple(slugs)) == (stored.topics, stored.slugs):
        return False
    session.execute(delete(ListTopicRow).where(ListTopicRow.list_id == stored.id))
    _add_topics(session, stored.id, names, slugs)
    return True


def _add_topics(session: Session, list_id: int, names: Sequence[str], slugs: Sequence[str]) -> None:
    rows = [
        {"list_id": list_id, "place": place, "name": name, "slug": slug}
        for place, (name, slug) in enumerate(zip(names, slugs, strict=True))
    ]
    if rows:
        session.execute(insert(ListTopicRow), rows)


def blocks_of(session: Session, list_id: int) -> list[StoredBlock]:
    """The blocks of a list in order."""
    return list(blocks_by_place(session, list_id).values())


def blocks_by_place(session: Session, list_id: int) -> dict[int, StoredBlock]:
    """The blocks of a list by their places, in order; those whose paper is gone are gone."""
    row = ListBlockRow
    columns = (row.place, row.kind, row.line, row.topic, row.paper_id, row.pieces, row.announce_type)
    ordered = select(*columns).where(row.list_id == list_id).order_by(row.place)
    return {
        place: StoredBlock(Kind(kind), line, topic, paper, _from_json(pieces), announced)
        for place, kind, line, topic, paper, pieces, announced in session.execute(ordered)
    }


def _as_json(pieces: Iterable[tuple[Piece, str]]) -> list[Any]:
    """Glue as a mere text, and glue beside glue as one; other pieces as [role, raw, print, language]."""
    found: list[Any] = []
    for piece, print_ in pieces:
        if piece.role is not Role.GLUE:
            found.append([piece.role.value, piece.raw, print_, piece.language])
        elif found and isinstance(found[-1], str):
            found[-1] += piece.raw
        else:
            found.append(piece.raw)
    return found


def _from_json(pieces: Sequence[Any]) -> tuple[tuple[Piece, str], ...]:
    return tuple(
        (Piece(Role.GLUE, one), "") if isinstance(one, str) else (Piece(Role(one[0]), one[1], one[3]), one[2]) for one in pieces
    )


def known_papers(session: Session, ids: Collection[int], languages: Collection[str]) -> dict[int, KnownPaper]:
    """The papers by id with their translations into ``languages``."""
    return known_of(session, papers_store.papers_by_ids(session, ids), languages)


def known_of(session: Session, papers: Mapping[int, Paper], languages: Collection[str]) -> dict[int, KnownPaper]:
    """``papers`` by id with their translations into ``languages``."""
    texts: dict[int, dict[tuple[str, Field], str]] = {}
    engines: dict[int, dict[str, str]] = {}
    for language in languages:
        for paper_id, fields in translation_store.translations(session, papers, language).items():
            found = texts.setdefault(paper_id, {})
            for name, one in fields.items():
                found[language, name] = one.text
                if name is Field.ABSTRACT:
                    engines.setdefault(paper_id, {})[language] = one.engine
    return {one: KnownPaper(paper, texts.get(one, {}), engines.get(one, {})) for one, paper in papers.items()}


def papers_after(session: Session, slugs: Collection[str], *, after: int) -> dict[str, list[int]]:
    """The ids of the papers with a higher number that are under these topics, by slug, newest first; listed ones are left out."""
    found: dict[str, list[int]] = {}
    statement = select(MatchRow.topic, PaperRow.id).join(PaperRow, PaperRow.id == MatchRow.paper_id)
    wanted = statement.where(MatchRow.topic.in_(slugs), PaperRow.number > max(after, LISTED))
    for slug, paper_id in session.execute(wanted.order_by(PaperRow.announced_on.desc(), PaperRow.number.desc())):
        found.setdefault(slug, []).append(paper_id)
    return found


def ids_of(session: Session, refs: Iterable[str]) -> dict[str, int]:
    """The ids of stored papers by ref."""
    found: dict[str, int] = {}
    for some in batches(refs):
        found.update(
            (ref, paper_id) for ref, paper_id in session.execute(select(PaperRow.ref, PaperRow.id).where(PaperRow.ref.in_(some)))
        )
    return found


def add_links(session: Session, links: Mapping[int, Sequence[tuple[str, str]]]) -> int:
    """Adds links as (kind, URL) to papers by id; one that a paper has already stays as it is. Gives how many were added."""
    links_there = select(PaperLinkRow.paper_id, PaperLinkRow.url)
    added = 0
    for some in batches(links.items()):
        ids = [paper_id for paper_id, _ in some]
        pairs = session.execute(links_there.where(PaperLinkRow.paper_id.in_(ids)))
        there = {(paper_id, url) for paper_id, url in pairs}
        rows = {
            (paper_id, url): {"paper_id": paper_id, "url": url, "kind": LinkKind(kind).value, "source": SOURCE}
            for paper_id, found in some
            for kind, url in found
            if (paper_id, url) not in there
        }
        if rows:
            session.execute(dialect_insert(session, PaperLinkRow).on_conflict_do_nothing(), list(rows.values()))
            added += len(rows)
    return added
