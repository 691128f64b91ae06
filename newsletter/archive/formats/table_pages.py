"""Reads the README or Jekyll page of a daily list: papers under topics, in tables, lists, cards or HTML. Pure.

Every line becomes a part of a block, also those that nobody understands; joined they are the page again. What a row holds that
cannot be read is a remark, and so is every paper that is named beside the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from newsletter.archive.formats.cells import pieces_of, ref_in
from newsletter.archive.formats.columns import columns_by_content, is_header_of_papers, roles_by_content, roles_of
from newsletter.archive.formats.dates import is_date_alone
from newsletter.archive.formats.document import Document, Item, Kind, Piece, Role, glue
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.page_cards import LABELLED, take_card, take_folded_card, take_paragraph
from newsletter.archive.formats.page_entries import take_html_table, take_item
from newsletter.archive.formats.page_reading import Reading, lines_of
from newsletter.archive.formats.page_structure import BOLD_LEVEL, Heading
from newsletter.archive.formats.table_rows import has_pipe, is_separator, rejoined, split_row
from newsletter.archive.formats.topic_names import day_in, names_no_topic, topic_in
from newsletter.archive.formats.visible_ids import refs_by_line, with_untold
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

NO_PAPER = "no cell of this row names a paper of a known server: the row is kept as it is"
_UPDATED = re.compile(
    r"updated?\s+(?:on|at|time|date)\b|last\s+update"
    r"|更新于|更新於|更新时间|更新時間|更新日期|最后更新|最後更新",
    re.IGNORECASE,
)
_DAY = re.compile(r"((?:19|20)\d\d)([-./]?)(\d\d)\2(\d\d)(?!\d)")
_BADGE = re.compile(r"\s*(?:\[?!\[|<img\b|<a [^>]*><img\b)")
_DEFINITION = re.compile(r"\s{0,3}\[(?!\^)[^\]]+\]:\s*\S+")
_BACK = re.compile(r"back to (?:the )?top|返回顶部|返回頂部|回到顶部|回到頂部|トップへ", re.IGNORECASE)
_INSIDE = re.compile(r"""href=["']?#|\]\(#""")
_CONTENTS_LINE = re.compile(r"\s*(?:[-*+]|\d+\.)\s+\[[^\]]*\]\(#[^)]*\)\s*")
_DETAILS = re.compile(r"(?:[ \t]*>)*\s*<details", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary[^>]*+>(?P<name>.{0,1000}?)</summary>", re.IGNORECASE)
_HTML_TABLE = re.compile(r"(?:[ \t]*>)*\s*<table\b", re.IGNORECASE)
# A line that names a paper where a row, an item, a card or a linked title begins.
_ROW_LIKE = re.compile(r"[\s>]*(?:\||[-*+]\s|\d+[.)]\s|<t[dr]\b|\*\*|\[)", re.IGNORECASE)
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*\{|\{\s*\}|$)")
_LINKED_HEADING = re.compile(r"^#{1,6}\s.*\d{4}\.\d{4,5}", re.MULTILINE)


def recognise_table_page(text: str) -> float:
    """How sure it is, from 0 to 1, that ``text`` is a page of papers in tables, lists or cards."""
    if _JSON.match(text):
        return 0.0
    cards, fields = len(_LINKED_HEADING.findall(text)), len(LABELLED.findall(text))
    if cards and cards + fields > 2:
        return 1.0 if fields >= cards else 0.3
    lines = text.splitlines()
    if any(_starts_papers(lines, place) for place in range(len(lines) - 1)):
        return min(0.9, 0.5 + 0.4 * _share(map(has_pipe, lines), map(str.strip, lines)))
    named = [line for line in lines if ref_in(line)]
    like = _share(map(_ROW_LIKE.match, named), named)
    return 0.35 + 0.5 * like if like else _sure_by_reading(text, named)


def _sure_by_reading(text: str, lines: Sequence[str]) -> float:
    """How sure it is of a page whose papers stand on ``lines`` of no known look: reading it finds half of them at least."""
    if not lines:
        return 0.0
    try:
        page = read_table_page(text)
    except InputError:
        return 0.0
    stored = {row.item.ref for row in page.rows if row.item}
    named = {ref for _, refs in refs_by_line(text.split("\n")) for ref in refs}
    return 0.4 if 2 * len(named & stored) >= len(named) else 0.0


def _share(some: Iterable[object], every: Iterable[object]) -> float:
    return sum(map(bool, some)) / max(1, sum(map(bool, every)))


def read_table_page(text: str, *, format: ListFormat = ListFormat.README) -> Document:
    """``text`` as a document. Raises InputError, naming the line, where the page ends in the middle of a row."""
    reading = Reading(lines_of(text))
    while reading.place < len(reading.lines):
        reading.unfold()
        _next(reading)
    if not any(block.kind is Kind.ROW for block in reading.blocks):
        raise InputError(
            "no paper was found in a table, a list or a card: a row needs the id or address of a paper, a table a header with a"
            " title or a link"
        )
    document = Document(format, tuple(reading.blocks), tuple(reading.topics), tuple(reading.remarks))
    return with_untold(document, text, reading.structure.hidden)


def _next(reading: Reading) -> None:
    place, line = reading.place, reading.lines[reading.place]
    if place == 0 and line.strip() in ("---", "+++"):
        end = _end_of(reading.lines, 1, lambda one: one.strip() == line.strip())
        if end is not None:
            return reading.text(Kind.FRONT, end + 1)
    if place in reading.structure.hidden:
        return reading.add(Kind.TEXT, *glue(line))
    if _starts_papers(reading.lines, place):
        return _table(reading)
    heading = reading.structure.headings.get(place)
    if heading and not (heading.level == BOLD_LEVEL and place in reading.structure.items):
        return _heading(reading, heading)
    if _DETAILS.match(line):
        return _details(reading)
    if (take := _taker(reading, line)) and take(reading):
        return None
    return reading.add(_kind_of(line), *_dated(line))


def _taker(reading: Reading, line: str) -> Callable[[Reading], bool] | None:
    """What takes papers off this line, if anything does."""
    if _HTML_TABLE.match(line):
        return take_html_table
    if reading.place in reading.refs and _is_row_alone(line):
        return _row_alone
    if reading.place in reading.structure.items and not _CONTENTS_LINE.fullmatch(line.rstrip("\n")):
        return take_item
    return take_paragraph if reading.place in reading.structure.paragraphs else None


def _kind_of(line: str) -> Kind:
    if not line.strip():
        return Kind.BLANK
    kinds = ((Kind.BADGE, _BADGE), (Kind.DEFINITION, _DEFINITION), (Kind.CONTENTS, _CONTENTS_LINE))
    for kind, pattern in kinds:
        if pattern.match(line):
            return kind
    if _BACK.search(line):
        return Kind.BACK
    if _UPDATED.search(line) and _DAY.search(line):
        return Kind.UPDATED
    return Kind.USAGE if line.lstrip().startswith(">") else Kind.TEXT


def _end_of(lines: Sequence[str], start: int, ends: Callable[[str], bool]) -> int | None:
    return next((place for place in range(start, len(lines)) if ends(lines[place])), None)


def _dated(line: str) -> tuple[Piece, ...]:
    """A line whose day of updating, also in an anchor (``#updated-on-20240102``), is a piece of its own."""
    if not (_UPDATED.search(line) or "#updated-on-" in line.lower()):
        return glue(line)
    pieces: list[Piece] = []
    end = 0
    for found in _DAY.finditer(line):
        pieces += (*glue(line[end : found.start()]), Piece(Role.UPDATED, found.group()))
        end = found.end()
    return (*pieces, *glue(line[end:]))


# ---------------------------------------------------------------- headings and folded blocks


def _heading(reading: Reading, heading: Heading) -> None:
    if _UPDATED.search(heading.name):
        return reading.add(
            Kind.UPDATED, *_dated("".join(reading.lines[reading.place : reading.place + heading.lines])), lines=heading.lines
        )
    if take_card(reading, heading):
        return None
    name = topic_in(heading.name)
    raw = "".join(reading.lines[reading.place : reading.place + heading.lines])
    day = day_in(name)
    is_day = day is not None or is_date_alone(name)
    if is_day or names_no_topic(name):
        reading.day = day if is_day else reading.day
        reading.part(heading.level)
        return reading.add(Kind.TEXT, *glue(raw), lines=heading.lines)
    return reading.await_papers(name, heading.level, lines=heading.lines)


def _details(reading: Reading) -> None:
    """A folded block: as it is where it names no paper; else its summary may be a topic, and what it holds is read."""
    end = reading.end_of_details()
    place = reading.place
    if end is not None and not reading.refs_within(place, end + 1):
        leads = any(_INSIDE.search(line) for line in reading.lines[place : end + 1])
        return reading.text(Kind.CONTENTS if leads else Kind.TEXT, end + 1)
    if end is not None and take_folded_card(reading, end + 1):
        return None
    reading.fold(len(reading.lines) if end is None else end + 1)
    # The summary stands on the line of the tag, or on one of the next.
    for upto in range(place, min(place + 4, len(reading.lines))):
        if summary := _SUMMARY.search(reading.lines[upto]):
            name = topic_in(summary["name"])
            reading.text(Kind.TEXT, upto)
            if names_no_topic(name) or _says_the_same(reading, name):
                break
            return reading.await_papers(name, 6)
    return reading.add(Kind.TEXT, *glue(reading.lines[reading.place]))


def _says_the_same(reading: Reading, name: str) -> bool:
    """Whether a summary only repeats the heading above it."""
    above = reading.pending.name if reading.pending else reading.topics[reading.topic] if reading.topic is not None else ""
    return bool(above) and above.casefold() in name.casefold()


# ---------------------------------------------------------------- tables


def _starts_papers(lines: Sequence[str], place: int) -> bool:
    if place + 1 >= len(lines) or not has_pipe(lines[place]) or not is_separator(lines[place + 1].rstrip("\r\n")):
        return False
    return is_header_of_papers(roles_of(split_row(lines[place]).cells)) or _rows_name_papers(lines, place + 2)


def _rows_name_papers(lines: Sequence[str], place: int) -> bool:
    """Whether the first row of a table whose header nobody knows names a paper."""
    return place < len(lines) and has_pipe(lines[place]) and ref_in(lines[place]) is not None


def _is_row_alone(line: str) -> bool:
    """Whether a line is a row of a table whose header is missing."""
    row = split_row(line)
    return row.lead.endswith("|") and len(row.cells) >= 3


def _row_alone(reading: Reading) -> bool:
    line = reading.lines[reading.place]
    refuse_cut_row(line, 0, number=reading.place + 1, last=reading.place == reading.last)
    pieces, item, _ = read_row(line, roles_by_content(split_row(line).cells))
    reading.add(Kind.ROW, *pieces, item=item)
    return True


def _table(reading: Reading) -> None:
    header = split_row(reading.lines[reading.place])
    roles = roles_of(header.cells)
    if not is_header_of_papers(roles) and (first := reading.line(reading.place + 2)):
        roles = columns_by_content(roles, split_row(first, columns=len(roles)).cells)
    for role, cell in zip(roles, header.cells, strict=True):
        if role is Role.EXTRA:
            reading.remark(f"nobody knows the column {cell.strip()!r}: it is kept as it is")
    reading.add(Kind.HEADER, *glue(reading.lines[reading.place]))
    reading.add(Kind.SEPARATOR, *glue(reading.lines[reading.place]))
    while reading.place < len(reading.lines) and has_pipe(reading.lines[reading.place]):
        line = reading.lines[reading.place]
        if reading.place in reading.structure.hidden or _starts_papers(reading.lines, reading.place):
            break
        closed = reading.lines[reading.place - 1].rstrip().endswith("|")
        refuse_cut_row(line, len(roles), number=reading.place + 1, last=reading.place == reading.last, ends_closed=closed)
        pieces, item, words = read_row(line, roles)
        for one in words:
            reading.remark(one)
        reading.add(Kind.ROW, *pieces, item=item)


def refuse_cut_row(line: str, columns: int, *, number: int, last: bool, ends_closed: bool = True) -> None:
    """Raises InputError for a ``last`` row that stops in the middle: its closing pipe, or cells, are missing.

    Some people close no row, which is told by the row above.
    """
    row = split_row(line, columns=columns)
    whole = len(row.cells) >= columns > 0 and line.endswith("\n") and not ends_closed
    open_ended = row.lead.endswith("|") and not row.tail.startswith("|") and not whole
    if last and (open_ended or (len(row.cells) < columns and not line.endswith("\n"))):
        raise InputError(
            f"line {number}: the file ends in the middle of a row, after {len(row.cells)}"
            f" of {columns or len(row.cells) + 1} cells: nothing is imported; give the whole file"
        )


def read_row(line: str, roles: Sequence[Role]) -> tuple[tuple[Piece, ...], Item, tuple[str, ...]]:
    """The row as pieces, what it says, and what of it was not understood."""
    row = split_row(line, columns=len(roles))
    cells = rejoined(row.cells, roles)
    named = [(roles[place] if place < len(roles) else Role.EXTRA, cell) for place, cell in enumerate(cells)]
    pieces: list[Piece] = [*glue(row.lead)]
    for place, (role, cell) in enumerate(named):
        pieces += (*(glue("|") if place else ()), *pieces_of(role, cell))
    pieces += glue(row.tail)
    told = with_languages(pieces)
    item = item_of(told, cells=named)
    words = [] if item.ref else [NO_PAPER]
    if len(cells) < len(roles):
        words.append(f"the row has {len(cells)} of {len(roles)} cells")
    if Role.DATE in roles and item.date is None:
        words.append("the date of this row cannot be read")
    return told, item, tuple(words)
