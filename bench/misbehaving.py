"""`python -m bench.misbehaving DATA`: recorded papers through engines that misbehave: what is published, refused, and wrong.

DATA is a folder of recorded papers (`arxiv/DAY.jsonl.gz`). A third of the papers (`--unseen`) is kept for the last look, after
all tuning. What is published of a bad answer is wrong unless it is what a good engine's would be.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from newsletter.languages import language_of
from newsletter.text.contribution import contribution
from newsletter.translation.glossary import Glossary, load_glossary
from newsletter.translation.judging import judged
from newsletter.translation.protection import Form, protect
from tests.translation.misbehaving import ENGINES, LANGUAGES, Asked

PAPERS = 100


@dataclass
class Row:
    """What became of the texts of one engine."""

    texts: int = 0
    published: int = 0
    wrong: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


def papers(folder: Path, *, unseen: bool) -> Iterator[tuple[str, str]]:
    """(title, abstract) of the recorded papers, of the third that nothing was tuned on or of the others."""
    for day in sorted((folder / "arxiv").glob("*.jsonl.gz")):
        with gzip.open(day, "rt", encoding="utf-8") as lines:
            for paper in map(json.loads, lines):
                third = int(hashlib.sha1(paper["id"].encode()).hexdigest(), 16) % 3 == 0  # noqa: S324 - a draw, no secret
                if third == unseen:
                    yield " ".join(paper["title"].split()), " ".join(paper["summary"].split())


def tried(engine: str, texts: list[tuple[str, str]], languages: tuple[str, ...]) -> Row:
    """What ``engine`` makes of the three texts of each paper, in the order in which they would be asked for."""
    row = Row()
    for code in languages:
        before = "We study the seasons of a small lake in the north."
        for text in (text for title, abstract in texts for text in (title, abstract, contribution(title, abstract))):
            glossary, language = _glossary(code), language_of(code)
            guarded = protect(text, Form.BRACES, glossary)
            if not guarded.has_words:
                continue
            asked = Asked(guarded.text, code, before)
            before = guarded.text
            answer, good = ENGINES[engine](asked), asked.good
            found = judged(text, answer, language, glossary, guarded=guarded)
            right = judged(text, good, language, glossary, guarded=guarded)
            row.texts += 1
            row.published += found.passed
            row.reasons.update(found.reasons)
            wrong = found.passed and found.text != right.text
            row.wrong += wrong
            if wrong or (engine == "good" and found.reasons):
                row.examples.append(f"{code} {found.reasons}: {text[:110]} => {found.text[:140]}")
    return row


@cache
def _glossary(code: str) -> Glossary:
    return load_glossary(code)


def _tried(job: tuple[str, list[tuple[str, str]], tuple[str, ...]]) -> Row:
    return tried(*job)


def main() -> None:
    """Prints a line an engine: texts, published, refused, of the published wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--unseen", action="store_true", help="The third that nothing was tuned on.")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--examples", type=int, default=0)
    given = parser.parse_args()
    found = list(papers(given.data, unseen=given.unseen))
    texts = list(islice(found[:: max(1, len(found) // given.papers)], given.papers))
    jobs = [(engine, texts, tuple(given.languages)) for engine in given.engines]
    sys.stdout.write(f"{len(texts)} papers, {len(given.languages)} languages\nengine, texts, published, refused, wrong\n")
    with ProcessPoolExecutor(2) as pool:
        for (engine, _, _), row in zip(jobs, pool.map(_tried, jobs), strict=True):
            reasons = ", ".join(f"{reason} {count}" for reason, count in row.reasons.most_common(4))
            line = f"{engine:34} {row.texts:6} {row.published:6} {row.texts - row.published:6} {row.wrong:6}  {reasons}"
            sys.stdout.write("\n    ".join([line, *row.examples[: given.examples]]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
