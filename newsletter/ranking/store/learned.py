"""The SQL of what is learned of readers: tastes, rankings, words that count for nothing. What it came of changes: it goes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.subscribers import (
    ExampleRow,
    FeedbackRow,
    IgnoredWordRow,
    RankingRow,
    SubscriberRow,
    TasteRow,
)
from newsletter.values.batches import batches


def who_said(session: Session) -> set[int]:
    """All who gave an example or said something of a paper."""
    said = set(session.scalars(select(FeedbackRow.subscriber_id).distinct()))
    return said | set(session.scalars(select(ExampleRow.subscriber_id).distinct()))


def marks(session: Session, subscriber_ids: Collection[int]) -> dict[int, tuple[object, ...]]:
    """What changes, by reader, as soon as they say something else, give another example or have another word left out."""
    found: dict[int, tuple[object, ...]] = defaultdict(tuple)
    which = func.sum(FeedbackRow.paper_id * FeedbackRow.value)
    said = select(FeedbackRow.subscriber_id, func.count(), func.max(FeedbackRow.at), func.sum(FeedbackRow.paper_id), which)
    # SQLite gives the highest id anew once its row is gone.
    given = select(ExampleRow.subscriber_id, func.count(), func.sum(ExampleRow.id), func.max(ExampleRow.at))
    for ids in batches(sorted(subscriber_ids)):
        for statement, row in ((said, FeedbackRow), (given, ExampleRow)):
            of_these = statement.where(row.subscriber_id.in_(ids)).group_by(row.subscriber_id)
            for subscriber_id, *mark in session.execute(of_these):
                found[subscriber_id] += (row.__tablename__, *mark)
    for subscriber_id, words in left_out_words(session, subscriber_ids).items():
        found[subscriber_id] += (IgnoredWordRow.__tablename__, frozenset(words))
    return dict(found)


def unchanged(session: Session, before: Mapping[int, tuple[object, ...]]) -> set[int]:
    """Those whose marks are as they were ``before``; until the transaction ends they stay so.

    Who is gone, or changes something just now, is not among them.
    """
    kept: set[int] = set()
    for ids in batches(sorted(before)):
        # Nobody is waited for: whoever sends mail locks readers in an order of their own.
        free = select(SubscriberRow.id).where(SubscriberRow.id.in_(ids)).with_for_update(key_share=True, skip_locked=True)
        kept |= set(session.scalars(free))
    after = marks(session, kept)
    return {who for who in kept if after.get(who) == before[who]}


def tastes(session: Session, subscriber_ids: Collection[int]) -> dict[int, str]:
    """The models that were learned of these readers, as they are kept."""
    found: dict[int, str] = {}
    for ids in batches(sorted(subscriber_ids)):
        found |= dict(
            session.execute(select(TasteRow.subscriber_id, TasteRow.model).where(TasteRow.subscriber_id.in_(ids))).all()
        )
    return found


def keep_tastes(session: Session, learned: Mapping[int, tuple[str, Sequence[str]]], *, now: dt.datetime) -> None:
    """Keeps a model, and its words for people, of each of these readers."""
    _replace(
        session,
        TasteRow,
        [{"subscriber_id": who, "model": model, "words": list(words), "at": now} for who, (model, words) in learned.items()],
    )


def ranked_for(session: Session, subscriber_ids: Collection[int], *, upto: int) -> dict[int, str]:
    """The hash of the choices that each of these readers' ranking was made for, where it knows the papers up to this number."""
    of_now = select(RankingRow.subscriber_id, RankingRow.choices).where(RankingRow.upto == upto)
    return {who: choices for who, choices in session.execute(of_now) if who in subscriber_ids}


def rankings(session: Session, subscriber_ids: Collection[int]) -> dict[int, Any]:
    """The rankings of these readers, as they are kept; who has none is left out."""
    found: dict[int, Any] = {}
    for ids in batches(sorted(subscriber_ids)):
        kept = session.execute(select(RankingRow.subscriber_id, RankingRow.ranked).where(RankingRow.subscriber_id.in_(ids)))
        found |= dict(kept.all())
    return found


def keep_rankings(session: Session, ranked: Mapping[int, tuple[str, Any]], *, upto: int) -> None:
    """Keeps a ranking of the papers up to this number, made for choices of this hash, of each of these readers."""
    _replace(
        session,
        RankingRow,
        [{"subscriber_id": who, "upto": upto, "choices": of, "ranked": one} for who, (of, one) in ranked.items()],
    )


def leave_out_words(session: Session, subscriber_id: int, word: str | None) -> None:
    """Has one more word count for nothing; None: all words count again."""
    forget_learned(session, subscriber_id)
    key = {"subscriber_id": subscriber_id}
    if word is None:
        session.execute(delete(IgnoredWordRow).filter_by(**key))
    else:
        session.execute(dialect_insert(session, IgnoredWordRow).values({**key, "word": word[:64]}).on_conflict_do_nothing())


def left_out_words(session: Session, subscriber_ids: Collection[int]) -> dict[int, set[str]]:
    """The words that count for nothing, by reader; who left none out is missing."""
    found: dict[int, set[str]] = defaultdict(set)
    for ids in batches(sorted(subscriber_ids)):
        statement = select(IgnoredWordRow.subscriber_id, IgnoredWordRow.word).where(IgnoredWordRow.subscriber_id.in_(ids))
        for subscriber_id, word in session.execute(statement):
            found[subscriber_id].add(word)
    return dict(found)


def kept_words(session: Session, subscriber_id: int) -> list[str] | None:
    """The words that were learned of the reader, as people are shown them; None where nothing is learned just now."""
    kept: list[str] | None = session.scalar(select(TasteRow.words).where(TasteRow.subscriber_id == subscriber_id))
    return kept


def forget_learned(session: Session, subscriber_id: int) -> None:
    """What was learned of the reader goes: it is learned anew from what there is then."""
    # Whoever learns just now, from what there was, waits for this or has done with it: `unchanged`.
    session.execute(select(SubscriberRow.id).where(SubscriberRow.id == subscriber_id).with_for_update(key_share=True))
    for row in (TasteRow, RankingRow):
        session.execute(delete(row).where(row.subscriber_id == subscriber_id))


def _replace(session: Session, row: type[TasteRow | RankingRow], values: Sequence[Mapping[str, Any]]) -> None:
    # Two processes may rank at the same time: then the second one updates the rows of the first.
    statement = dialect_insert(session, row)
    for some in batches(values):
        new = {name: statement.excluded[name] for name in some[0] if name != "subscriber_id"}
        session.execute(statement.on_conflict_do_update(index_elements=["subscriber_id"], set_=new), list(some))
