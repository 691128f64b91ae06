"""Counts what a run of translations did, by engine: calls, characters, accepted texts, failures by reason."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.errors import NewsletterError, TemporaryError
from newsletter.translation.engines.answers import CutOff, UselessAnswer
from newsletter.translation.engines.transfer import Refused
from newsletter.translation.store.refusals import Refusal


@dataclass(frozen=True, slots=True)
class EngineReport:
    """One engine's part. ``failed`` counts by reason: ``temporary``, ``refused`` (with a status where it is known), ``useless``,
    ``broken``, ``resting``, ``too long``, ``limit``; ``rejected`` results by reason of the gate, or ``placeholders``.

    A text that was rejected for two reasons counts under both. ``problem`` is the last thing that went wrong, in the engine's own
    words where it had some.
    """

    calls: int
    characters: int
    accepted: int
    failed: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The engines' parts by name; engines that nobody asked are left out."""

    engines: Mapping[str, EngineReport]

    def counts(self) -> Counter[tuple[str, str]]:
        """All counts by engine and kind: ``calls``, ``characters``, ``accepted``, ``failed REASON``, ``rejected REASON``.

        An engine that rested was not asked, which is no failure of it.
        """
        found: Counter[tuple[str, str]] = Counter()
        for name, one in self.engines.items():
            found += Counter({(name, "calls"): one.calls, (name, "characters"): one.characters, (name, "accepted"): one.accepted})
            found += Counter({(name, f"failed {reason}"): count for reason, count in one.failed.items() if reason != "resting"})
            found += Counter({(name, f"rejected {reason}"): count for reason, count in one.rejected.items()})
        return found

    @property
    def problems(self) -> dict[str, str]:
        """What went wrong last with each engine that something went wrong with."""
        return {name: engine.problem for name, engine in self.engines.items() if engine.problem}

    @property
    def calls(self) -> int:
        return sum(engine.calls for engine in self.engines.values())

    @property
    def characters(self) -> int:
        return sum(engine.characters for engine in self.engines.values())

    @property
    def accepted(self) -> int:
        return sum(engine.accepted for engine in self.engines.values())


class EngineCounts:
    """The counts of one run; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered = False
        self._counts: Counter[tuple[str, str]] = Counter()
        self._failures: dict[str, Counter[str]] = {}
        self._rejections: dict[str, Counter[str]] = {}
        self._problems: dict[str, str] = {}
        self._refusals: list[Refusal] = []

    def called(self, engine: str, characters: int) -> None:
        with self._lock:
            self._counts[engine, "calls"] += 1
            self._counts[engine, "characters"] += characters

    @property
    def answered(self) -> bool:
        """True once any engine has answered anything."""
        return self._answered

    def answer(self) -> None:
        """An engine gave a sign of life."""
        self._answered = True

    def accepted(self, engine: str) -> None:
        with self._lock:
            self._counts[engine, "accepted"] += 1

    def failed(self, engine: str, reason: str, problem: str = "") -> None:
        with self._lock:
            if problem:
                self._problems[engine] = problem
            self._failures.setdefault(engine, Counter())[reason] += 1

    def rejected(self, engine: str, reason: str) -> None:
        with self._lock:
            self._rejections.setdefault(engine, Counter())[reason] += 1

    def refused(self, refusal: Refusal) -> None:
        """No answer to a text may be published: this is the last one."""
        with self._lock:
            self._refusals.append(refusal)

    def take_refusals(self) -> list[Refusal]:
        """What was refused since this was called last."""
        with self._lock:
            taken, self._refusals = self._refusals, []
        return taken

    def report(self) -> Report:
        with self._lock:
            names = sorted({name for name, _ in self._counts} | set(self._failures) | set(self._rejections))
            return Report({name: self._of(name) for name in names})

    def _of(self, name: str) -> EngineReport:
        counts = self._counts
        failed = dict(self._failures.get(name, Counter()))
        rejected = dict(self._rejections.get(name, Counter()))
        return EngineReport(
            counts[name, "calls"],
            counts[name, "characters"],
            counts[name, "accepted"],
            failed,
            rejected,
            self._problems.get(name, ""),
        )


def reason_of(error: NewsletterError) -> str:
    """Under which reason a call that failed is counted."""
    if isinstance(error, (UselessAnswer, CutOff)):
        return "useless"
    if isinstance(error, Refused):
        return f"refused {error.status}"
    return "temporary" if isinstance(error, TemporaryError) else "refused"
