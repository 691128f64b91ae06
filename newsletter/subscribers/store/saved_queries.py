"""The SQL of saved queries. A query's text never changes under its id, and it goes when nobody has it any more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.subscribers.subscriber import State
from newsletter.tables.papers import MatchRow
from newsletter.tables.subscribers import QueryRow, SavedQueryRow, SubscriberRow
from newsletter.values.batches import batches
from newsletter.values.saved_queries import Kind, SavedQuery, key_of, slug_of


def replace_own(session: Session, subscriber_id: int, wanted: Iterable[SavedQuery], *, now: dt.datetime) -> None:
    """Makes ``wanted`` the person's saved queries, each once, in their order; what is new here waits to be matched."""
    own = list(dict.fromkeys(wanted))
    if own == own_of(session, subscriber_id):
        return
    # The lock: a query that somebody takes up cannot be pruned meanwhile, and two that are equal cannot both be new.
    take_numbers(session, "query", 0)
    ids = _ids(session, {one.text for one in own}, now=now)
    session.execute(delete(SavedQueryRow).where(SavedQueryRow.subscriber_id == subscriber_id))
    rows = [
        {"subscriber_id": subscriber_id, "kind": one.kind, "query_id": ids[one.text], "place": place}
        for place, one in enumerate(own)
    ]
    if rows:
        session.execute(insert(SavedQueryRow), rows)
    prune(session)


def _ids(session: Session, texts: Collection[str], *, now: dt.datetime) -> dict[str, int]:
    keys = {key_of(text): text for text in texts}
    found = session.execute(select(QueryRow.key, QueryRow.id).where(QueryRow.key.in_(keys)))
    ids = {keys[key]: query_id for key, query_id in found}
    new = [text for text in texts if text not in ids]
    if new:
        # Numbered, because SQLite would give the id of a pruned query again, and old digests name queries by id.
        first = take_numbers(session, "query", len(new))
        ids |= {text: first + place for place, text in enumerate(new)}
        rows = [{"id": ids[text], "key": key_of(text), "text": text, "matched": False, "made_at": now} for text in new]
        session.execute(insert(QueryRow), rows)
    return ids


def prune(session: Session) -> None:
    """Removes the queries that nobody has, with their matches."""
    nobodys = ~exists().where(SavedQueryRow.query_id == QueryRow.id)
    gone = session.scalars(delete(QueryRow).where(nobodys).returning(QueryRow.id)).all()
    for ids in batches(gone):
        session.execute(delete(MatchRow).where(MatchRow.topic.in_([slug_of(query_id) for query_id in ids])))


def own_of(session: Session, subscriber_id: int) -> list[SavedQuery]:
    """The person's saved queries in their order; empty where they have none."""
    statement = select(SavedQueryRow.kind, QueryRow.text).join(QueryRow, QueryRow.id == SavedQueryRow.query_id)
    rows = session.execute(statement.where(SavedQueryRow.subscriber_id == subscriber_id).order_by(SavedQueryRow.place))
    return [SavedQuery(Kind(kind), text) for kind, text in rows]


def slugs_of_readers(session: Session, condition: ColumnElement[bool]) -> dict[int, dict[Kind, list[str]]]:
    """The slugs of saved queries by kind of the subscribers that ``condition`` holds for, by id; who has none is left out."""
    statement = select(SavedQueryRow.subscriber_id, SavedQueryRow.kind, SavedQueryRow.query_id).where(condition)
    statement = statement.join(SubscriberRow, SubscriberRow.id == SavedQueryRow.subscriber_id)
    found: dict[int, dict[Kind, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subscriber_id, kind, query_id in session.execute(statement.order_by(SavedQueryRow.subscriber_id, SavedQueryRow.place)):
        found[subscriber_id][Kind(kind)].append(slug_of(query_id))
    return found


def waiting_readers(session: Session) -> set[int]:
    """Who has a query that the stored papers have not been matched with yet."""
    statement = select(SavedQueryRow.subscriber_id).join(QueryRow, QueryRow.id == SavedQueryRow.query_id)
    return set(session.scalars(statement.where(QueryRow.matched.is_(False)).distinct()))


def texts(session: Session, *, unmatched: bool = False) -> dict[int, str]:
    """All queries by id, or only those that the stored papers have not been matched with yet."""
    statement = select(QueryRow.id, QueryRow.text)
    if unmatched:
        statement = statement.where(QueryRow.matched.is_(False))
    return {query_id: text for query_id, text in session.execute(statement)}  # noqa: C416 - a row is no pair to dict()


def texts_of_readers(session: Session) -> set[str]:
    """The queries that bring papers to a subscriber who has confirmed, also during a pause."""
    statement = select(QueryRow.text).join(SavedQueryRow, SavedQueryRow.query_id == QueryRow.id)
    statement = statement.join(SubscriberRow, SubscriberRow.id == SavedQueryRow.subscriber_id)
    reads = SubscriberRow.state.in_([State.CONFIRMED, State.PAUSED])
    return set(session.scalars(statement.where(reads, SavedQueryRow.kind != Kind.EXCLUDE).distinct()))


def note_matched(session: Session, query_ids: Collection[int]) -> None:
    """Keeps that these queries have been matched with the papers that were there before them."""
    for ids in batches(query_ids):
        session.execute(update(QueryRow).where(QueryRow.id.in_(ids)).values(matched=True))


def add_matches(session: Session, rows: Mapping[int, Iterable[tuple[str, float, str]]]) -> None:
    """Adds these (slug, score, reason) of saved queries to what the papers (by id) have; earlier ones of the same slugs go."""
    slugs = {slug for found in rows.values() for slug, _, _ in found}
    for ids in batches(rows):
        session.execute(delete(MatchRow).where(MatchRow.paper_id.in_(ids), MatchRow.topic.in_(slugs)))
    values = [
        {"paper_id": paper_id, "topic": slug, "score": score, "reason": reason}
        for paper_id, found in rows.items()
        for slug, score, reason in found
    ]
    if values:
        session.execute(insert(MatchRow), values)
