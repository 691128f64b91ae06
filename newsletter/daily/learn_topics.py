"""Learning the topics anew: from the judged papers that ship, from judgements of stored papers, marks and a topic's examples.

The new model takes over only when it is told to; what is stored is then matched anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.daily import own_files
from newsletter.daily.ingest import store_old_paper
from newsletter.daily.own_files import Change
from newsletter.daily.topic_marks import marks
from newsletter.errors import InputError
from newsletter.http.retrying import HASTY_ATTEMPTS
from newsletter.operating.own_files import CATALOGUE, FINER_MODEL, MODEL
from newsletter.papers.store import papers as papers_store
from newsletter.topics.evaluation import Judgement, TopicScore, read_judgements
from newsletter.topics.matching import Matcher
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.topics.catalogue import Catalogue
    from newsletter.topics.learned.model import TopicModel
    from newsletter.topics.learned.records import JudgedPapers
    from newsletter.topics.learned.said import Said
    from newsletter.topics.learned.training import Trained


@dataclass(frozen=True, slots=True)
class Learned:
    """A new model as a file's ``content``, and each topic's scores (topic, before, after) on papers left out; before None for
    a topic that was not learned. ``said`` is how many marks and examples were learned from, beside the judged ``papers``.

    ``finer`` is the content of the model for papers with vectors, empty where none was learned; the scores are not its own.
    """

    content: bytes
    finer: bytes
    papers: int
    said: int
    compared: tuple[tuple[str, TopicScore | None, TopicScore], ...]

    @property
    def files(self) -> dict[str, bytes]:
        """What is to be used from now on, by the names of own files."""
        return {MODEL: self.content} | ({FINER_MODEL: self.finer} if self.finer else {})

    @property
    def note(self) -> str:
        return f"learned from {self.papers} papers, {self.said} marks and examples"


def learn(
    services: Services,
    files: Sequence[Path] = (),
    *,
    records: JudgedPapers | None = None,
    catalogue: Catalogue | None = None,
    finer: bool = False,
) -> Learned:
    """Learns from ``records`` (default: those that ship), the judgements of ``files``, all marks, and the examples of the
    ``catalogue`` (default: the one in use); changes nothing.

    With ``finer`` a model for papers with vectors is learned beside it.

    Before is what the model in use had learned from, counted on the same papers. Raises InputError naming the file and the line
    at fault, or papers that are not stored.
    """
    from newsletter.topics.learned.model import to_bytes, version_of
    from newsletter.topics.learned.records import shipped_records
    from newsletter.topics.learned.said import with_said
    from newsletter.topics.learned.training import train

    catalogue = catalogue or services.catalogue
    before = records or shipped_records()
    judged = before
    for path in files:
        judged = _with(services, judged, path)
    said = [*_examples(catalogue), *((one.ref, one.topic, one.is_right) for one in reversed(marks(services)))]
    papers = _stored(services, [ref for ref, _, _ in said])
    matcher = Matcher(catalogue, model=services.model)
    judged = with_said(judged, papers, said, matcher)
    # What was taken back since is not among the papers any more.
    papers = {ref: papers[ref] for ref in papers.keys() & judged.refs}
    before = with_said(before, papers, [tuple(one) for one in services.model.about.get("said", ())], matcher)
    about = {"recipe": "ridge regression: newsletter/topics/learned/training.py", "said": said}
    trained = train(judged, Matcher(catalogue), about=about, before=None if before == judged else before)
    content, more = to_bytes(trained.model), b""
    if finer:
        more = to_bytes(train(judged, Matcher(catalogue), about=about, beside=version_of(content)).model)
    return Learned(content, more, len(judged.papers), len(said), _compared(trained, services.model))


def _compared(trained: Trained, model: TopicModel) -> tuple[tuple[str, TopicScore | None, TopicScore], ...]:
    """Each topic's scores, before and after; where nothing new was said, before is what the model in use tells of itself."""
    told = (TopicScore(topic, *counts) for topic, counts in model.about.get("scores", {}).items())
    before = {one.topic: one for one in trained.before or told}
    return tuple((one.topic, before.get(one.topic), one) for one in trained.scores)


def take_over(services: Services, learned: Learned, *, who: str, now: dt.datetime) -> int:
    """Uses the new model from now on, and matches the papers that digests reach back to anew; gives how many."""
    note = learned.note
    return own_files.take_together(services, learned.files, where="the new model", who=who, note=note, now=now).matched


def take_catalogue(
    services: Services,
    content: bytes,
    *,
    where: str,
    who: str,
    note: str,
    now: dt.datetime,
    records: JudgedPapers | None = None,
) -> tuple[Change, Learned | None]:
    """Checks an operator's catalogue and uses it from now on; where topics of it have example papers, all are learned anew first.

    Examples that are not stored are asked of arXiv. Raises InputError or SettingsError for what cannot be used, TemporaryError
    where arXiv fails; then nothing has changed but for papers that came.
    """
    from newsletter.topics.catalogue import parse

    catalogue = parse(content, where)
    if not any(topic.examples for topic in catalogue.topics):
        return own_files.take(services, CATALOGUE, content, where=where, who=who, note=note, now=now), None
    bring_examples(services, catalogue, now=now)
    learned = learn(services, catalogue=catalogue, records=records, finer=services.language_model is not None)
    together = {CATALOGUE: content, **learned.files}
    return own_files.take_together(services, together, where=where, who=who, note=note, now=now), learned


def bring_examples(services: Services, catalogue: Catalogue, *, now: dt.datetime) -> int:
    """Asks arXiv for the example papers that are neither stored nor judged, and stores them, new to nobody; gives how many.

    Raises InputError naming one that cannot be had, and TemporaryError where arXiv fails.
    """
    from newsletter.topics.learned.records import shipped_records

    examples = {ref: topic for ref, topic, _ in _examples(catalogue)}
    missing = sorted(examples.keys() - shipped_records().refs - _stored(services, examples.keys()).keys())
    source = services.clients.arxiv(attempts=HASTY_ATTEMPTS)
    try:
        for ref in missing:
            paper = None if ":" in ref else source.paper(ref)
            if paper is None:
                raise InputError(
                    f"{ref}, an example of the topic {examples[ref]}, is not stored, and arXiv does not know it: correct it, or"
                    " take it out"
                )
            store_old_paper(services, paper, now=now)
    finally:
        source.close()
    return len(missing)


def _examples(catalogue: Catalogue) -> list[Said]:
    return [(ref, topic.slug, True) for topic in catalogue.topics for ref in topic.examples]


def _with(services: Services, judged: JudgedPapers, path: Path) -> JudgedPapers:
    """The judged papers with those of a file; what the file says of a paper stands in the place of what was known of it."""
    given = read_judgements(path)
    refs = {one.ref for one in given}
    papers = _stored(services, refs) | {paper.ref: paper for paper in judged.papers if paper.ref in refs}
    if missing := sorted(refs - papers.keys()):
        more = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise InputError(f"{path}: {missing[0]}{more} not stored: fetch their days first (newsletter fetch --since DATE)")
    kept: list[Judgement] = [one for one in judged.judgements if one.ref not in refs]
    others = [paper for paper in judged.papers if paper.ref not in refs]
    return replace(judged, papers=(*others, *papers.values()), judgements=(*kept, *given))


def _stored(services: Services, refs: Iterable[str]) -> dict[str, Paper]:
    with services.database.reading() as session:
        return papers_store.papers_by_refs(session, sorted(refs))
