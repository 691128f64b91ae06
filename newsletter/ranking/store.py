"""The SQL of what readers like: one row for a reader and a paper they said something of (the last counts), one for an example.

What was learned from these stands in two rows of a reader, and goes as soon as any of it changes.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.ranking.examples import Example
from newsletter.ranking.opinions import Opinion, Say
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import (
    ExampleRow,
    FeedbackRow,
    IgnoredWordRow,
    OffTopicRow,
    RankingRow,
    ReadingRow,
    SubscriberRow,
    TasteRow,
)
from newsletter.values.batches import batches


@dataclass(frozen=True, slots=True)
class PoolPaper:
    """A paper that readers may be sent, as ranking needs it."""

    id: int
    number: int
    announced_on: dt.date
    categories: tuple[str, ...]
    title: str
    abstract: str


_VALUE = {Say.MORE: 1, Say.LESS: -1}
_SAY = {value: say for say, value in _VALUE.items()}


def keep(session: Session, subscriber_id: int, paper_id: int, say: Say | None, *, now: dt.datetime) -> None:
    """Keeps what the reader says of the paper in the place of what they said before; None takes that back."""
    key = {"subscriber_id": subscriber_id, "paper_id": paper_id}
    forget_learned(session, subscriber_id)
    if say is None:
        session.execute(delete(FeedbackRow).filter_by(**key))
        return
    said = {"value": _VALUE[say], "at": now}
    statement = dialect_insert(session, FeedbackRow).values({**key, **said})
    # Two clicks on a button can arrive at the same time: then the second one updates the row of the first.
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


def said_of(session: Session, subscriber_id: int, paper_id: int) -> Say | None:
    """What the reader said of the paper; None where they said nothing."""
    mine = (FeedbackRow.subscriber_id == subscriber_id, FeedbackRow.paper_id == paper_id)
    value = session.scalar(select(FeedbackRow.value).where(*mine))
    return None if value is None else _SAY[value]


def opinions(session: Session, subscriber_id: int, *, most: int | None = None, skip: int = 0) -> list[Opinion]:
    """What the reader said, the newest first: all of it, or ``most`` of it after the newest ``skip``."""
    statement = (
        select(PaperRow.id, PaperRow.ref, PaperRow.title, FeedbackRow.value, FeedbackRow.at)
        .join(PaperRow, PaperRow.id == FeedbackRow.paper_id)
        .where(FeedbackRow.subscriber_id == subscriber_id)
        .order_by(FeedbackRow.at.desc(), FeedbackRow.paper_id.desc())
        .limit(most)
        .offset(skip)
    )
    return [Opinion(paper_id, ref, title, _SAY[value], at) for paper_id, ref, title, value, at in session.execute(statement)]


def count(session: Session, subscriber_id: int) -> int:
    """Of how many papers the reader said something."""
    mine = FeedbackRow.subscriber_id == subscriber_id
    return session.scalar(select(func.count()).select_from(FeedbackRow).where(mine)) or 0


def opinions_of_readers(session: Session, subscriber_ids: Collection[int], *, most: int) -> dict[int, list[tuple[int, Say]]]:
    """The newest ``most`` (paper id, what was said) of each of these readers, the newest first; who said nothing is left out."""
    # Few readers give feedback: those who do are looked up first, so that a hundred thousand others cost one query.
    asked = set(subscriber_ids) & set(session.scalars(select(FeedbackRow.subscriber_id).distinct()))
    found: dict[int, list[tuple[int, Say]]] = defaultdict(list)
    for ids in batches(sorted(asked)):
        columns = select(FeedbackRow.subscriber_id, FeedbackRow.paper_id, FeedbackRow.value)
        ordered = columns.where(FeedbackRow.subscriber_id.in_(ids)).order_by(FeedbackRow.at.desc(), FeedbackRow.paper_id.desc())
        for subscriber_id, paper_id, value in session.execute(ordered):
            if len(found[subscriber_id]) < most:
                found[subscriber_id].append((paper_id, _SAY[value]))
    return dict(found)


def newest_paper_ids(session: Session, *, upto: int, most: int) -> list[int]:
    """The ids of the ``most`` papers stored last, up to this number, the newest first."""
    statement = select(PaperRow.id).where(PaperRow.number <= upto).order_by(PaperRow.number.desc()).limit(most)
    return list(session.scalars(statement))


def texts(session: Session, paper_ids: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """(paper id, title, abstract) of these papers as their authors wrote them, some hundred at a time."""
    for ids in batches(sorted(set(paper_ids))):
        columns = select(PaperRow.id, PaperRow.title, PaperRow.abstract)
        yield from ((row.id, row.title, row.abstract) for row in session.execute(columns.where(PaperRow.id.in_(ids))))


def add_examples(session: Session, subscriber_id: int, given: Iterable[Example], *, now: dt.datetime) -> None:
    forget_learned(session, subscriber_id)
    session.add_all(ExampleRow(subscriber_id=subscriber_id, title=one.title, abstract=one.abstract, at=now) for one in given)


def examples(session: Session, subscriber_id: int) -> list[tuple[int, Example]]:
    """The reader's examples by id, in the order they were given."""
    statement = select(ExampleRow).where(ExampleRow.subscriber_id == subscriber_id).order_by(ExampleRow.id)
    return [(row.id, Example(row.title, row.abstract)) for row in session.scalars(statement)]


