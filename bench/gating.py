"""`python -m bench.gating DATA`: abstracts through every fake engine and the gate, judged by an oracle of its own; and the speed.

DATA is a folder of recorded papers (`arxiv/DAY.jsonl.gz`); without one, the thirty abstracts of the tests are used. Most texts go
to the fakes directly, which leaves the gate alone with what they say; `--http N` sends N of them through the real adapters.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

from newsletter.languages import language_of
from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.engines.google import GoogleEngine
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.engines.registry import Engine
from newsletter.translation.gate.verdict import faults
from newsletter.translation.protection import Form, protect, restore
from tests.translation.corpus import LANGUAGES, Outcome, glossaries, in_process, judged, over_http, own_abstracts, recorded
from tests.translation.engines.fake_engines import ANSWERS, BEHAVIOURS, FakeEngines, translated

OTHERS = 300
SPEED_TEXTS = 3000


def main() -> None:
    """Runs all and prints a line a fake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--others", type=int, default=OTHERS)
    parser.add_argument("--fakes", nargs="+", choices=list(ANSWERS), default=list(ANSWERS))
    parser.add_argument("--http", type=int, default=0)
    given = parser.parse_args()
    texts = recorded(given.data, others=given.others) if given.data else own_abstracts()
    share = texts[:: max(1, len(texts) // given.http)] if given.http else []
    sys.stdout.write(f"{len(texts)} abstracts, {len(LANGUAGES)} languages: texts, published, at the first try, parts, faults\n")
    for line in chain(_direct(texts, given.fakes), _through_adapters(share), _speed(texts)):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _direct(texts: list[str], fakes: list[str]) -> Iterator[str]:
    jobs = [(texts, name, protecting) for protecting in (True, False) for name in fakes]
    with ProcessPoolExecutor(2) as pool:
        for (_, name, protecting), outcome in zip(jobs, pool.map(_outcome, jobs), strict=True):
            yield _line(name if protecting else f"{name}, nothing protected", outcome)


def _outcome(job: tuple[list[str], str, bool]) -> Outcome:
    texts, name, protecting = job
    return judged(texts, in_process(name), glossaries(), forms=tuple(Form) if protecting else [None])


def _through_adapters(texts: list[str]) -> Iterator[str]:
    for name in BEHAVIOURS if texts else ():
        with FakeEngines(name) as fakes:
            chat = ChatEngine(fakes.openai_url, model="m", time_out=0.2 if name == "hang" else 10)
            engines: list[Engine] = [chat, LibreEngine(fakes.libre_url), GoogleEngine(fakes.google_url)]
            for engine in engines[:1] if name == "hang" else engines:
                share = texts[:2] if name == "hang" else texts
                yield _line(
                    f"{name} over HTTP, {engine.name}", judged(share, over_http(engine), glossaries(), forms=engine.forms)
                )


def _line(name: str, outcome: Outcome) -> str:
    reasons = ", ".join(f"{reason} {count}" for reason, count in outcome.reasons.most_common(3))
    figures = f"{outcome.published:6} {outcome.first:6} {outcome.parts:7} {len(outcome.wrong):4}"
    return "\n    ".join([f"{name:38} {outcome.texts:6} {figures}  {reasons}", *outcome.wrong[:3]])


def _speed(texts: list[str]) -> Iterator[str]:
    """Milliseconds a text for protecting, restoring and judging a good translation, of one process."""
    known = glossaries()
    for code in LANGUAGES:
        spent: list[float] = []
        for number in range(SPEED_TEXTS // len(LANGUAGES)):
            # A text of its own each time: none is remembered from before.
            text = f"{texts[number % len(texts)]} This is text {number}."
            started = time.perf_counter()
            guarded = protect(text, Form.CODE, known[code])
            spent.append(time.perf_counter() - started)
            answer = translated(guarded.text, language_of(code).google)
            started = time.perf_counter()
            faults(text, restore(answer, guarded), language_of(code), known[code])
            spent[-1] += time.perf_counter() - started
        spent.sort()
        mean, most = 1000 * sum(spent) / len(spent), 1000 * spent[len(spent) * 99 // 100]
        yield f"{code}: {mean:.2f} ms a text, {most:.2f} ms for one of a hundred"


if __name__ == "__main__":
    main()
