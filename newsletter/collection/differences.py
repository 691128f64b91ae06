"""What a change did, field by field and line by line, for people to look at. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from newsletter.collection.values import FIELDS, Change, pieces_of_json
from newsletter.collection.writing import body_of

MOST_LINES = 400


class Mark(StrEnum):
    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its lines as they stayed, went or came; lines that stayed are told only beside a difference."""

    field: str
    lines: tuple[tuple[Mark, str], ...]


def differences(change: Change) -> tuple[Difference, ...]:
    """The fields that a change touched, in the order of the form; () for one that moved, removed or brought back."""
    return tuple(
        Difference(name, lines)
        for name in FIELDS
        if (name in change.before or name in change.after)
        and (lines := lines_between(_text(change.before, name), _text(change.after, name)))
    )


def lines_between(before: str, after: str) -> tuple[tuple[Mark, str], ...]:
    """The lines of both, what went before what came; () where they are the same."""
    marks = {" ": Mark.SAME, "-": Mark.OUT, "+": Mark.IN}
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    told = [(marks[line[0]], line[1:]) for line in found if line[:3] not in ("---", "+++") and line[0] in marks]
    return tuple(told[:MOST_LINES])


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    return body_of(pieces_of_json(value)).strip("\n") if name == "pieces" and value else str(value or "")
