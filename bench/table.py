"""The table of figures: as lines for a terminal, as a page for the documents. Pure."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence

from bench.figures import Figure, Verdict
from bench.tried import tried_with

NAME, VALUE, BAR, WIDTH = 62, 18, 12, 120


def as_text(figures: Sequence[Figure]) -> str:
    """A line a figure: name, value, bar, verdict; its note beneath."""
    lines: list[str] = []
    for figure in figures:
        lines.append(f"{figure.name:{NAME}} {figure.shown:>{VALUE}}  {figure.bar:{BAR}} {figure.verdict}")
        lines += textwrap.wrap(figure.note, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def as_markdown(figures: Sequence[Figure], head: Sequence[tuple[str, str]], *, took: float, quick: bool, on: dt.date) -> str:
    """The page; ``took`` in seconds. Under the table stands what was tried with each figure that falls short."""
    command = "make bench ARGS=--quick" if quick else "make bench"
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}` on {on.isoformat()} in {took / 60:.1f} minutes"
        + ("; a quick run, whose sizes are small: its rates are rough." if quick else "."),
        "",
        *(f"- {name}: {value}" for name, value in head),
        "",
        "| figure | value | bar | | how |",
        "|---|---|---|---|---|",
        *(_row(figure) for figure in figures),
    ]
    lines += ["", "On which papers topics and ranking were counted, and what was tuned on them: [topics.md](topics.md)."]
    short = [figure for figure in figures if figure.verdict is Verdict.SHORT]
    if short:
        lines += ["", "## What falls short, and what was tried", ""]
        lines += [f"- {figure.name}: {tried_with(figure.name)}." for figure in short]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> str:
    cells = (figure.name, figure.shown, figure.bar, f"**{figure.verdict}**", figure.note)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
