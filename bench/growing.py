"""Whether what is done with a text grows as the text does: made-up runs of what slow patterns stumble over, and twice as much."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from bench.figures import Figure
from newsletter.collection.notes import pictures_in, plain_of
from newsletter.errors import InputError
from newsletter.mail.bounces.reading import read
from newsletter.ranking.examples import read_examples
from newsletter.text.formulas import plain
from newsletter.text.html_text import without_html
from newsletter.text.tex import clean
from newsletter.text.venues import venue_of
from tests.text.test_growing import RUNS

MOST = 2.5
# What takes less tells nothing of growth.
LEAST_SECONDS = 0.02
TRIES = 3


def _file(text: str) -> None:
    with suppress(InputError):
        read_examples(text.encode())


READERS: Mapping[str, Callable[[str], object]] = {
    "TeX": clean,
    "formulas": plain,
    "HTML": without_html,
    "pictures of notes": pictures_in,
    "words of notes": plain_of,
    "comments": venue_of,
    "mails that came back": lambda text: read(f"Content-Type: text/plain; x={text}\nSubject: Undelivered\n\n{text}".encode()),
    "files of readers": _file,
}
LONGEST = 1_600_000


def measure(*, letters: int) -> Iterator[Figure]:
    """Each reader of strangers' texts with each run, of ``letters`` or as many more as take a while, and twice that."""
    for name, reader in READERS.items():
        worst, run = max((_growth(reader, run, letters), run) for run in RUNS)
        note = f"the worst of {len(RUNS)} runs ({run!r}), each the quickest of {TRIES}"
        yield Figure(f"time to read twice as much: {name}", worst, "x", at_most=MOST, note=note)


def _growth(read: Callable[[str], object], run: str, letters: int) -> float:
    once = _seconds(read, run, letters)
    while once < LEAST_SECONDS and letters < LONGEST:
        letters *= 2
        once = _seconds(read, run, letters)
    return _seconds(read, run, 2 * letters) / once if once >= LEAST_SECONDS else 1.0


def _seconds(read: Callable[[str], object], run: str, letters: int) -> float:
    """Processor time of the quickest of a few tries, without the collector of garbage: its work is no growth of the reader's."""
    text, times = (run * (letters // len(run) + 1))[:letters], []
    for _ in range(TRIES):
        gc.collect()
        gc.disable()
        began = time.process_time()
        try:
            read(text)
        finally:
            gc.enable()
        times.append(time.process_time() - began)
    return min(times)
