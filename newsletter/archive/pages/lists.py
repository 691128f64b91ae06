"""Writes an imported list as a page again: as it was except for what changed, or with richer tables. Pure.

The texts of papers come from the database; everything around them stays as it was imported.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsletter.archive.formats.document import Kind, Piece, Role
from newsletter.archive.formats.stored_texts import KnownPaper
from newsletter.archive.kept_list import StoredBlock
from newsletter.archive.pages.markdown import cell, without_liquid
from newsletter.archive.pages.rows import RICH_COLUMNS, Shown, facts, header, in_form_of, rewritten, rich_row
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.anchors import Anchors
from newsletter.text.identifiers import is_arxiv_ref

_MARK = re.compile(r"\[\^(\d+)\]")
_PIPE = re.compile(r"(?<!\\)\|")


More = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list ready to be written: its blocks, and the papers that came since, by the place of their topic."""

    blocks: Sequence[StoredBlock]
    slugs: Mapping[int | None, str]
    added: Mapping[int | None, Sequence[int]] = field(default_factory=dict)

    @property
    def papers(self) -> set[int]:
        """The ids of all papers on it, and of those that came since."""
        return {block.paper_id for block in self.blocks if block.paper_id is not None}.union(*self.added.values())

    @property
    def languages(self) -> set[str]:
        """The languages that its texts are translated into."""
        return {piece.language for block in self.blocks for piece, _ in block.pieces} - {"", SOURCE_LANGUAGE}

    def row_like(self, topic: int | None, kind: Kind) -> Sequence[tuple[Piece, str]]:
        """The first row, or note, of a topic: the form of those that are added; () where there is none."""
        rows = (block for block in self.blocks if block.kind is kind and block.paper_id is not None and block.topic == topic)
        first = next(rows, None)
        return first.pieces if first else ()


def classic_page(sheet: ListPage, shown: Shown, *, today: dt.date | None = None, more: More = lambda _paper: "") -> str:
    """The page as it came, but for what changed and what was added; with ``today`` its day of updating too.

    ``more`` gives by the id of a paper what stands at the end of its note.
    """
    notes = _notes(sheet, shown)
    above = {} if notes else _rows_above(sheet, shown)
    below = _notes_below(sheet.blocks, notes)
    parts: list[str] = []
    for place, block in enumerate(sheet.blocks):
        parts += [*above.get(place, ()), _block(block, shown, today)]
        parts += [more(block.paper_id)] if block.kind is Kind.NOTE and block.paper_id is not None else []
        parts += below.get(place, ())
    return "".join(parts)


def _rows_above(sheet: ListPage, shown: Shown) -> dict[int, list[str]]:
    """The rows of the papers that came since, by the place of the first row of their topic."""
    first: dict[int | None, int] = {}
    for place, block in enumerate(sheet.blocks):
        if block.kind is Kind.ROW:
            first.setdefault(block.topic, place)
    return {place: _added(sheet, shown, topic) for topic, place in first.items()}


def _notes_below(blocks: Sequence[StoredBlock], notes: Sequence[tuple[str, str]]) -> dict[int, list[str]]:
    """The added rows by the place of the last row, and the added notes by that of the last note."""
    last = {block.kind: place for place, block in enumerate(blocks)}
    return {last[Kind.ROW]: [row for row, _ in notes], last[Kind.NOTE]: [note for _, note in notes]} if notes else {}


def _block(block: StoredBlock, shown: Shown, today: dt.date | None) -> str:
    if today is not None and any(piece.role is Role.UPDATED for piece, _ in block.pieces):
        return "".join(_dated(piece.raw, today) if piece.role is Role.UPDATED else piece.raw for piece, _ in block.pieces)
    known = shown.known.get(block.paper_id) if block.paper_id is not None else None
    in_table = block.kind is Kind.ROW and any(piece.role is Role.GLUE and "|" in piece.raw for piece, _ in block.pieces)
    return rewritten(block.pieces, known, in_table=in_table, liquid=shown.liquid)


def _dated(raw: str, today: dt.date) -> str:
    mark = next((mark for mark in "./-" if mark in raw), "")
    return today.isoformat().replace("-", mark)


def _added(sheet: ListPage, shown: Shown, topic: int | None) -> list[str]:
    pattern = [piece for piece, _ in sheet.row_like(topic, Kind.ROW)]
    rows = [in_form_of(pattern, known) for known in _new_of_arxiv(sheet, shown, topic)] if pattern else []
    return [without_liquid(row) for row in rows] if shown.liquid else rows


