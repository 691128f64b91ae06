"""500 papers x 2 fields x 3 languages through an engine that takes 0.3 s a call, 16 calls at once.

The ideal is what the engine alone takes (calls x 0.3 s / 16); the goal is 1.25 times that, with flat memory. The engine is a
LibreTranslate on loopback in a process of its own, which makes up words; protection, gate and glossary are ours.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import re
import resource
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

from bench.figures import Figure
from newsletter.papers.sample import sample_day
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.glossary import Glossary, load_glossary
from newsletter.translation.store.translations import Need, source_hash
from newsletter.translation.translator import Translator
from newsletter.values.translations import Field
from tests.translation.engines.fake_engines import FakeEngines, _Handler

SECONDS, CONCURRENCY, GOAL = 0.3, 16, 1.25
LANGUAGES = ("zh-CN", "ja", "de")
DAY = dt.date(2026, 6, 26)


def measure(*, papers: int) -> Iterator[Figure]:
    """The ratio to the ideal, texts accepted at the first try, and how the memory grew."""
    ours, theirs = multiprocessing.Pipe()
    engine = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    engine.start()
    try:
        yield from _figures(papers, str(ours.recv()))
    finally:
        engine.kill()


def _figures(papers: int, url: str) -> Iterator[Figure]:
    glossaries: dict[str, Glossary] = {language: load_glossary(language) for language in LANGUAGES}
    translator = Translator([LibreEngine(url)], concurrency=CONCURRENCY, glossary=glossaries.__getitem__)
    needs = _needs(papers)
    processor, started = time.process_time(), time.perf_counter()
    accepted, early = 0, 0
    for _ in translator.run(needs):
        accepted += 1
        if accepted == len(needs) // 5:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, processor = time.perf_counter() - started, time.process_time() - processor
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / max(1, early)
    ideal = len(needs) * SECONDS / CONCURRENCY
    work = f"translating {papers} papers x 2 fields x {len(LANGUAGES)} languages, time to the ideal"
    made = f"{took:.1f} s; the ideal is {ideal:.1f} s: {SECONDS} s a call, {CONCURRENCY} at once; {translator.report.calls} calls"
    each = f"{accepted} of {len(needs)} texts accepted, {1000 * processor / len(needs):.1f} ms of processor a text"
    memory = f"memory at the end {growth:.2f} x that after a fifth"
    yield Figure(work, took / ideal, "x", at_most=GOAL, note=f"{made}; {each}; {memory}")


def _needs(papers: int) -> list[Need]:
    """Made-up papers: sentences of the sample day in other orders, with numbers of their own; the same at each run."""
    dice = random.Random(20260626)  # noqa: S311
    samples = [sample.paper for sample in sample_day(DAY)]
    sentences = [one for paper in samples for one in re.split(r"(?<=[.!?])\s+", paper.abstract)]
    needs: list[Need] = []
    for number in range(1, papers + 1):
        title = f"{dice.choice(samples).title} {number}"
        last = f"Training takes {number} hours on {number % 7 + 2} rented machines with one graphics card each."
        abstract = " ".join([*dice.sample(sentences, 6), last])
        texts = ((Field.TITLE, title), (Field.ABSTRACT, abstract))
        needs += [Need(number, 1, field, code, text, source_hash(text)) for code in LANGUAGES for field, text in texts]
    return needs


def _serve(told: Connection) -> None:
    """The engine: good words, slowly; it tells its address."""

    class Slow(_Handler):
        def do_POST(self) -> None:
            started = time.monotonic()
            self.wfile = _Held(self.wfile, started)  # type: ignore[assignment]
            super().do_POST()

    class SlowEngines(FakeEngines):
        handler = Slow

    engines = SlowEngines().start()
    told.send(engines.libre_url)
    threading.Event().wait()


class _Held:
    """A stream whose first bytes leave when the time is over."""

    def __init__(self, stream: object, started: float) -> None:
        self._stream, self._leaves = stream, started + SECONDS

    def write(self, data: bytes) -> int:
        time.sleep(max(0.0, self._leaves - time.monotonic()))
        return int(self._stream.write(data))  # type: ignore[attr-defined]

    def flush(self) -> None:
        self._stream.flush()  # type: ignore[attr-defined]

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)  # type: ignore[attr-defined]

    def close(self) -> None:
        self._stream.close()  # type: ignore[attr-defined]
