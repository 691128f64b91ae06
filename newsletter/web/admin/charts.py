"""Bars of counts, as places in a picture of 100 by 40: a template draws them as SVG in the colours of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Room of a picture in its own units; a bar leaves a gap beside it, and where there are few it is no wall.
WIDTH, HEIGHT, GAP, WIDEST = 100.0, 40.0, 0.2, 8.0


@dataclass(frozen=True, slots=True)
class Column:
    """What stands at one place of the axis: its name, and how many of each kind."""

    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a kind; ``words`` tell what it stands for."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """``bars`` lie upon each other in the order of ``kinds``."""

    bars: Sequence[Bar]
    columns: Sequence[Column]
    kinds: Sequence[str]


def stacked(columns: Sequence[Column], kinds: Sequence[str]) -> Chart:
    """The columns as bars from left to right, scaled to the highest one; kinds of which there is nothing are left out."""
    used = [kind for kind in kinds if any(column.counts.get(kind) for column in columns)]
    top = max((sum(column.counts.get(kind, 0) for kind in used) for column in columns), default=0)
    bars: list[Bar] = []
    step = WIDTH / max(1, len(columns))
    width = min(step * (1 - GAP), WIDEST)
    for place, column in enumerate(columns):
        base, left = HEIGHT, round((place + 0.5) * step - width / 2, 2)
        for kind in used:
            if count := column.counts.get(kind, 0):
                height = HEIGHT * count / top
                base -= height
                words = f"{column.name}: {count}"
                bars.append(Bar(kind, left, round(base, 2), round(width, 2), round(height, 2), words))
    return Chart(bars, columns, used)
