"""Cuts a row of a table into its cells, also where the text of a cell has unescaped pipes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.archive.formats.columns import fitness
from newsletter.archive.formats.document import Role

SEPARATOR = re.compile(r"\s*+(?:\|\s*+)?:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*(?:\|\s*+)?")
# A table may stand in a quotation, or in an item of a list.
QUOTED = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-*+][ \t]+(?=\|))?")
_PIPE = re.compile(r"(?<!\\)\|")
_EVERY_PIPE = re.compile(r"\|")
# The columns that a pipe too many is looked for in first: running text.
MOST_PIPES = 40
_TEXTS = (Role.ABSTRACT, Role.TLDR, Role.TITLE, Role.OTHER_TITLE, Role.COMMENT, Role.EXTRA, Role.AUTHORS)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row with the spaces around them; ``lead`` + the cells joined by pipes + ``tail`` is the row."""

    lead: str
    cells: tuple[str, ...]
    tail: str


def split_row(line: str, *, columns: int = 0) -> Row:
    """The row as its cells, cut at every pipe that no backslash stands before (https://github.github.com/gfm/#tables-extension-).

    Where that makes fewer than ``columns``, a text may have ended with a backslash of its own: then it is cut at every pipe.
    """
    row = _split(line, _PIPE)
    return _split(line, _EVERY_PIPE) if len(row.cells) < columns <= line.count("|") else row


def _split(line: str, pipe: re.Pattern[str]) -> Row:
    quoted = QUOTED.match(line)
    start = quoted.end() if quoted else 0
    body = line[start:].strip()
    start += len(line[start:]) - len(line[start:].lstrip())
    lead = line[:start]
    tail = line[start + len(body) :]
    if body.startswith("|"):
        lead, body = lead + "|", body[1:]
    if body.endswith("|") and (pipe is _EVERY_PIPE or not body.endswith("\\|")):
        tail, body = "|" + tail, body[:-1]
    return Row(lead, tuple(pipe.split(body)), tail)


def is_separator(line: str) -> bool:
    if "-" not in line or "|" not in line:
        return False
    quoted = QUOTED.match(line)
    return SEPARATOR.fullmatch(line, quoted.end() if quoted else 0) is not None


def has_pipe(line: str) -> bool:
    return _PIPE.search(line) is not None


def rejoined(cells: Sequence[str], roles: Sequence[Role]) -> tuple[str, ...]:
    """``cells`` joined to as many as there are ``roles``: what was cut at a pipe of a text is one cell again.

    Of the ways to join them the one that fits the roles best; pipes too many belong into running text, very many all into
    the first such column. Fewer cells than roles come back as they are.
    """
    surplus = len(cells) - len(roles)
    if surplus <= 0 or not roles:
        return tuple(cells)
    if surplus > MOST_PIPES:
        return _joined_in_first_text(cells, roles, surplus)
    # best[k] = (score, ends) of the first columns over the first k cells
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for role in roles:
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        for begin, (score, ends) in best.items():
            for end in range(begin + 1, min(begin + surplus + 1, len(cells)) + 1):
                worth = score + _worth(role, cells[begin:end])
                if end not in following or worth > following[end][0]:
                    following[end] = (worth, (*ends, end))
        best = following
    _, ends = best[len(cells)]
    starts = (0, *ends[:-1])
    return tuple("|".join(cells[start:end]) for start, end in zip(starts, ends, strict=True))


def _joined_in_first_text(cells: Sequence[str], roles: Sequence[Role], surplus: int) -> tuple[str, ...]:
    first = next((place for place, role in enumerate(roles) if role in _TEXTS[:2]), len(roles) - 1)
    return (*cells[:first], "|".join(cells[first : first + surplus + 1]), *cells[first + surplus + 1 :])


def _worth(role: Role, cells: Sequence[str]) -> float:
    worth = fitness(role, "|".join(cells))
    joined = len(cells) - 1
    if joined:
        worth -= 0.01 * joined * (_TEXTS.index(role) + 1 if role in _TEXTS else 100)
    return worth
