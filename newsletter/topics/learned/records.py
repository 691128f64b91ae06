"""What topics are learned from: judged papers, as they ship in ``judged/`` (arXiv's metadata is CC0) or as an operator adds them.

Reads files, trains nothing.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from newsletter.errors import InputError
from newsletter.text.language_model import SIZE
from newsletter.topics.evaluation import Judgement, read_judgements
from newsletter.values.papers import Paper

JUDGED = Path(__file__).with_name("judged")
# What the names of files begin with: of days as they came, and of chosen papers.
KINDS = ("", "chosen-")


@dataclass(frozen=True, slots=True)
class JudgedPapers:
    """Papers that readers judged under ``topics``, and their judgements; a paper without a line for a topic is not under it.

    ``chosen`` are the refs of those that were picked for what they are about, and not as they came on a day. How a paper of a
    topic reads is learned from these too; how many papers are of a topic they cannot say, so they choose no threshold and are
    counted in no score.
    """

    papers: tuple[Paper, ...]
    judgements: tuple[Judgement, ...]
    chosen: frozenset[str] = frozenset()

    @property
    def refs(self) -> set[str]:
        return {paper.ref for paper in self.papers}

    @property
    def topics(self) -> set[str]:
        """The slugs that some paper was judged for."""
        return {one.topic for one in self.judgements}

    @property
    def of_days(self) -> JudgedPapers:
        """The papers as they came, without the chosen ones."""
        papers = tuple(paper for paper in self.papers if paper.ref not in self.chosen)
        return JudgedPapers(papers, tuple(one for one in self.judgements if one.ref not in self.chosen))


def shipped_records(folder: Path = JUDGED) -> JudgedPapers:
    """The papers and judgements that the shipped model was learned from.

    Raises InputError naming the file and the line.
    """
    (papers, judgements), (chosen, more) = (
        (
            with_vectors(read_papers(folder / f"{prefix}papers.jsonl.gz"), folder / f"{prefix}vectors.bin.gz"),
            read_judgements(folder / f"{prefix}judgements.tsv"),
        )
        for prefix in KINDS
    )
    return JudgedPapers((*papers, *chosen), (*judgements, *more), frozenset(paper.ref for paper in chosen))


def with_vectors(papers: Sequence[Paper], path: Path) -> tuple[Paper, ...]:
    """The papers with the language model's vectors of them, which a gzipped file holds in their order.

    Raises InputError naming the file.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as exc:
        raise InputError(f"{path} cannot be read ({exc}): give the file of vectors that came with the service") from exc
    if len(content) != SIZE * len(papers):
        raise InputError(f"{path} has not {SIZE} numbers for each of {len(papers)} papers: run .ci/judged-vectors")
    return tuple(replace(paper, vector=content[SIZE * row : SIZE * (row + 1)]) for row, paper in enumerate(papers))


def read_papers(path: Path) -> tuple[Paper, ...]:
    """Papers of a gzipped file with one JSON object a line: id, title, abstract, categories, announced.

    Raises InputError naming the file, and the line where one is at fault.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return tuple(_paper(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1))
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read ({exc}): give the file of judged papers that came with the service") from exc


def _paper(line: str, where: str) -> Paper:
    try:
        row = json.loads(line)
        day = dt.date.fromisoformat(row["announced"])
        at = dt.datetime.combine(day, dt.time(), dt.UTC)
        return Paper(
            ref=row["id"],
            version=1,
            title=row["title"],
            abstract=row["abstract"],
            authors=(),
            categories=tuple(row["categories"]),
            submitted=at,
            updated=at,
            announced_on=day,
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise InputError(f"{where} is no judged paper ({exc}): write id, title, abstract, categories and announced") from exc
