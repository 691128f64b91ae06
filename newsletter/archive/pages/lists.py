"""A stored list as its page again: as it was but for what changed, or with richer tables. Pure.

What is written of a paper comes out of the database; what stands around the papers is as it was.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.archive.formats.document import Kind, Piece, Role
from newsletter.archive.kept_list import Kept
from newsletter.archive.pages.markdown import Anchors, cell, link, without_liquid
from newsletter.archive.pages.rows import RICH_COLUMNS, Shown, facts, header, like, rewritten, rich_row
from newsletter.text.identifiers import is_arxiv_ref

_MARK = re.compile(r"\[\^(\d+)\]")
_PIPE = re.compile(r"(?<!\\)\|")


More = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list ready to be written: its blocks, and the papers that came since, by the place of their topic."""

    blocks: Sequence[Kept]
    slugs: Mapping[int | None, str]
    added: Mapping[int | None, Sequence[int]] = field(default_factory=dict)

    def row_like(self, topic: int | None, kind: Kind) -> Sequence[tuple[Piece, str]]:
        """The first row, or note, of a topic: the form of those that are added; () where there is none."""
        rows = (block for block in self.blocks if block.kind is kind and block.paper_id is not None and block.topic == topic)
        first = next(rows, None)
        return first.pieces if first else ()


def classic_page(sheet: Sheet, shown: Shown, *, today: dt.date | None = None, more: More = lambda _paper: "") -> str:
    """The page as it came, but for what changed and what was added; with ``today`` its day of updating too.

    ``more`` gives by the id of a paper what stands at the end of its note.
    """
    parts: list[str] = []
    begun: set[int | None] = set()
    notes = _notes(sheet, shown)
    last: dict[Kind, int] = {block.kind: place for place, block in enumerate(sheet.blocks)}
    for place, block in enumerate(sheet.blocks):
        if block.kind is Kind.ROW and block.topic not in begun and not notes:
            begun.add(block.topic)
            parts += _added(sheet, shown, block.topic)
        parts.append(_block(block, shown, today))
        parts += [more(block.paper_id)] if block.kind is Kind.NOTE and block.paper_id is not None else []
        if block.kind in (Kind.ROW, Kind.NOTE) and place == last[block.kind]:
            parts += [row if block.kind is Kind.ROW else note for row, note in notes]
    return "".join(parts)


def _block(block: Kept, shown: Shown, today: dt.date | None) -> str:
    if today is not None and any(piece.role is Role.UPDATED for piece, _ in block.pieces):
        return "".join(_dated(piece.raw, today) if piece.role is Role.UPDATED else piece.raw for piece, _ in block.pieces)
    known = shown.known.get(block.paper_id) if block.paper_id is not None else None
    return rewritten(block.pieces, known, in_table=block.kind is Kind.ROW, liquid=shown.liquid)


def _dated(raw: str, today: dt.date) -> str:
    mark = next((mark for mark in "./-" if mark in raw), "")
    return today.isoformat().replace("-", mark)


def _added(sheet: Sheet, shown: Shown, topic: int | None) -> list[str]:
    pattern = [piece for piece, _ in sheet.row_like(topic, Kind.ROW)]
    ids = [one for one in sheet.added.get(topic, ()) if is_arxiv_ref(shown.known[one].paper.ref)]
    rows = [like(pattern, shown.known[one]) for one in ids] if pattern else []
    return [without_liquid(row) for row in rows] if shown.liquid else rows


def _notes(sheet: Sheet, shown: Shown) -> list[tuple[str, str]]:
    """The row and the note of each paper that a page of notes gets, numbered on."""
    note = [piece for piece, _ in sheet.row_like(None, Kind.NOTE)]
    row = [piece for piece, _ in sheet.row_like(None, Kind.ROW)]
    if not note or not row:
        return []
    places = [piece.raw for block in sheet.blocks for piece, _ in block.pieces if piece.role is Role.PLACE]
    marks = [int(found[1]) for one in places if (found := _MARK.search(one))]
    ids = [one for one in sheet.added.get(None, ()) if is_arxiv_ref(shown.known[one].paper.ref)]
    made: list[tuple[str, str]] = []
    for number, paper_id in enumerate(ids, start=max(marks, default=0) + 1):
        known, mark = shown.known[paper_id], f"[^{number}]"
        made.append((like(row, known, mark=mark), like(note, known, mark=mark, in_table=False)))
    return made


