"""Which papers are under which topics, in the database: by the catalogue, by saved queries, by published lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from newsletter.tables.papers import MatchRow, PaperRow
from newsletter.values.batches import batches
from newsletter.values.topics import Match

# How the reason of a match begins that a published list gave.
BY_LIST = "list: "


def insert_matches(session: Session, matches: Mapping[int, Sequence[Match]]) -> None:
    """Writes the matches of papers (by id) that have none; of two for one topic the first counts."""
    rows = [
        {"paper_id": paper_id, "topic": match.topic, "score": match.score, "reason": match.reason}
        for paper_id, found in matches.items()
        for match in {match.topic: match for match in reversed(found)}.values()
    ]
    if rows:
        session.execute(insert(MatchRow), rows)


def replace_matches(session: Session, matches: Mapping[int, Sequence[Match]]) -> None:
    """Puts these matches in the place of all that the papers (by id) had, but for what a published list says of them.

    An empty sequence leaves a paper without any.
    """
    for ids in batches(matches):
        session.execute(delete(MatchRow).where(MatchRow.paper_id.in_(ids), ~MatchRow.reason.startswith(BY_LIST)))
    add_matches(session, matches)


def add_matches(session: Session, matches: Mapping[int, Sequence[Match]]) -> None:
    """Adds these matches to those that the papers (by id) have; a topic that a paper is under already stays as it is."""
    there: set[tuple[int, str]] = set()
    for ids in batches(matches):
        pairs = session.execute(select(MatchRow.paper_id, MatchRow.topic).where(MatchRow.paper_id.in_(ids)))
        there |= {(paper_id, topic) for paper_id, topic in pairs}
    new = {paper_id: [one for one in found if (paper_id, one.topic) not in there] for paper_id, found in matches.items()}
    insert_matches(session, new)


def _of_tables() -> Select[Any]:
    match, paper = MatchRow.__table__.c, PaperRow.__table__.c
    joined = MatchRow.__table__.join(PaperRow.__table__, paper.id == match.paper_id)
    columns = (match.paper_id, paper.ref, match.topic, match.score, match.reason)
    return select(*columns).select_from(joined).order_by(match.paper_id, match.score.desc(), match.topic)


_MATCHES = _of_tables()


def matches_of(session: Session, paper_ids: Iterable[int]) -> dict[int, list[Match]]:
    """The matches of these papers by id, best first; a paper without any has no entry."""
    found: dict[int, list[Match]] = defaultdict(list)
    for ids in batches(set(paper_ids)):
        for paper_id, *match in session.execute(_MATCHES.where(MatchRow.__table__.c.paper_id.in_(ids))):
            found[paper_id].append(Match(*match))
    return dict(found)
