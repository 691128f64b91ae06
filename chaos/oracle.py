"""The oracle: what the mail server's journal says about who got what. It reads nothing else."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

# What is promised in seconds is promised of an idle machine. On another one CHAOS_SLOWNESS=10 makes all of them tenfold.
SLOWNESS = float(os.environ.get("CHAOS_SLOWNESS", "1"))


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the server took it; ``at`` is in seconds since 1970."""

    at: float
    recipient: str
    message_id: str


def read(journal: Path) -> list[Line]:
    """The whole lines of ``journal``, in order."""
    text = journal.read_text(encoding="utf-8") if journal.exists() else ""
    rows = (json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n"))
    return [Line(row["at"], row["recipient"], row["message_id"]) for row in rows]


def count(journal: Path) -> int:
    """How many messages were taken up to now."""
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@dataclass(slots=True)
class Verdict:
    """The figures of one scenario, and which promises were broken."""

    figures: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def tell(self, figure: str, *, broken: bool = False) -> None:
        """Adds a figure; ``broken`` where it says that a promise was not kept."""
        self.figures.append(figure)
        if broken:
            self.broken.append(figure)

    def tell_time(self, figure: str, took: float, *, most: float) -> None:
        """Adds a figure with its seconds; broken where it took longer than ``most`` of an idle machine."""
        self.tell(figure, broken=took > most * SLOWNESS)


def judge(verdict: Verdict, taken: Iterable[Line], *, expected: Collection[str], doubtful: Collection[str]) -> None:
    """Tells who of ``expected`` got nothing and is not listed as ``doubtful`` either, and who got something twice."""
    counts = Counter(line.recipient for line in taken)
    lost = set(expected) - counts.keys() - set(doubtful)
    doubled = [one for one, times in counts.items() if times > 1]
    strangers = counts.keys() - set(expected)
    verdict.tell(f"{len(counts)} of {len(expected)} taken")
    verdict.tell(f"lost {len(lost)}", broken=bool(lost))
    verdict.tell(f"doubled {len(doubled)}", broken=bool(doubled))
    arrived = sum(one in counts for one in doubtful)
    verdict.tell(f"unknown {len(doubtful)} ({arrived} of them arrived)")
    if strangers:
        verdict.tell(f"{len(strangers)} who should get nothing", broken=True)
