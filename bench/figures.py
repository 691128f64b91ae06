"""A figure of the benchmark: what was measured, its bar, and whether it holds. Pure; measures and prints nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a figure says of its bar: ``TOLD`` has none, ``UNMEASURED`` has no value."""

    PASS = "pass"  # noqa: S105 - no password
    SHORT = "short"
    TOLD = "-"
    UNMEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``value`` is None where it could not be measured; ``note`` then says why.

    The bar is ``at_least`` or ``at_most``, in ``unit``; without either the figure only tells.
    """

    name: str
    value: float | None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """How the value stands to its bar; one that equals it passes."""
        if self.value is None:
            return Verdict.UNMEASURED
        if self.at_least is None and self.at_most is None:
            return Verdict.TOLD
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return Verdict.PASS if low and high else Verdict.SHORT

    @property
    def bar(self) -> str:
        """The bar in words; empty where there is none."""
        sides = (("≥", self.at_least), ("≤", self.at_most))
        return " ".join(f"{sign} {number(limit)}" for sign, limit in sides if limit is not None)

    @property
    def shown(self) -> str:
        """The value with its unit; a dash where there is none."""
        return "-" if self.value is None else f"{number(self.value)} {self.unit}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The fields by name, for ``from_json``."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Figure:
        """The figure that ``as_json`` wrote. Raises TypeError where the fields are others."""
        return cls(**fields)


def number(value: float) -> str:
    """A number as the table shows it: three figures that count, thousands set apart."""
    if value and abs(value) < 0.1:
        return f"{value:.3f}"
    if abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"