def forget_examples(session: Session, subscriber_id: int, *, only: int | None = None) -> int:
    """Forgets all of the reader's examples, or ``only`` the one of this id; gives how many."""
    mine = [ExampleRow.subscriber_id == subscriber_id, *([ExampleRow.id == only] if only is not None else [])]
    forget_learned(session, subscriber_id)
    ids = list(session.scalars(select(ExampleRow.id).where(*mine)))
    session.execute(delete(ExampleRow).where(*mine))
    return len(ids)


def examples_of_readers(session: Session, subscriber_ids: Collection[int]) -> dict[int, list[tuple[int, Example]]]:
    """The examples, by id, of each of these readers; who gave none is left out."""
    asked = set(subscriber_ids) & set(session.scalars(select(ExampleRow.subscriber_id).distinct()))
    found: dict[int, list[tuple[int, Example]]] = defaultdict(list)
    for ids in batches(sorted(asked)):
        statement = select(ExampleRow).where(ExampleRow.subscriber_id.in_(ids)).order_by(ExampleRow.id)
        for row in session.scalars(statement):
            found[row.subscriber_id].append((row.id, Example(row.title, row.abstract)))
    return dict(found)


def forget_opinions(session: Session, subscriber_id: int) -> int:
    """Forgets all that the reader said of papers; gives of how many."""
    forget_learned(session, subscriber_id)
    gone = session.execute(delete(FeedbackRow).where(FeedbackRow.subscriber_id == subscriber_id).returning(FeedbackRow.paper_id))
    return len(gone.all())


# ---------------------------------------------------------------- what is learned


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


def titles(session: Session, keys: Iterable[int]) -> dict[int, str]:
    """The titles of papers (by id) and of examples (by minus their id)."""
    wanted = sorted(set(keys))
    found: dict[int, str] = {}
    for ids in batches([key for key in wanted if key > 0]):
        found |= dict(session.execute(select(PaperRow.id, PaperRow.title).where(PaperRow.id.in_(ids))).all())
    for ids in batches([-key for key in wanted if key < 0]):
        given = session.execute(select(ExampleRow.id, ExampleRow.title).where(ExampleRow.id.in_(ids)))
        found |= {-number: title for number, title in given}
    return found


