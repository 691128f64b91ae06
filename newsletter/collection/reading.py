"""Reads a collection kept as Markdown, such as a shared notebook: sections, entries, and texts between them. Pure.

Nothing is dropped: what it does not understand stays where it is as raw Markdown and is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newsletter.collection.bodies import pieces_of
from newsletter.collection.document import Document, Item
from newsletter.collection.faults import checked
from newsletter.collection.headings import GLUED, OPENING, Heading, parse, parse_section
from newsletter.collection.lines import RULE, Fence, lines_of
from newsletter.collection.remarks import remarks_of
from newsletter.collection.rich_page import without_made
from newsletter.collection.structure import Role, roles
from newsletter.collection.values import Draft, NodeKind, PieceKind

# A title may break over so many lines.
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines from one heading to the next: the heading as written with the blank lines after it, and the body."""

    line: int
    heading: str
    body: str


def read(text: str) -> Document:
    """The document that ``text`` is, with any line endings; one without a heading is a text.

    Raises InputError, with the line, for what is binary, too large, or was cut off in the middle (see `faults`).
    """
    text, is_published = without_made(checked(text))
    head, stretches = _stretches(lines_of(text))
    items = _items(stretches)
    if head.strip():
        draft = Draft(NodeKind.TEXT, pieces=pieces_of(head, plain=PieceKind.TEXT))
        line = 1 + len(head[: len(head) - len(head.lstrip("\n"))])
        items = [Item(draft, None, line), *(replace(one, parent=None if one.parent is None else one.parent + 1) for one in items)]
    return Document(tuple(items), remarks_of(items), is_published)


def recognise(text: str) -> float:
    """How sure it is, from 0 to 1, that ``text`` is a collection: by its headings with links, images and dates."""
    _, stretches = _stretches(lines_of(text.replace("\r\n", "\n").replace("\r", "\n")[:200_000]))
    found = [parse(stretch.heading) for stretch in stretches]
    kinds = roles(found)
    entries = [heading for heading, role in zip(found, kinds, strict=True) if role is Role.ENTRY]
    linked = [heading for heading in entries if heading.url]
    if not entries:
        return 0.0
    shaped = sum(bool(heading.dated) for heading in entries) + len(re.findall(r"^!\[", text, re.MULTILINE))
    certain = 0.5 * len(linked) / len(entries) + 0.3 * min(1.0, shaped / len(entries)) + (0.2 if len(entries) < len(found) else 0)
    return round(min(1.0, certain), 3)


def _stretches(lines: Sequence[str]) -> tuple[str, list[_Stretch]]:
    """What stands before the first heading, and the stretches."""
    starts = list(_headings(lines))
    ends = [first for first, _ in starts[1:]] + [len(lines)] * bool(starts)
    stretches = []
    for (first, last), end in zip(starts, ends, strict=True):
        while last < end and not lines[last].strip():
            last += 1  # noqa: PLW2901 - the blank lines after a heading are written back with it
        stretches.append(_Stretch(first + 1, "".join(lines[first:last]), "".join(lines[last:end])))
    return "".join(lines[: starts[0][0]] if starts else lines), stretches


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first line of each heading and the one after its last; none inside of front matter, a fenced block or a comment."""
    fence = Fence()
    place = _front_matter(lines)
    while place < len(lines):
        line = lines[place]
        if not fence.is_open and (OPENING.match(line) or _is_glued(lines, place)):
            last = place + _height(lines[place : place + MOST_LINES])
            yield place, last
            place = last
            continue
        fence.pass_by(line)
        place += 1


def _is_glued(lines: Sequence[str], place: int) -> bool:
    """Whether ``#Words`` is a heading: nothing or a rule stands before it, and a heading comes next."""
    if not GLUED.match(lines[place]) or (
        place and lines[place - 1].strip() and not RULE.fullmatch(lines[place - 1].rstrip("\n"))
    ):
        return False
    following = next((line for line in lines[place + 1 : place + 4] if line.strip()), "")
    return bool(OPENING.match(following))


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


def _height(lines: Sequence[str]) -> int:
    """How many of these lines the heading that begins them has: more than one where its link closes on a later one."""
    for count in range(2, len(lines) + 1):
        later = lines[count - 1]
        if not later.strip() or OPENING.match(later) or RULE.fullmatch(later.rstrip("\n")):
            break
        first = parse("".join(lines[: count - 1]))
        if not first.is_open:
            break
        if (joined := parse("".join(lines[:count]))).url and not joined.is_open:
            return count
    return 1


def _items(stretches: Sequence[_Stretch]) -> list[Item]:
    headings = [parse(stretch.heading) for stretch in stretches]
    joined: list[tuple[_Stretch, Role]] = []
    for stretch, role in zip(stretches, roles(headings), strict=True):
        if role is Role.PART:
            entry, kind = joined[-1]
            joined[-1] = replace(entry, body=entry.body + stretch.heading + stretch.body), kind
        else:
            joined.append((stretch, role))
    ruled = _ends_in_rules([stretch for stretch, role in joined if role is Role.ENTRY])
    items: list[Item] = []
    sections: list[int] = []
    for stretch, role in joined:
        heading = (parse if role is Role.ENTRY else parse_section)(stretch.heading)
        while sections and items[sections[-1]].draft.level >= heading.level:
            sections.pop()
        parent = sections[-1] if sections else None
        body, between = _split(stretch.body) if ruled else (stretch.body, "")
        items.append(Item(_draft(heading, role, body), parent, stretch.line))
        if role is Role.SECTION:
            sections.append(len(items) - 1)
        if between:
            line = stretch.line + stretch.heading.count("\n") + body.count("\n")
            text = Draft(NodeKind.TEXT, pieces=pieces_of(between, plain=PieceKind.TEXT))
            items.append(Item(text, sections[-1] if sections else None, line))
    return items


def _draft(heading: Heading, role: Role, body: str) -> Draft:
    is_entry = role is Role.ENTRY
    return Draft(
        NodeKind.ENTRY if is_entry else NodeKind.SECTION,
        title=heading.title,
        url=heading.url,
        dated=heading.dated,
        pieces=pieces_of(body, plain=PieceKind.NOTE if is_entry else PieceKind.TEXT),
        level=heading.level,
        heading=heading.raw,
    )


def _ends_in_rules(entries: Sequence[_Stretch]) -> bool:
    """Whether this document ends its entries with rules, so that what stands after one belongs to no entry."""
    ended = sum(bool(re.search(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$", entry.body, re.MULTILINE)) for entry in entries)
    return ended * 2 >= len(entries) > 0


def _split(body: str) -> tuple[str, str]:
    """The body, and the text behind the rule that ends it: the first one after which no heading comes, where words come."""
    lines = lines_of(body)
    fence = Fence()
    cut = 0
    seen = False
    for place, line in enumerate(lines):
        if not fence.is_open and OPENING.match(line):
            cut = 0
        elif not fence.is_open and RULE.fullmatch(line.rstrip("\n")):
            cut = cut or (place + 1 if seen else 0)
        else:
            seen = seen or bool(line.strip())
        fence.pass_by(line)
    while 0 < cut < len(lines) and not lines[cut].strip():
        cut += 1
    if not cut or cut >= len(lines):
        return body, ""
    return "".join(lines[:cut]), "".join(lines[cut:])
