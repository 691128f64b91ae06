"""Merges two changes of one body piece by piece (a three-way merge). Pure; where both changed the same piece it gives None."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class _Edit(NamedTuple):
    """What takes the place of ``base[start:end]``; nothing is taken away where the two are equal."""

    start: int
    end: int
    pieces: tuple[object, ...]


def merged(base: Sequence[T], mine: Sequence[T], theirs: Sequence[T]) -> tuple[T, ...] | None:
    """``base`` with both changes in it, or None where both changed the same piece.

    What both put at one place stands there twice over, theirs first, unless it is the same. Items have to be hashable.
    """
    changes = _edits(base, theirs)
    changes += [edit for edit in _edits(base, mine) if edit not in changes]
    changes.sort(key=lambda edit: (edit.start, edit.end))
    result: list[object] = []
    at = 0
    for edit in changes:
        if edit.start < at:
            return None
        result += [*base[at : edit.start], *edit.pieces]
        at = edit.end
    return (*result, *base[at:])  # type: ignore[arg-type]


def _edits(base: Sequence[T], changed: Sequence[T]) -> list[_Edit]:
    matcher = SequenceMatcher(a=base, b=changed, autojunk=False)
    return [_Edit(a, b, tuple(changed[c:d])) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
