"""Whose papers are whose, by the key of an author's name: written with the papers, and afterwards for those that came before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.tables.papers import AuthorNameRow, PaperRow
from newsletter.text.author_names import LONGEST_NAME, author_key, initial_key
from newsletter.values.batches import batches

BATCH = 500
# Of a name that thousands of papers have, so many are listed, read for how it is written, and counted beside like ones.
MOST_LISTED, MOST_READ, MOST_COUNTED = 1000, 100, 5000


@dataclass(frozen=True, slots=True)
class Author:
    """A name by its key, as one of the papers writes it, and on how many papers it stands."""

    key: str
    name: str
    papers: int


def index_authors(database: Database) -> int:
    """Writes the names of papers that an upgrade found stored without, a batch a transaction; gives of how many papers."""
    done, after = 0, 0
    while True:
        with database.transaction() as session:
            missing = ~exists().where(AuthorNameRow.paper_id == PaperRow.id)
            statement = select(PaperRow.id, PaperRow.authors).where(PaperRow.id > after, missing)
            found = {row.id: row.authors for row in session.execute(statement.order_by(PaperRow.id).limit(BATCH))}
            insert_names(session, found)
        done += len(found)
        if len(found) < BATCH:
            return done
        after = max(found)


def insert_names(session: Session, authors: Mapping[int, Sequence[str]]) -> None:
    """Writes the authors of papers (by id) that have no names yet; a paper without any gets the empty name."""
    rows = [
        {"paper_id": paper_id, "key": key, "initials": initial_key(key), "name": name}
        for paper_id, names in authors.items()
        for key, name in _by_key(names).items()
    ]
    if rows:
        session.execute(insert(AuthorNameRow), rows)


def replace_names(session: Session, authors: Mapping[int, Sequence[str]]) -> None:
    """Puts these authors in the place of those that the papers (by id) had."""
    for ids in batches(authors):
        session.execute(delete(AuthorNameRow).where(AuthorNameRow.paper_id.in_(ids)))
    insert_names(session, authors)


def _by_key(names: Sequence[str]) -> dict[str, str]:
    keyed = {author_key(name): name[:LONGEST_NAME] for name in reversed(names)}
    keyed.pop("", None)
    return keyed or {"": ""}


def papers_of_author(session: Session, key: str, *, most: int = MOST_LISTED) -> list[int]:
    """The ids of the ``most`` papers stored last with an author of this key, the newest day first; none for the empty key."""
    last = select(AuthorNameRow.paper_id).where(AuthorNameRow.key == key, AuthorNameRow.key != "")
    last = last.order_by(AuthorNameRow.paper_id.desc()).limit(most)
    ordered = select(PaperRow.id).where(PaperRow.id.in_(last)).order_by(PaperRow.announced_on.desc(), PaperRow.number.desc())
    return list(session.scalars(ordered))


def author_of(session: Session, key: str) -> Author | None:
    """The author of this key, the name as the papers stored last mostly write it; None where no paper has it."""
    row = AuthorNameRow
    written = session.scalars(select(row.name).where(row.key == key).order_by(row.paper_id.desc()).limit(MOST_READ)).all()
    if not key or not written:
        return None
    count = session.scalar(select(func.count()).select_from(row).where(row.key == key)) or 0
    return Author(key, Counter(written).most_common(1)[0][0], count)


def names_with_initials(session: Session, initials: str, *, most: int) -> list[Author]:
    """The ``most`` commonest names with this family name and first initial."""
    row, count = AuthorNameRow, func.count()
    some = select(row.key, row.name).where(row.initials == initials).limit(MOST_COUNTED).subquery()
    statement = select(some.c.key, func.min(some.c.name), count).group_by(some.c.key)
    return [Author(*found) for found in session.execute(statement.order_by(count.desc(), some.c.key).limit(most))]
