"""Takes papers off a page that stand in no Markdown table: items of lists, tables in HTML. Pure.

Each function takes what begins at the next line, and says whether it did; what it does not take stays for others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.archive.formats.cells import pieces_of, ref_in, words_of
from newsletter.archive.formats.columns import is_header_of_papers, roles_by_content, roles_of
from newsletter.archive.formats.document import Kind, Piece, Role, glue
from newsletter.archive.formats.entries import MARKER
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.page_cards import holds_table, take_entry
from newsletter.archive.formats.page_reading import Reading
from newsletter.archive.formats.page_structure import BOLD_LEVEL
from newsletter.archive.formats.topic_names import names_no_topic, topic_in

_LIST_ITEM = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-*+•]|\d{1,4}[.)])[ \t]+")
_OUTLINE = re.compile(r"\*{2,}[ \t]+\S")
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_TR = re.compile(r"<tr\b[^<>]*>.*?(?:</tr\s*>|(?=<tr\b)|(?=</t(?:able|body)\b))", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"(?P<open><t(?P<kind>[dh])\b[^<>]*>)(?P<words>.*?)(?=</t[dh]\s*>|<t[dhr]\b|</t)", re.IGNORECASE | re.DOTALL)


def take_item(reading: Reading) -> bool:
    """An item that names a paper, with the items within it that name no other; or one that is the topic of those within."""
    first, end = reading.place, _end_of_item(reading)
    refs = reading.refs_within(first, end)
    if not refs and "](http" in reading.line(first) and reading.blocks and reading.blocks[-1].kind is Kind.ROW:
        reading.remark("this item names no paper of a known server: it is kept as it is")
    if not refs or holds_table(reading, first, end):
        return False
    nested = next((place for place in range(first + 1, end) if place in reading.structure.items), end)
    own = reading.refs_within(first, nested)
    if own and any(ref not in own for ref in refs):
        end = nested
    elif not own and len(refs) > 1:
        return _topic_of_items(reading, nested)
    return take_entry(reading, end)


def _end_of_item(reading: Reading) -> int:
    """Outlines go deeper by more stars (Org): what stands below one is not of this item."""
    end = reading.structure.items[reading.place]
    return next((place for place in range(reading.place + 1, end) if _OUTLINE.match(reading.line(place))), end)


def _topic_of_items(reading: Reading, nested: int) -> bool:
    """The words above a list within an item, as the topic of that list."""
    raw = "".join(reading.lines[reading.place : nested])
    marker = MARKER.match(raw)
    name = topic_in(raw[marker.end() if marker else 0 :])
    if names_no_topic(name) or nested != reading.place + 1:
        return False
    reading.fold(reading.structure.items[reading.place])
    reading.await_papers(name, BOLD_LEVEL)
    return True


# ---------------------------------------------------------------- tables in HTML


def take_html_table(reading: Reading) -> bool:
    """A table in HTML whose rows name papers."""
    first, end = reading.place, _end_of_html_table(reading)
    if not reading.refs_within(first, end + 1):
        return False
    raw = "".join(reading.lines[first : end + 1])
    roles: Sequence[Role] = ()
    at = 0
    for row in _TR.finditer(raw):
        _html_glue(reading, raw[at : row.start()])
        cells = [words_of(cell["words"]) for cell in _CELL.finditer(row.group())]
        if not roles and ref_in(row.group()) is None:
            found = roles_of(cells)
            roles = found if is_header_of_papers(found) else ()
            _html_block(reading, Kind.HEADER if roles else Kind.SEPARATOR, glue(row.group()))
        else:
            _html_row(reading, row.group(), roles)
        at = row.end()
    _html_glue(reading, raw[at:])
    reading.place = end + 1
    return True


def _end_of_html_table(reading: Reading) -> int:
    """The line on which the table ends; one before its first where it does not."""
    places = range(reading.place, len(reading.lines))
    return next((place for place in places if _TABLE_END.search(reading.lines[place])), reading.place - 1)


def _html_glue(reading: Reading, raw: str) -> None:
    if raw:
        _html_block(reading, Kind.SEPARATOR, glue(raw))


def _html_block(reading: Reading, kind: Kind, pieces: Sequence[Piece]) -> None:
    lines = "".join(piece.raw for piece in pieces).count("\n")
    reading.add(kind, *pieces, lines=lines)


def _html_row(reading: Reading, raw: str, roles: Sequence[Role]) -> None:
    """A row in HTML; without a head, or with one of another width, the cells tell what they are."""
    found = list(_CELL.finditer(raw))
    words = [cell["words"] for cell in found]
    if len(roles) != len(found):
        roles = roles_by_content(words)
    pieces: list[Piece] = []
    end = 0
    for role, cell in zip(roles, found, strict=True):
        begin, upto = cell.span("words")
        pieces += (*glue(raw[end:begin]), *pieces_of(role, raw[begin:upto]))
        end = upto
    pieces += glue(raw[end:])
    told = with_languages(pieces)
    item = item_of(told, cells=list(zip(roles, words, strict=True)))
    if not item.ref:
        reading.remark("this row names no paper of a known server: it is kept as it is")
    reading.add(Kind.ROW, *told, item=item, lines=raw.count("\n"))
