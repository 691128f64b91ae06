"""What selection needs, and no more: numbers, days and scores of matched papers, and where readers stand among them."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, any_, cast, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from newsletter.digests.candidates import Candidate
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.papers import MatchRow, PaperRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState, MailKind


def candidates(session: Session, *, after: int, upto: int, but: Collection[str] = ()) -> list[Candidate]:
    """The matched papers with a number in (``after``, ``upto``], by number; withdrawn ones are never mailed.

    Matches with the topics ``but`` are left out.
    """
    statement = (
        select(PaperRow.id, PaperRow.number, PaperRow.announced_on, MatchRow.topic, MatchRow.score)
        .join(MatchRow, MatchRow.paper_id == PaperRow.id)
        .where(PaperRow.number > after, PaperRow.number <= upto, PaperRow.withdrawn.is_(False))
        .where(MatchRow.topic.not_in(but))
        .order_by(PaperRow.number)
    )
    rows = session.execute(statement)
    return [
        Candidate(paper_id, number, day, {topic: score for *_, topic, score in group})
        for (paper_id, number, day), group in groupby(rows, key=lambda row: row[:3])
    ]


def replaced(session: Session, *, after: int, upto: int) -> dict[int, int]:
    """The papers with a new version in (``after``, ``upto``] of the order of storing, and its place; withdrawn ones never."""
    place = PaperRow.replaced_number
    found = session.execute(select(PaperRow.id, place).where(place > after, place <= upto, PaperRow.withdrawn.is_(False)))
    return {paper_id: number for paper_id, number in found if number is not None}


def received(session: Session, subscriber_ids: Collection[int], papers: Collection[int]) -> dict[int, set[int]]:
    """Which of ``papers`` the digests that went out to these readers held, by reader; readers of none are left out."""
    found: dict[int, set[int]] = {}
    if not papers:
        return found
    for ids in batches(sorted(subscriber_ids)):
        went_out = (DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)))
        statement = select(DeliveryRow.subscriber_id, DeliveryRow.contents).where(DeliveryRow.subscriber_id.in_(ids), *went_out)
        for subscriber_id, contents in session.execute(statement):
            held = {paper_id for paper_id, _ in contents.get("papers", ())} & set(papers)
            if held:
                found.setdefault(subscriber_id, set()).update(held)
    return found


def cursors_of(session: Session, subscriber_ids: Collection[int]) -> dict[int, int | None]:
    """The cursors of these readers now, by id; whoever was deleted is left out."""
    chosen = select(SubscriberRow.id, SubscriberRow.cursor).where(_among(session, SubscriberRow.id, subscriber_ids))
    return {subscriber_id: cursor for subscriber_id, cursor in session.connection().execute(chosen)}  # noqa: C416 - a row is no pair to dict()


def start_cursors(session: Session, subscriber_ids: Collection[int], *, at: int) -> None:
    """Sets the cursor of those of these readers who have none, so that a first digest that fails is covered by the next."""
    if subscriber_ids:
        first = (_among(session, SubscriberRow.id, subscriber_ids), SubscriberRow.cursor.is_(None))
        session.connection().execute(update(SubscriberRow).where(*first).values(cursor=at))


def highest_covered(session: Session, subscriber_id: int) -> int | None:
    """The highest paper number that this person's digests covered, also in an earlier subscription; None where none went out."""
    went_out = (DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)))
    statement = select(func.max(DeliveryRow.covers_to)).where(DeliveryRow.subscriber_id == subscriber_id, *went_out)
    return session.execute(statement).scalar_one()


def _among(session: Session, column: InstrumentedAttribute[int], ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that ``column`` is one of any number of ``ids``, which go to the database as one text.

    A thousand parameters, or a list, take PostgreSQL's driver longer than the answer.
    """
    told = ",".join(map(str, sorted(ids)))
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(cast(literal(f"{{{told}}}", Text), ARRAY(BigInteger)))
    each = func.json_each(literal(f"[{told}]", Text)).table_valued("value")
    return column.in_(select(each.c.value))