def _new_of_arxiv(sheet: ListPage, shown: Shown, topic: int | None) -> list[KnownPaper]:
    """The papers that came since under a topic; lists of old know addresses of arXiv only."""
    found = (shown.known[one] for one in sheet.added.get(topic, ()))
    return [known for known in found if is_arxiv_ref(known.paper.ref)]


def _notes(sheet: ListPage, shown: Shown) -> list[tuple[str, str]]:
    """The row and the note of each paper that a page of notes gets, numbered on; [] for a page of another kind."""
    note = [piece for piece, _ in sheet.row_like(None, Kind.NOTE)]
    row = [piece for piece, _ in sheet.row_like(None, Kind.ROW)]
    if not note or not row:
        return []
    made: list[tuple[str, str]] = []
    for number, known in enumerate(_new_of_arxiv(sheet, shown, None), start=_highest_mark(sheet.blocks) + 1):
        mark = f"[^{number}]"
        made.append((in_form_of(row, known, mark=mark), in_form_of(note, known, mark=mark, in_table=False)))
    return made


def _highest_mark(blocks: Sequence[StoredBlock]) -> int:
    places = (piece.raw for block in blocks for piece, _ in block.pieces if piece.role is Role.PLACE)
    return max((int(found[1]) for one in places if (found := _MARK.search(one))), default=0)


def store_page(sheet: ListPage, shown: Shown, topics: Sequence[str], *, rich: bool) -> str:
    """The JSON store, ``{TOPIC: {ID: row}}`` or ``{ID: row}``; rows as they were but for what changed, or rich ones."""
    places: list[int | None] = [*range(len(topics))] or [None]
    found: dict[int | None, dict[str, str]] = {place: _new_in_store(sheet, shown, place, rich=rich) for place in places}
    for block in sheet.blocks:
        if block.kind is not Kind.ROW or block.topic not in found:
            continue
        # The key of the row is its first piece.
        found[block.topic][block.pieces[0][0].raw] = _row_in_store(sheet, block, shown, rich=rich)
    store = {topics[place]: rows for place, rows in found.items() if place is not None}
    return json.dumps(store or found.get(None, {}), ensure_ascii=False)


def _row_in_store(sheet: ListPage, block: StoredBlock, shown: Shown, *, rich: bool) -> str:
    if rich and block.paper_id is not None:
        return rich_row(block.paper_id, shown, slug=sheet.slugs.get(block.topic, ""))
    return _block(replace(block, pieces=block.pieces[1:]), shown, None)


def _new_in_store(sheet: ListPage, shown: Shown, topic: int | None, *, rich: bool) -> dict[str, str]:
    ids = sheet.added.get(topic, ())
    if rich:
        return {shown.known[one].paper.ref: rich_row(one, shown, slug=sheet.slugs.get(topic, "")) for one in ids}
    pattern = [piece for piece, _ in sheet.row_like(topic, Kind.ROW)][1:]
    return {shown.known[one].paper.ref: in_form_of(pattern, shown.known[one]) for one in ids} if pattern else {}


# ---------------------------------------------------------------- rich


@dataclass(frozen=True, slots=True)
class _Frame:
    """What rich lines need of their page: the anchors of its headings by place, that of the line to go back to, and the day."""

    anchors: Mapping[int, str]
    top: str
    today: dt.date


def rich_page(sheet: ListPage, shown: Shown, *, today: dt.date, closing: str) -> str:
    """The page with all that is known of its papers: its own lines, contents that lead somewhere, and richer tables."""
    anchors = _anchors(sheet.blocks, today)
    top = next((anchor for place, anchor in anchors.items() if sheet.blocks[place].kind is Kind.UPDATED), "")
    contents = _first_run(sheet.blocks)
    parts: list[str] = []
    headless = _headless(sheet.blocks)
    for place in range(len(sheet.blocks)):
        if place in contents:
            parts += [_contents(sheet.blocks, anchors)] if place == contents.start else []
            continue
        if sheet.blocks[place].kind is Kind.HEADER and "".join(parts[-1:]).endswith(">\n"):
            parts.append("\n")  # a tag above would swallow the table: https://spec.commonmark.org/0.31.2/#html-blocks
        if headless.get(place):
            parts.append("\n" + _head_with_added(sheet, shown, sheet.blocks[place].topic))
        if place not in headless or sheet.blocks[place].kind is not Kind.BLANK:
            parts.append(_rich_block(place, sheet, shown, _Frame(anchors, top, today)))
            parts += ["\n"] if place in headless and place + 1 not in headless else []
    return f"{''.join(parts).rstrip()}\n\n{closing}\n"