def store_page(sheet: Sheet, shown: Shown, topics: Sequence[str], *, rich: bool) -> str:
    """The JSON store: ``{TOPIC: {ID: row}}``; rows as they were but for what changed, or rich ones."""
    found: dict[str, dict[str, str]] = {name: {} for name in topics}
    for place, name in enumerate(topics):
        for paper_id in sheet.added.get(place, ()):
            pattern = [piece for piece, _ in sheet.row_like(place, Kind.ROW)]
            row = rich_row(paper_id, shown, slug=sheet.slugs.get(place, "")) if rich else like(pattern[1:], shown.known[paper_id])
            if rich or pattern:
                found[name][shown.known[paper_id].paper.ref] = row
    for block in sheet.blocks:
        if block.kind is not Kind.ROW or block.topic is None:
            continue
        row = _block(Kept(block.kind, block.line, block.topic, block.paper_id, block.pieces[1:]), shown, None)
        if rich and block.paper_id is not None:
            row = rich_row(block.paper_id, shown, slug=sheet.slugs.get(block.topic, ""))
        found[topics[block.topic]][block.pieces[0][0].raw] = row
    return json.dumps(found, ensure_ascii=False)


# ---------------------------------------------------------------- rich


def rich_page(sheet: Sheet, shown: Shown, *, today: dt.date, closing: str) -> str:
    """The page with all that is known of its papers: its own lines, contents that lead somewhere, and richer tables."""
    anchors = _anchors(sheet.blocks, today)
    top = next((anchor for place, anchor in anchors.items() if sheet.blocks[place].kind is Kind.UPDATED), "")
    parts: list[str] = []
    contents = _first_run(sheet.blocks)
    for place, block in enumerate(sheet.blocks):
        slug = sheet.slugs.get(block.topic, "")
        match block.kind:
            case Kind.CONTENTS if place in contents:
                parts += [_contents(sheet.blocks, anchors)] if place == contents.start else []
            case Kind.TOPIC:
                parts += [f'<a id="{anchors[place]}"></a>\n\n'] if shown.liquid and anchors.get(place) else []
                parts.append(_block(block, shown, None))
            case Kind.HEADER:
                parts.append(header(RICH_COLUMNS))
                parts += [rich_row(one, shown, slug=slug) for one in sheet.added.get(block.topic, ())]
            case Kind.SEPARATOR:
                pass
            case Kind.ROW:
                parts.append(rich_row(block.paper_id, shown, slug=slug) if block.paper_id is not None else _as_it_was(block))
            case Kind.BACK:
                parts.append(f"<p align=right>(<a href=#{top}>back to top</a>)</p>\n")
            case _:
                parts.append(_block(block, shown, today))
    page = "".join(parts)
    return f"{page.rstrip()}\n\n{closing}\n"


def rich_notes(sheet: Sheet, shown: Shown, *, today: dt.date, closing: str) -> str:
    """A page of notes with all that is known of its papers at the end of each note."""
    page = classic_page(sheet, shown, today=today, more=lambda paper_id: facts(paper_id, shown, sheet.slugs.get(None, "")))
    return f"{page.rstrip()}\n\n{closing}\n"


def _anchors(blocks: Sequence[Kept], today: dt.date) -> dict[int, str]:
    """The anchor of each heading by its place, counted over all of the page."""
    anchors, found = Anchors(), {}
    for place, block in enumerate(blocks):
        raw = _block(block, Shown({}), today).strip()
        if block.kind in (Kind.TOPIC, Kind.UPDATED, Kind.TEXT) and raw.startswith("#"):
            found[place] = anchors.of(raw.strip("# "))
    return found


def _first_run(blocks: Sequence[Kept]) -> range:
    """The places of the first table of contents; what stands further down leads elsewhere and stays."""
    start = next((place for place, block in enumerate(blocks) if block.kind is Kind.CONTENTS), len(blocks))
    end = next((place for place in range(start, len(blocks)) if blocks[place].kind is not Kind.CONTENTS), len(blocks))
    return range(start, end)


def _contents(blocks: Sequence[Kept], anchors: Mapping[int, str]) -> str:
    topics = [
        (next(piece.raw for piece, _ in block.pieces if piece.role is Role.TOPIC), anchors.get(place, ""))
        for place, block in enumerate(blocks)
        if block.kind is Kind.TOPIC
    ]
    return "".join(f"- {link(cell(name), '') if not anchor else f'[{cell(name)}](#{anchor})'}\n" for name, anchor in topics)


def _as_it_was(block: Kept) -> str:
    """A row that names no paper, in the second column of the rich table."""
    raw = "".join(piece.raw for piece, _ in block.pieces).strip().strip("|")
    told = " · ".join(part.strip() for part in _PIPE.split(raw))
    return f"||{told}{'|' * (len(RICH_COLUMNS) - 1)}\n"
