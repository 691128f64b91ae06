"""Counts what a run of translations did, by engine: calls, characters, accepted texts, failures by reason."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EngineReport:
    """One engine's part. ``failed`` counts by reason: ``temporary``, ``refused``, ``broken``, ``resting``, ``too long``,
    ``placeholders``, or a reason of the gate.

    A text that failed for two reasons counts under both.
    """

    calls: int
    characters: int
    accepted: int
    failed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The engines' parts by name; engines that nobody asked are left out."""

    engines: Mapping[str, EngineReport]

    @property
    def calls(self) -> int:
        return sum(engine.calls for engine in self.engines.values())

    @property
    def characters(self) -> int:
        return sum(engine.characters for engine in self.engines.values())

    @property
    def accepted(self) -> int:
        return sum(engine.accepted for engine in self.engines.values())


class Tally:
    """The counts of one run; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._failures: dict[str, Counter[str]] = {}

    def called(self, engine: str, characters: int) -> None:
        with self._lock:
            self._counts[engine, "calls"] += 1
            self._counts[engine, "characters"] += characters

    def accepted(self, engine: str) -> None:
        with self._lock:
            self._counts[engine, "accepted"] += 1

    def failed(self, engine: str, reason: str) -> None:
        with self._lock:
            self._failures.setdefault(engine, Counter())[reason] += 1

    def report(self) -> Report:
        with self._lock:
            names = sorted({name for name, _ in self._counts} | set(self._failures))
            return Report({name: self._of(name) for name in names})

    def _of(self, name: str) -> EngineReport:
        counts = self._counts
        failed = dict(self._failures.get(name, Counter()))
        return EngineReport(counts[name, "calls"], counts[name, "characters"], counts[name, "accepted"], failed)
