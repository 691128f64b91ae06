"""Translates many texts at once: engines in order, each result past the gate, accepted ones given out as they come.

It holds no database session; the caller saves in batches what it takes from ``run``. What fails is counted, never yielded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

import structlog

from newsletter.errors import NewsletterError, PermanentError, TemporaryError
from newsletter.languages import Language, language_of
from newsletter.translation.breaker import Breaker
from newsletter.translation.chunks import join, pieces
from newsletter.translation.engines import Engine
from newsletter.translation.gate import faults
from newsletter.translation.protection import Form, PlaceholdersLost, protect, restore
from newsletter.translation.store import Accepted, Need
from newsletter.translation.tally import Report, Tally

log = structlog.get_logger(__name__)

CONCURRENCY = 16
# A text is offered to the engines again when they had to rest, but only if they rest no longer than this (seconds).
ROUNDS = 3
PATIENCE = 2.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would cost with its first engine, if all goes well: calls, and characters sent."""

    calls: int
    characters: int


class Translator:
    """The engines, with what is known of their health; one object per process, ``run`` by one thread at a time."""

    def __init__(self, engines: Sequence[Engine], *, concurrency: int = CONCURRENCY) -> None:
        self._engines = tuple(engines)
        self._concurrency = concurrency
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._lock = threading.Lock()
        self._tally = Tally()

    @property
    def report(self) -> Report:
        """What the last run, or the one under way, did."""
        return self._tally.report()

    def run(self, needs: Iterable[Need], *, deadline: float | None = None) -> Iterator[Accepted]:
        """Accepted translations of ``needs`` in the order in which they are ready; ends at ``deadline`` (monotonic seconds).

        Nothing is yielded without an engine. Calls under way at the deadline are left to their time-outs, results dropped.
        """
        self._tally = tally = Tally()
        if not self._engines:
            return
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="translate")
        run = _Run(self, tally, threading.Event(), deadline)
        waiting = iter(needs)
        pending: set[Future[Accepted | None]] = set()
        try:
            while not run.over():
                # Twice the threads: enough to keep them busy while the caller saves, and memory stays flat.
                pending |= {pool.submit(run.one, need) for need in islice(waiting, 2 * self._concurrency - len(pending))}
                if not pending:
                    return
                done, pending = wait(pending, timeout=run.left(), return_when=FIRST_COMPLETED)
                for future in done:
                    if accepted := future.result():
                        yield accepted
        finally:
            run.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def estimate(self, needs: Iterable[Need]) -> Estimate:
        """The calls and characters that ``needs`` cost with the first engine; nothing is called."""
        calls = characters = 0
        for need in needs if self._engines else ():
            engine = self._engines[0]
            try:
                texts = _words_of(need.text, engine, engine.forms[0])
            except PermanentError:
                continue
            calls += len(texts)
            characters += sum(map(len, texts))
        return Estimate(calls, characters)

    @property
    def engines(self) -> tuple[Engine, ...]:
        return self._engines

    def breaker(self, engine: str, language: str = "") -> Breaker:
        """The circuit of an engine, or of one language of it: a language it does not know must not close the others."""
        with self._lock:
            return self._breakers.setdefault((engine, language), Breaker())


def _words_of(text: str, engine: Engine, form: Form) -> list[str]:
    """The texts of the calls that ``text`` takes; empty where it has no words."""
    guarded = protect(text, form)
    return pieces(guarded.text, engine.limit) if guarded.has_words else []


class _Run:
    """One run: its tally, its end, and the ladder for one text. Its methods are called by many threads."""

    def __init__(self, translator: Translator, tally: Tally, stop: threading.Event, deadline: float | None) -> None:
        self._translator = translator
        self._tally = tally
        self.stop = stop
        self._deadline = deadline

    def left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def over(self) -> bool:
        return self.stop.is_set() or self.left() == 0.0

    def one(self, need: Need) -> Accepted | None:
        """The first acceptable translation; None where there is none, or the run is over."""
        for _ in range(ROUNDS):
            accepted, again = self._ladder(need)
            if accepted or not again or self.over():
                return accepted
            rest = self._shortest_rest(need.language)
            left = self.left()
            if rest > PATIENCE or (left is not None and rest >= left) or self.stop.wait(rest):
                return None
        return None

    def _shortest_rest(self, language: str) -> float:
        return min(self._rest(engine, language) for engine in self._translator.engines)

    def _rest(self, engine: Engine, language: str) -> float:
        now = time.monotonic()
        return max(self._translator.breaker(engine.name, part).rest(now) for part in ("", language))

    def _ladder(self, need: Need) -> tuple[Accepted | None, bool]:
        """Every engine in order; the flag says whether it is worth trying again after a while."""
        again = False
        for engine in self._translator.engines:
            if self.over():
                break
            if self._rest(engine, need.language) > 0:
                self._tally.failed(engine.name, "resting")
                again = True
                continue
            try:
                text = self._with(engine, need)
            except TemporaryError:
                again = True
                continue
            except PermanentError:
                continue
            if text is not None:
                self._tally.accepted(engine.name)
                accepted = Accepted(need.paper_id, need.version, need.field, need.language, need.source_hash, text, engine.name)
                return accepted, False
        return None, again

    def _with(self, engine: Engine, need: Need) -> str | None:
        """What ``engine`` makes of the text, in the first form of placeholders that comes back whole and passes the gate."""
        language = language_of(need.language)
        for form in engine.forms:
            guarded = protect(need.text, form)
            if not guarded.has_words:
                return need.text
            parts = [self._call(engine, piece, language) for piece in self._pieces(guarded.text, engine)]
            try:
                text = restore(join(parts, spaceless=language.spaceless), guarded)
            except PlaceholdersLost:
                self._tally.failed(engine.name, "placeholders")
                continue
            found = faults(need.text, text, language)
            if not found:
                return text
            for reason in found:
                self._tally.failed(engine.name, reason)
        return None

    def _pieces(self, text: str, engine: Engine) -> list[str]:
        try:
            return pieces(text, engine.limit)
        except PermanentError:
            self._tally.failed(engine.name, "too long")
            raise

    def _call(self, engine: Engine, text: str, language: Language) -> str:
        started = time.monotonic()
        self._tally.called(engine.name, len(text))
        circuits = (self._translator.breaker(engine.name), self._translator.breaker(engine.name, language.code))
        try:
            result = engine.translate(text, language)
        except NewsletterError as error:
            temporary = isinstance(error, TemporaryError)
            wish = error.retry_after if isinstance(error, TemporaryError) else None
            circuits[0 if temporary else 1].failed(started, time.monotonic(), retry_after=wish)
            self._tally.failed(engine.name, "temporary" if temporary else "refused")
            raise
        except Exception as error:
            # Libraries read pages from outside and break in ways that no list holds; that must not cost the other texts.
            log.exception("engine broke", engine=engine.name, language=language.code)
            self._tally.failed(engine.name, "broken")
            raise PermanentError(f"{engine.name} broke: {type(error).__name__}") from error
        for circuit in circuits:
            circuit.succeeded()
        return result