def pool(session: Session, *, after: int, upto: int, most: int) -> list[PoolPaper]:
    """The ``most`` newest papers with a number in (``after``, ``upto``] that were not withdrawn, the newest first."""
    columns = (PaperRow.id, PaperRow.number, PaperRow.announced_on, PaperRow.categories, PaperRow.title, PaperRow.abstract)
    wanted = (PaperRow.number > after, PaperRow.number <= upto, PaperRow.withdrawn.is_(False))
    rows = session.execute(select(*columns).where(*wanted).order_by(PaperRow.number.desc()).limit(most))
    return [
        PoolPaper(paper_id, number, day, tuple(categories), title, abstract)
        for paper_id, number, day, categories, title, abstract in rows
    ]


def _replace(session: Session, row: type[TasteRow | RankingRow], values: Sequence[Mapping[str, Any]]) -> None:
    # Two processes may rank at the same time: then the second one updates the rows of the first.
    statement = dialect_insert(session, row)
    for some in batches(values):
        new = {name: statement.excluded[name] for name in some[0] if name != "subscriber_id"}
        session.execute(statement.on_conflict_do_update(index_elements=["subscriber_id"], set_=new), list(some))


# ---------------------------------------------------------------- to read later, and votes against topics


def keep_for_later(session: Session, subscriber_id: int, paper_id: int, *, now: dt.datetime) -> None:
    """Puts the paper on the reader's list, where it is not on it yet."""
    row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "at": now}
    session.execute(dialect_insert(session, ReadingRow).values(row).on_conflict_do_nothing())


def drop_from_later(session: Session, subscriber_id: int, paper_id: int) -> None:
    session.execute(delete(ReadingRow).where(ReadingRow.subscriber_id == subscriber_id, ReadingRow.paper_id == paper_id))


def for_later(session: Session, subscriber_id: int, *, most: int | None = None) -> list[int]:
    """The ids of the papers on the reader's list, the newest first."""
    order = (ReadingRow.at.desc(), ReadingRow.paper_id.desc())
    mine = select(ReadingRow.paper_id).where(ReadingRow.subscriber_id == subscriber_id)
    return list(session.scalars(mine.order_by(*order).limit(most)))


def vote_off(session: Session, subscriber_id: int, paper_id: int, topic: str, *, now: dt.datetime) -> None:
    """Keeps the reader's vote that the paper is not about ``topic``; once."""
    row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "topic": topic, "at": now}
    session.execute(dialect_insert(session, OffTopicRow).values(row).on_conflict_do_nothing())


def take_vote_back(session: Session, subscriber_id: int, paper_id: int, topic: str) -> None:
    mine = (OffTopicRow.subscriber_id == subscriber_id, OffTopicRow.paper_id == paper_id, OffTopicRow.topic == topic)
    session.execute(delete(OffTopicRow).where(*mine))


def votes_of(session: Session, subscriber_id: int, paper_id: int) -> set[str]:
    """The topics (slugs) that the paper is not about, says the reader."""
    mine = (OffTopicRow.subscriber_id == subscriber_id, OffTopicRow.paper_id == paper_id)
    return set(session.scalars(select(OffTopicRow.topic).where(*mine)))


def votes(session: Session, *, most: int) -> list[tuple[str, str, str, int]]:
    """(ref, title, topic, how many readers) of the papers that readers hold for wrong under a topic, the most votes first."""
    count = func.count()
    statement = select(PaperRow.ref, PaperRow.title, OffTopicRow.topic, count).join(PaperRow, PaperRow.id == OffTopicRow.paper_id)
    statement = (
        statement.group_by(PaperRow.ref, PaperRow.title, OffTopicRow.topic).order_by(count.desc(), PaperRow.ref).limit(most)
    )
    return [(ref, title, topic, number) for ref, title, topic, number in session.execute(statement)]


def liked_since(session: Session, since: dt.datetime, *, least: int) -> dict[int, int]:
    """The papers that at least ``least`` readers want more of, said since then, and how many do."""
    count = func.count()
    said = select(FeedbackRow.paper_id, count).where(FeedbackRow.value == _VALUE[Say.MORE], FeedbackRow.at >= since)
    return dict(session.execute(said.group_by(FeedbackRow.paper_id).having(count >= least)).all())