def _rich_block(place: int, sheet: ListPage, shown: Shown, frame: _Frame) -> str:
    block = sheet.blocks[place]
    slug = sheet.slugs.get(block.topic, "")
    match block.kind:
        case Kind.TOPIC:
            # Jekyll makes other anchors than code hosts do: there the page brings its own.
            own = frame.anchors.get(place) if shown.liquid else ""
            return (f'<a id="{own}"></a>\n\n' if own else "") + _block(block, shown, None)
        case Kind.HEADER:
            return _head_with_added(sheet, shown, block.topic)
        case Kind.SEPARATOR:
            return ""
        case Kind.ROW:
            return _as_it_was(block) if block.paper_id is None else rich_row(block.paper_id, shown, slug=slug)
        case Kind.BACK:
            return f"<p align=right>(<a href=#{frame.top}>back to top</a>)</p>\n"
        case _:
            return _block(block, shown, frame.today)


def _head_with_added(sheet: ListPage, shown: Shown, topic: int | None) -> str:
    """The head of a rich table, and the papers that came since under its topic."""
    slug = sheet.slugs.get(topic, "")
    return header(RICH_COLUMNS) + "".join(rich_row(one, shown, slug=slug) for one in sheet.added.get(topic, ()))


def _headless(blocks: Sequence[StoredBlock]) -> dict[int, bool]:
    """The places of rows that stand under no header, and of the blank lines between them; True where such a run begins."""
    found: dict[int, bool] = {}
    in_table = False
    run: int | None = None  # the last row of the run that goes on
    for place, block in enumerate(blocks):
        if block.kind is Kind.HEADER:
            in_table, run = True, None
        elif block.kind is Kind.SEPARATOR:
            continue
        elif block.kind is Kind.ROW and not in_table:
            found |= dict.fromkeys(range(place if run is None else run + 1, place), False)
            found[place] = run is None
            run = place
        elif block.kind not in (Kind.ROW, Kind.BLANK):
            in_table, run = False, None
        elif block.kind is Kind.BLANK:
            in_table = False
    return found


def rich_notes(sheet: ListPage, shown: Shown, *, today: dt.date, closing: str) -> str:
    """A page of notes with all that is known of its papers at the end of each note."""
    page = classic_page(sheet, shown, today=today, more=lambda paper_id: facts(paper_id, shown, sheet.slugs.get(None, "")))
    return f"{page.rstrip()}\n\n{closing}\n"


def _anchors(blocks: Sequence[StoredBlock], today: dt.date) -> dict[int, str]:
    """The anchor of each heading by its place, counted over all of the page."""
    anchors, found = Anchors(), {}
    for place, block in enumerate(blocks):
        raw = _block(block, Shown({}), today).strip()
        if block.kind in (Kind.TOPIC, Kind.UPDATED, Kind.TEXT) and raw.startswith("#"):
            found[place] = anchors.of(raw.strip("# "))
    return found


def _first_run(blocks: Sequence[StoredBlock]) -> range:
    """The places of the first table of contents; what stands further down leads elsewhere and stays."""
    start = next((place for place, block in enumerate(blocks) if block.kind is Kind.CONTENTS), len(blocks))
    end = next((place for place in range(start, len(blocks)) if blocks[place].kind is not Kind.CONTENTS), len(blocks))
    return range(start, end)


def _contents(blocks: Sequence[StoredBlock], anchors: Mapping[int, str]) -> str:
    topics = [
        (next(piece.raw for piece, _ in block.pieces if piece.role is Role.TOPIC), anchors.get(place, ""))
        for place, block in enumerate(blocks)
        if block.kind is Kind.TOPIC
    ]
    return "".join(f"- {f'[{cell(name)}](#{anchor})' if anchor else cell(name)}\n" for name, anchor in topics)


def _as_it_was(block: StoredBlock) -> str:
    """A row that names no paper, in the second column of the rich table."""
    raw = "".join(piece.raw for piece, _ in block.pieces).strip().strip("|")
    told = " · ".join(part.strip() for part in _PIPE.split(raw))
    return f"||{told}{'|' * (len(RICH_COLUMNS) - 1)}\n"
