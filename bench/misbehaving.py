"""`python -m bench.misbehaving DATA`: recorded papers through engines that misbehave: what is published, refused, and wrong.

DATA is a folder of recorded papers (`arxiv/DAY.jsonl.gz`). A third of the papers (`--unseen`) is kept for the last look, after
all tuning. What is published of a bad answer is wrong unless it is what a good engine's would be. `--days` asks a good engine for
all papers of each day, and tells what of its answers is published at the first try.
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
from newsletter.text.tex import clean
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


def papers(folder: Path, *, unseen: bool | None) -> Iterator[tuple[str, str]]:
    """(title, abstract) of the recorded papers, of the third that nothing was tuned on, of the others or (None) of all."""
    for day in days(folder):
        yield from of_day(day, unseen=unseen)


def days(folder: Path) -> list[Path]:
    """The recorded days."""
    return sorted((folder / "arxiv").glob("*.jsonl.gz"))


def of_day(day: Path, *, unseen: bool | None) -> Iterator[tuple[str, str]]:
    """As ``papers``, of one day."""
    with gzip.open(day, "rt", encoding="utf-8") as lines:
        for paper in map(json.loads, lines):
            third = int(hashlib.sha1(paper["id"].encode()).hexdigest(), 16) % 3 == 0  # noqa: S324 - a draw, no secret
            if unseen in (None, third):
                # As they are stored: with the accents of TeX read.
                yield clean(paper["title"]), clean(paper["summary"])


def tried(engine: str, texts: list[tuple[str, str]], languages: tuple[str, ...], form: Form = Form.BRACES) -> Row:
    """What ``engine`` makes of the three texts of each paper, in the order in which they would be asked for.

    ``form`` is that of the placeholders: braces are a chat model's first, codes that of engines for translation.
    """
    row = Row()
    for code in languages:
        before = "We study the seasons of a small lake in the north."
        for text in (text for title, abstract in texts for text in (title, abstract, contribution(title, abstract))):
            glossary, language = _glossary(code), language_of(code)
            guarded = protect(text, form, glossary)
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


def _tried(job: tuple[str, list[tuple[str, str]], tuple[str, ...], Form]) -> Row:
    return tried(*job)


def _tell_days(data: Path, languages: tuple[str, ...], form: Form, examples: int) -> None:
    jobs = [("good", list(of_day(day, unseen=None)), (code,), form) for day in days(data) for code in languages]
    with ProcessPoolExecutor(2) as pool:
        for day, (_, _, (code,), _), row in zip(
            [day for day in days(data) for _ in languages], jobs, pool.map(_tried, jobs), strict=True
        ):
            share = 100 * row.published / max(1, row.texts)
            line = f"{day.name[:10]} {code:6} {row.texts:6} texts {share:7.2f} % at the first try  {dict(row.reasons)}"
            sys.stdout.write("\n    ".join([line, *row.examples[:examples]]) + "\n")
            sys.stdout.flush()


def main() -> None:
    """Prints a line an engine: texts, published, refused, of the published wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--unseen", action="store_true", help="The third that nothing was tuned on.")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--form", type=Form, choices=list(Form), default=Form.BRACES, help="Of the placeholders.")
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--days", action="store_true", help="A good engine's texts of every day.")
    given = parser.parse_args()
    if given.days:
        _tell_days(given.data, tuple(given.languages), given.form, given.examples)
        return
    found = list(papers(given.data, unseen=given.unseen))
    texts = list(islice(found[:: max(1, len(found) // given.papers)], given.papers))
    jobs = [(engine, texts, tuple(given.languages), given.form) for engine in given.engines]
    sys.stdout.write(f"{len(texts)} papers, {len(given.languages)} languages\nengine, texts, published, refused, wrong\n")
    with ProcessPoolExecutor(2) as pool:
        for (engine, *_), row in zip(jobs, pool.map(_tried, jobs), strict=True):
            reasons = ", ".join(f"{reason} {count}" for reason, count in row.reasons.most_common(4))
            line = f"{engine:34} {row.texts:6} {row.published:6} {row.texts - row.published:6} {row.wrong:6}  {reasons}"
            sys.stdout.write("\n    ".join([line, *row.examples[: given.examples]]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
