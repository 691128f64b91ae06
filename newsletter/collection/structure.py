"""Which headings of a document are sections, which entries, and which stand inside of an entry. Pure.

No level is fixed: an entry is a heading with a link that holds no other such heading below it, a heading without a link beside
such ones or at their level, or one with a date or an abstract. What stands deeper in an entry is part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from newsletter.collection.dates import is_dated
from newsletter.collection.headings import Heading
from newsletter.collection.labels import is_abstract, is_abstract_only, is_generic, is_part


class Role(Enum):
    SECTION = "section"
    ENTRY = "entry"
    PART = "part"


@dataclass(frozen=True, slots=True)
class _Around:
    """What the headings around each one say; lists by the index of the heading.

    ``entry_levels`` are those at which headings lead somewhere and none holds such ones.
    """

    holds_links: list[bool]
    beside_links: list[bool]
    entry_levels: frozenset[int]


def roles(headings: Sequence[Heading]) -> list[Role]:
    """The role of each heading of a document, in its order."""
    around = _around(headings)
    found: list[Role] = []
    entry: Heading | None = None
    parts = 0
    for place, heading in enumerate(headings):
        if entry is not None and _is_inside(heading, entry, parts=parts, holds_links=around.holds_links[place]):
            found.append(Role.PART)
            parts += 1
            continue
        following = headings[place + 1] if place + 1 < len(headings) else None
        role = Role.ENTRY if _is_entry(heading, following, around, place) else Role.SECTION
        entry, parts = (heading if role is Role.ENTRY else None), 0
        found.append(role)
    return found


def _is_inside(heading: Heading, entry: Heading, *, parts: int, holds_links: bool) -> bool:
    """Deeper than the entry it is part of it; at its level or above only an abstract or notes are, and above it only an
    abstract that comes first."""
    if is_abstract_only(heading.title) and not parts:
        return True
    if _is_link(heading) or holds_links:
        return False
    if heading.level > entry.level:
        return True
    return heading.level == entry.level and is_part(heading.title)


def _is_entry(heading: Heading, following: Heading | None, around: _Around, place: int) -> bool:
    if around.holds_links[place]:
        return False
    if _is_link(heading) or (heading.dated and is_dated(heading.dated)) or around.beside_links[place]:
        return True
    if heading.level in around.entry_levels:
        return True
    return following is not None and following.level > heading.level and is_abstract(following.title)


def _is_link(heading: Heading) -> bool:
    """A heading that leads to a thing of its own: ``#### [Code](…)`` is a link of the entry above it."""
    return bool(heading.url) and not is_generic(heading.title)


def _around(headings: Sequence[Heading]) -> _Around:
    parents = _parents(headings)
    holds_links = _holding_links(headings, parents)
    where = [(parent, heading.level) for parent, heading in zip(parents, headings, strict=True)]
    linked = {where[place] for place, heading in enumerate(headings) if _is_link(heading) and not holds_links[place]}
    levels_of_sections = {heading.level for heading, holds in zip(headings, holds_links, strict=True) if holds}
    entry_levels = frozenset(level for _, level in linked) - levels_of_sections
    return _Around(holds_links, [one in linked for one in where], entry_levels)


def _holding_links(headings: Sequence[Heading], parents: Sequence[int | None]) -> list[bool]:
    """Whether a heading that is a link stands anywhere below each one."""
    holds_links = [False] * len(headings)
    for place, heading in enumerate(headings):
        above = parents[place] if _is_link(heading) else None
        while above is not None and not holds_links[above]:
            holds_links[above] = True
            above = parents[above]
    return holds_links


def _parents(headings: Sequence[Heading]) -> list[int | None]:
    """The place of the heading that each one stands under: the last one before it of a higher rank; None at the top."""
    parents: list[int | None] = []
    still_open: list[int] = []
    for place, heading in enumerate(headings):
        while still_open and headings[still_open[-1]].level >= heading.level:
            still_open.pop()
        parents.append(still_open[-1] if still_open else None)
        still_open.append(place)
    return parents
