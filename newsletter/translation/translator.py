"""Translates many texts at once: engines in order, each result past the gate, accepted ones given out as they come.

It holds no database session; the caller saves in batches what it takes from ``run``. What fails is counted, never yielded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice

from newsletter.errors import PermanentError
from newsletter.translation.budgets import Limits, NoLimits
from newsletter.translation.chunks import pieces
from newsletter.translation.counts import EngineCounts, Report
from newsletter.translation.engines.circuit_breaker import Breaker
from newsletter.translation.engines.registry import ChatModel, Engine
from newsletter.translation.fallback import EngineFallback
from newsletter.translation.glossary import EMPTY, Glossary
from newsletter.translation.placeholder_forms import KnownForms
from newsletter.translation.protection import protect
from newsletter.translation.store.refusals import Refusal
from newsletter.translation.store.translations import Accepted, Need
from newsletter.translation.thread_pool import ThreadPool

CONCURRENCY = 16
# A text is offered to the engines again when they had to rest, but only if they rest no longer than this (seconds).
ROUNDS = 3
PATIENCE = 2.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would cost: calls, and characters sent."""

    calls: int
    characters: int


class Translator:
    """The engines, with what is known of their health; one object per process, ``run`` by one thread at a time."""

    def __init__(
        self,
        engines: Sequence[Engine],
        *,
        concurrency: int = CONCURRENCY,
        glossary: Callable[[str], Glossary] = lambda _: EMPTY,
        limits: Limits | None = None,
        local_numbers: bool = False,
    ) -> None:
        """``glossary`` gives that of a language; with ``local_numbers`` numbers are written as the reader writes them."""
        self._forms, self._local_numbers = KnownForms(), local_numbers
        self._engines = tuple(engines)
        self._concurrency = concurrency
        self._glossary = glossary
        self._limits = limits or NoLimits()
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._lock = threading.Lock()
        self._tally = EngineCounts()

    @property
    def report(self) -> Report:
        """What the last run, or the one under way, did."""
        return self._tally.report()

    def take_refusals(self) -> list[Refusal]:
        """The texts of the run under way to which no answer may be published, since this was called last."""
        return self._tally.take_refusals()

    def run(
        self, needs: Iterable[Need], *, deadline: float | None = None, sign_of_life: float | None = None
    ) -> Iterator[Accepted]:
        """Accepted translations of ``needs`` in the order in which they are ready; ends at ``deadline`` (monotonic seconds).

        It ends too where no engine has answered anything ``sign_of_life`` seconds after it began: all are dead. Nothing is
        yielded without an engine. Calls under way at the end are left to their time-outs, their results dropped.
        """
        self._tally = counts = EngineCounts()
        if not self._engines:
            return
        self._limits.refresh()
        thread_pool: ThreadPool[list[Accepted]] = ThreadPool(self._concurrency, "translate")
        given_up = None if sign_of_life is None else time.monotonic() + sign_of_life
        run = _Run(self, counts, threading.Event(), deadline, given_up)
        waiting = self._jobs(needs)
        pending: set[Future[list[Accepted]]] = set()
        try:
            while not run.over():
                # Twice the threads: enough to keep them busy while the caller saves, and memory stays flat.
                jobs = islice(waiting, 2 * self._concurrency - len(pending))
                pending |= {thread_pool.submit(partial(run.one, job)) for job in jobs}
                if not pending:
                    return
                done, pending = wait(pending, timeout=run.left(), return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        finally:
            run.stop.set()
            thread_pool.dismiss()

    def _jobs(self, needs: Iterable[Need]) -> Iterator[list[Need]]:
        """What is worked on as one: all texts of a paper in a language where an engine takes them together, else each text."""
        if not any(isinstance(engine, ChatModel) for engine in self._engines):
            return ([need] for need in needs)
        return (list(group) for _, group in groupby(needs, key=lambda need: (need.paper_id, need.language)))

    def estimate(self, needs: Iterable[Need]) -> dict[str, Estimate]:
        """What ``needs`` cost with the first engine, by its name, if all goes well; nothing is called, {} without an engine."""
        if not self._engines:
            return {}
        engine, calls, characters = self._engines[0], 0, 0
        for job in self._jobs(needs):
            sizes = [size for need in job for size in self._sizes(need, engine)]
            together = isinstance(engine, ChatModel) and len(job) > 1
            calls += min(1, len(sizes)) if together else len(sizes)
            characters += sum(sizes)
        return {engine.name: Estimate(calls, characters)}

    def _sizes(self, need: Need, engine: Engine) -> list[int]:
        """The characters of the calls that a text takes; empty where it has no words, or one too long for the engine."""
        guarded = protect(need.text, engine.forms[0], self._glossary(need.language))
        try:
            return [len(piece) for piece in pieces(guarded.text, engine.limit)] if guarded.has_words else []
        except PermanentError:
            return []

    def version(self, language: str, text: str) -> str:
        """The glossary version of ``text`` in a language: what of the glossary its translation depends on."""
        return self._glossary(language).version_for(text)

    def fallback(self, counts: EngineCounts, over: Callable[[], bool], sleep: Callable[[float], object]) -> EngineFallback:
        """The ladder of one run."""
        return EngineFallback(
            self._engines,
            circuit=self.breaker,
            glossary=self._glossary,
            limits=self._limits,
            counts=counts,
            over=over,
            sleep=sleep,
            forms=self._forms,
            local_numbers=self._local_numbers,
        )

    @property
    def engines(self) -> tuple[Engine, ...]:
        return self._engines

    def breaker(self, engine: str, language: str = "") -> Breaker:
        """The circuit of an engine, or of one language of it: a language it does not know must not close the others."""
        with self._lock:
            return self._breakers.setdefault((engine, language), Breaker())


class _Run:
    """One run: its end, and another try for what failed for a while. ``one`` is called by many threads."""

    def __init__(
        self, translator: Translator, counts: EngineCounts, stop: threading.Event, deadline: float | None, given_up: float | None
    ) -> None:
        """``deadline`` and ``given_up``, if nobody has answered by then, are in monotonic seconds."""
        self._translator, self._tally = translator, counts
        self._given_up = given_up
        self.stop = stop
        self._deadline = deadline
        self._ladder = translator.fallback(counts, self.over, stop.wait)

    def left(self) -> float | None:
        """The seconds until its end, None where it has none."""
        ends = [self._deadline, None if self._tally.answered else self._given_up]
        known = [end for end in ends if end is not None]
        return max(0.0, min(known) - time.monotonic()) if known else None

    def over(self) -> bool:
        return self.stop.is_set() or self.left() == 0.0

    def one(self, needs: Sequence[Need]) -> list[Accepted]:
        """The acceptable translations of a job; those that there are none of, or none in time, are missing."""
        accepted: list[Accepted] = []
        waiting = needs
        for _ in range(ROUNDS):
            found, waiting = self._ladder.translate(waiting)
            accepted += found
            if not waiting or self.over():
                break
            rest, left = self._shortest_rest(waiting[0].language), self.left()
            if rest > PATIENCE or (left is not None and rest >= left) or self.stop.wait(rest):
                break
        return accepted

    def _shortest_rest(self, language: str) -> float:
        return min(self._ladder.rest(engine, language) for engine in self._translator.engines)
