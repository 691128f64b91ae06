"""Learning the topics anew: from the judged papers that ship, and from judgements of papers that are stored here.

The new model takes over only when it is told to; what is stored is then matched anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.daily import own_files
from newsletter.errors import InputError
from newsletter.operating.own_files import MODEL
from newsletter.papers.store import papers as papers_store
from newsletter.topics.evaluation import Judgement, TopicScore, read_judgements
from newsletter.topics.matching import Matcher
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.topics.learned.model import TopicModel
    from newsletter.topics.learned.records import JudgedPapers


@dataclass(frozen=True, slots=True)
class Learned:
    """A new model as a file's ``content``, and each topic's scores (topic, before, after) on papers left out; before None for
    a topic that was not learned."""

    content: bytes
    papers: int
    compared: tuple[tuple[str, TopicScore | None, TopicScore], ...]


def learn(services: Services, files: Sequence[Path], *, records: JudgedPapers | None = None) -> Learned:
    """Learns from ``records`` (default: those that ship) and from the judgements of ``files``; changes nothing.

    Raises InputError naming the file and the line at fault, or papers that are not stored.
    """
    from newsletter.topics.learned.model import to_bytes
    from newsletter.topics.learned.records import shipped_records
    from newsletter.topics.learned.training import train

    judged = records or shipped_records()
    for path in files:
        judged = _with(services, judged, path)
    about = {"recipe": "ridge regression: newsletter/topics/learned/training.py"}
    trained = train(judged, Matcher(services.catalogue), about=about)
    before = _scores(services.model)
    compared = tuple((one.topic, before.get(one.topic), one) for one in trained.scores)
    return Learned(to_bytes(trained.model), len(judged.papers), compared)


def take_over(services: Services, learned: Learned, *, who: str, now: dt.datetime) -> int:
    """Uses the new model from now on, and matches the papers that digests reach back to anew; gives how many."""
    note = f"learned from {learned.papers} papers"
    return own_files.take(services, MODEL, learned.content, where="the new model", who=who, note=note, now=now).matched


def _with(services: Services, judged: JudgedPapers, path: Path) -> JudgedPapers:
    """The judged papers with those of a file; what the file says of a paper stands in the place of what was known of it."""
    from newsletter.topics.learned.records import JudgedPapers

    given = read_judgements(path)
    refs = {one.ref for one in given}
    papers = _stored(services, refs) | {paper.ref: paper for paper in judged.papers if paper.ref in refs}
    if missing := sorted(refs - papers.keys()):
        more = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise InputError(f"{path}: {missing[0]}{more} not stored: fetch their days first (newsletter fetch --since DATE)")
    kept: list[Judgement] = [one for one in judged.judgements if one.ref not in refs]
    others = [paper for paper in judged.papers if paper.ref not in refs]
    return JudgedPapers((*others, *papers.values()), (*kept, *given))


def _stored(services: Services, refs: set[str]) -> dict[str, Paper]:
    with services.database.reading() as session:
        return papers_store.papers_by_refs(session, sorted(refs))


def _scores(model: TopicModel) -> dict[str, TopicScore]:
    return {topic: TopicScore(topic, *counts) for topic, counts in model.about.get("scores", {}).items()}
