"""Reads a collection kept as Markdown, such as a shared notebook: sections, entries, and texts between them. Pure.

Nothing is dropped: what it does not understand stays where it is as raw Markdown and is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from newsletter.collection.blocks import BlockKind, Page, page_of
from newsletter.collection.bodies import pieces_within
from newsletter.collection.document import Document, Item
from newsletter.collection.faults import checked, refuse_cut
from newsletter.collection.headings import parse, parse_section
from newsletter.collection.remarks import remarks_of
from newsletter.collection.rich_page import without_additions
from newsletter.collection.structure import Role, roles
from newsletter.collection.values import Draft, NodeKind, PieceKind


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines from a heading to the next: from ``first`` the heading and the blank lines after it, from ``body`` the body."""

    first: int
    body: int
    end: int


def read(text: str) -> Document:
    """The document that ``text`` is, with any line endings; one without a heading is a text.

    Raises InputError, with the line, for what is binary, too large, or was cut off in the middle (see `faults`).
    """
    page = page_of(checked(text))
    refuse_cut(page)
    text, is_published = without_additions("".join(page.lines))
    if is_published:
        page = page_of(text)
    stretches = _stretches(page)
    items = _items(page, stretches)
    above = stretches[0].first if stretches else len(page.lines)
    if pieces := pieces_within(page, 0, above, plain=PieceKind.TEXT):
        draft = Draft(NodeKind.TEXT, pieces=pieces)
        items = [
            Item(draft, None, page.blocks[0].first + 1),
            *(replace(one, parent=None if one.parent is None else one.parent + 1) for one in items),
        ]
    return Document(tuple(items), remarks_of(items), is_published)


def recognise(text: str) -> float:
    """How sure it is, from 0 to 1, that ``text`` is a collection: by its headings with links, images and dates."""
    page = page_of(text.replace("\r\n", "\n").replace("\r", "\n")[:200_000])
    found = [parse(page.text(stretch.first, stretch.body)) for stretch in _stretches(page)]
    kinds = roles(found)
    entries = [heading for heading, role in zip(found, kinds, strict=True) if role is Role.ENTRY]
    linked = [heading for heading in entries if heading.url]
    if not entries:
        return 0.0
    shaped = sum(bool(heading.dated) for heading in entries) + len(re.findall(r"^!\[", text, re.MULTILINE))
    certain = 0.5 * len(linked) / len(entries) + 0.3 * min(1.0, shaped / len(entries)) + (0.2 if len(entries) < len(found) else 0)
    return round(min(1.0, certain), 3)


def _stretches(page: Page) -> list[_Stretch]:
    starts = [place for place, block in enumerate(page.blocks) if block.kind is BlockKind.HEADING]
    first = _front_matter(page.lines)
    headings = [place for place in starts if page.blocks[place].first >= first]
    ends = [page.blocks[place].first for place in headings[1:]] + [len(page.lines)]
    stretches = []
    for place, end in zip(headings, ends, strict=False):
        body = page.blocks[place + 1].first if place + 1 < len(page.blocks) else end
        stretches.append(_Stretch(page.blocks[place].first, body, end))
    return stretches


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines of front matter there are: from ``---`` on the first line to the next one, keys and values between."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for place in range(1, min(len(lines), 100)):
        if lines[place].rstrip() == "---":
            return place + 1
        if not lines[place].strip():
            return 0
    return 0


def _items(page: Page, stretches: Sequence[_Stretch]) -> list[Item]:
    found = _with_parts_joined(page, stretches)
    ruled = _ends_in_rules(page, [stretch for stretch, role in found if role is Role.ENTRY])
    items: list[Item] = []
    sections: list[int] = []
    for stretch, role in found:
        end = _end_by_rule(page, stretch) if ruled else stretch.end
        draft = _draft(page, replace(stretch, end=end), role)
        while sections and items[sections[-1]].draft.level >= draft.level:
            sections.pop()
        items.append(Item(draft, sections[-1] if sections else None, stretch.first + 1))
        if role is Role.SECTION:
            sections.append(len(items) - 1)
        if end < stretch.end:
            text = Draft(NodeKind.TEXT, pieces=pieces_within(page, end, stretch.end, plain=PieceKind.TEXT))
            items.append(Item(text, sections[-1] if sections else None, end + 1))
    return items


def _with_parts_joined(page: Page, stretches: Sequence[_Stretch]) -> list[tuple[_Stretch, Role]]:
    """The sections and entries with their roles; a heading inside of an entry is part of the body of that."""
    found: list[tuple[_Stretch, Role]] = []
    headings = [parse(page.text(stretch.first, stretch.body)) for stretch in stretches]
    for stretch, role in zip(stretches, roles(headings), strict=True):
        if role is Role.PART:
            entry, kind = found.pop()
            found.append((replace(entry, end=stretch.end), kind))
        else:
            found.append((stretch, role))
    return found


def _draft(page: Page, stretch: _Stretch, role: Role) -> Draft:
    is_entry = role is Role.ENTRY
    heading = (parse if is_entry else parse_section)(page.text(stretch.first, stretch.body))
    return Draft(
        NodeKind.ENTRY if is_entry else NodeKind.SECTION,
        title=heading.title,
        url=heading.url,
        dated=heading.dated,
        pieces=pieces_within(page, stretch.body, stretch.end, plain=PieceKind.NOTE if is_entry else PieceKind.TEXT),
        level=heading.level,
        heading=heading.raw,
    )


def _ends_in_rules(page: Page, entries: Sequence[_Stretch]) -> bool:
    """Whether this document ends its entries with rules, so that what stands after one belongs to no entry."""
    ended = sum(any(block.kind is BlockKind.RULE for block in page.within(entry.body, entry.end)) for entry in entries)
    return ended * 2 >= len(entries) > 0


def _end_by_rule(page: Page, stretch: _Stretch) -> int:
    """Where what belongs to the heading ends: behind the rule after which words come and no heading, else at the end.

    The first such rule counts, but none above the first words.
    """
    cut = 0
    seen = False
    blocks = page.within(stretch.body, stretch.end)
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            cut = 0
        elif block.kind is BlockKind.RULE:
            cut = cut or (block.end if seen else 0)
        else:
            seen = True
    return next((block.first for block in blocks if cut and block.first >= cut), stretch.end)
