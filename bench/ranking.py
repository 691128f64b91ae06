"""How good ten examples are at finding the papers of another day, and what learning and ranking cost.

Examples are drawn from the judged papers of a topic that ship, and rank each of their large days by what the rest gave. Beside it
stands the method of zotero-arxiv-daily (https://github.com/TideDra/zotero-arxiv-daily): likeness to each paper of the library,
the newest counting most. It is given our static vectors, because its own model is not installed here.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete

from bench.figures import Figure
from bench.places import SQLITE, a_place
from bench.population import add_papers
from newsletter.bootstrap import Services
from newsletter.daily import rank
from newsletter.population.store import add_readers, insert
from newsletter.ranking.opinions import Say
from newsletter.ranking.pool import Pool, corpus_of
from newsletter.ranking.taste import Text, learn
from newsletter.tables.subscribers import ExampleRow, RankingRow
from newsletter.text.vectors import Floats
from newsletter.topics.evaluation import UNSURE, YES
from newsletter.topics.learned.records import shipped_records
from newsletter.values.papers import Paper

EXAMPLES, FEWEST, A_DAY = 10, 4, 200
TIMES_ZOTERO, AVERAGE_PRECISION = 1.45, 0.68
LEARNING_MS, ALL_READERS, MINUTES = 50.0, 100_000, 10.0
Measured = dict[str, list[tuple[float, float, float]]]
Order = Callable[[Sequence[int]], Sequence[float]]


def measure(*, draws: int, readers: int, papers: int) -> Iterator[Figure]:
    """The quality of ``draws`` draws a topic and day, then the cost of ``readers`` of twenty examples on ``papers`` papers."""
    yield from _quality(draws)
    yield from _cost(readers, papers)


def _quality(draws: int) -> Iterator[Figure]:
    judged = shipped_records().of_days
    place = {paper.ref: number for number, paper in enumerate(judged.papers)}
    yes: dict[str, set[int]] = defaultdict(set)
    unsure: dict[str, set[int]] = defaultdict(set)
    for one in judged.judgements:
        if one.verdict in (YES, UNSURE):
            (yes if one.verdict == YES else unsure)[one.topic].add(place[one.ref])
    ours: Measured = defaultdict(list)
    theirs: Measured = defaultdict(list)
    days = [day for day, count in Counter(paper.announced_on for paper in judged.papers).items() if count >= A_DAY]
    dice = random.Random(20260626)  # noqa: S311
    for day in sorted(days):
        there = [number for number, paper in enumerate(judged.papers) if paper.announced_on == day]
        rest = [number for number, paper in enumerate(judged.papers) if paper.announced_on != day]
        by_taste, by_likeness = _orders(judged.papers, there, rest)
        for topic in sorted(yes):
            wanted, known = yes[topic].intersection(there), sorted(yes[topic].intersection(rest))
            if len(wanted) < FEWEST or len(known) < EXAMPLES:
                continue
            left = [at for at, number in enumerate(there) if number not in unsure[topic]]
            hits = np.array([there[at] in wanted for at in left])
            for _ in range(draws):
                given = dice.sample(known, EXAMPLES)
                ours[topic].append(_measures(np.array(by_taste(given))[left], hits))
                theirs[topic].append(_measures(np.array(by_likeness(given))[left], hits))
    (precision, at_ten, r_precision), (zotero, *_) = _mean(ours), _mean(theirs)
    told = f"{len(ours)} topics, {len(days)} days, {draws} draws each; P@10 {at_ten:.2f}, R-precision {r_precision:.2f}; "
    told += "papers that ship, not the two days kept apart; tuned on them: subjects (their texts alone), weights of the parts"
    yield Figure("average precision of ten examples on another day", precision, "", at_least=AVERAGE_PRECISION, note=told)
    note = f"its average precision on the same draws, with our static vectors: {zotero:.2f}"
    yield Figure("times zotero-arxiv-daily's method", precision / zotero, "x", at_least=TIMES_ZOTERO, note=note)


def _orders(papers: Sequence[Paper], there: Sequence[int], rest: Sequence[int]) -> tuple[Order, Order]:
    corpus = corpus_of((papers[number].title, papers[number].abstract) for number in rest)
    texts = {number: Text.of(number, papers[number].title, papers[number].abstract, corpus) for number in rest}
    pool = Pool.of(((number, papers[number].title, papers[number].abstract) for number in there), corpus)

    def by_taste(given: Sequence[int]) -> Sequence[float]:
        worth = pool.worth(learn((texts[number], Say.MORE) for number in given), np.arange(len(there)))
        return list(map(float, worth))

    # Without their mean, which all papers share and which says nothing of any.
    mean = np.mean([texts[number].sense for number in rest], axis=0)
    senses = _of_length_one(pool.senses - mean)

    def by_likeness(given: Sequence[int]) -> Sequence[float]:
        newest = sorted(given, key=lambda number: papers[number].announced_on, reverse=True)
        weights = np.array([1 / (1 + math.log10(place + 1)) for place in range(len(newest))], np.float32)
        library = _of_length_one(np.array([texts[number].sense for number in newest]) - mean)
        return list(map(float, senses @ library.T @ (weights / weights.sum())))

    return by_taste, by_likeness


def _of_length_one(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _measures(worth: Floats, hits: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Average precision, precision at 10, R-precision (the IR book, "Evaluation of ranked retrieval results")."""
    ordered = hits[np.argsort(-worth, kind="stable")]
    precisions = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float(precisions[ordered].mean()), float(ordered[:10].mean()), float(ordered[: ordered.sum()].mean())


def _mean(found: Measured) -> tuple[float, ...]:
    """Over the topics, each counted once."""
    return tuple(np.mean([np.mean(some, axis=0) for some in found.values()], axis=0).tolist())


def _cost(readers: int, papers: int) -> Iterator[Figure]:
    now = dt.datetime.now(dt.UTC)
    judged = shipped_records().of_days.papers
    with a_place(SQLITE) as (services, _):
        add_papers(services, papers, now=now, a_day=papers)
        add_readers(services, readers, now=now)
        dice = random.Random(7)  # noqa: S311
        rows = (
            {"id": number * 20 + place, "subscriber_id": number + 1, "title": one.title, "abstract": one.abstract, "at": now}
            for number in range(readers)
            for place, one in enumerate(dice.sample(judged, 20), start=1)
        )
        with services.database.engine.connect() as connection:
            insert(connection, ExampleRow.__table__, rows)
        first = _timed(services, now)
        with services.database.transaction() as session:
            session.execute(delete(RankingRow))
        second = _timed(services, now)
        # Reading the papers is done once, however many readers there are.
        with services.database.transaction() as session:
            session.execute(delete(RankingRow).where(RankingRow.subscriber_id == 1))
        once = _timed(services, now)
    learning = 1000 * max(0.0, first - second) / readers
    yield Figure(
        "learning one reader of twenty examples", learning, "ms", at_most=LEARNING_MS, note=f"mean of {readers:,} readers"
    )
    minutes = (once + (second - once) / readers * ALL_READERS) / 60
    note = f"{readers:,} readers in {second:.1f} s of processor time in one process, {once:.1f} s of it once; the rest reckoned"
    yield Figure(f"ranking {papers:,} papers for {ALL_READERS:,} readers", minutes, "min", at_most=MINUTES, note=note)


def _timed(services: Services, now: dt.datetime) -> float:
    started = time.process_time()
    rank.rank_readers(services, now=now)
    return time.process_time() - started
