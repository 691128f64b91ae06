"""Takes papers off a page that stand in no Markdown table: items of lists, cards, tables in HTML. Pure.

Each function takes what begins at the next line, and says whether it did; what it does not take stays for others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.archive.formats.cells import pieces_of, ref_in, words_of
from newsletter.archive.formats.columns import is_header_of_papers, roles_by_content, roles_of
from newsletter.archive.formats.document import Kind, Piece, Role, glue
from newsletter.archive.formats.entries import MARKER, read_entry
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.page_reading import Reading
from newsletter.archive.formats.page_structure import BOLD_LEVEL, Heading
from newsletter.archive.formats.table_rows import has_pipe, is_separator
from newsletter.archive.formats.topic_names import names_no_topic, topic_in

# A line that begins with the name of a field of papers.
LABELLED = re.compile(
    r"^[ \t>]*(?:[-*+•][ \t]+)?[*_`]{0,3}"
    r"(?:authors?|arxiv(?: id)?|abstract|tl;?dr|main category|categor(?:y|ies)|subjects?|published(?: on)?|publish date|date|pdf"
    r"|paper|link|url|motivation|method|作者|摘要|日期|链接|連結|论文|論文|发布日期|一句话总结)[*_`]{0,3}\s*[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_LEAST_LABELS = 2
_LIST_ITEM = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-*+•]|\d{1,4}[.)])[ \t]+")
_ANCHOR_LINE = re.compile(
    r"[\s>]*(?:<(?:div|a|span|p)\b[^<>]*>\s*(?:</(?:div|a|span|p)>)?|-{3,}|\*{3,}|_{3,}|</(?:details|div|p|table)>)?\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ ]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_OUTLINE = re.compile(r"\*{2,}[ \t]+\S")
_TITLED = re.compile(r"(?:[ \t]*>)*[ \t]*(?:\*\*|__|\[|<(?:b|strong|a)\b|[\"“]|\d{1,3}[.)]\s)", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_TR = re.compile(r"<tr\b[^<>]*>.*?(?:</tr\s*>|(?=<tr\b)|(?=</t(?:able|body)\b))", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"(?P<open><t(?P<kind>[dh])\b[^<>]*>)(?P<words>.*?)(?=</t[dh]\s*>|<t[dhr]\b|</t)", re.IGNORECASE | re.DOTALL)


def take_item(reading: Reading) -> bool:
    """An item that names a paper, with the items within it that name no other; or one that is the topic of those within."""
    first, end = reading.place, _end_of_item(reading)
    refs = reading.refs_within(first, end)
    if not refs and "](http" in reading.line(first) and reading.blocks and reading.blocks[-1].kind is Kind.ROW:
        reading.remark("this item names no paper of a known server: it is kept as it is")
    if not refs or _holds_table(reading, first, end):
        return False
    nested = next((place for place in range(first + 1, end) if place in reading.structure.items), end)
    own = reading.refs_within(first, nested)
    if own and any(ref not in own for ref in refs):
        end = nested
    elif not own and len(refs) > 1:
        return _topic_of_items(reading, nested)
    return _take_entry(reading, end)


def _end_of_item(reading: Reading) -> int:
    """Outlines go deeper by more stars (Org): what stands below one is not of this item."""
    end = reading.structure.items[reading.place]
    return next((place for place in range(reading.place + 1, end) if _OUTLINE.match(reading.line(place))), end)


def _holds_table(reading: Reading, first: int, end: int) -> bool:
    return any(has_pipe(line) and is_separator(line.strip()) for line in reading.lines[first:end])


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


def _take_entry(reading: Reading, end: int, *, wants_title: bool = False) -> bool:
    pieces, item, words = read_entry("".join(reading.lines[reading.place : end]))
    if not item.ref or (wants_title and words):
        return False
    for one in words:
        reading.remark(one)
    reading.add(Kind.ROW, *pieces, item=item, lines=end - reading.place)
    return True


def take_card(reading: Reading, heading: Heading) -> bool:
    """A heading that is the title of a paper, with what follows up to the next heading, or to the next paper."""
    first = reading.place
    end = _end_of_card(reading, first + heading.lines)
    own = reading.refs_within(first, first + heading.lines)
    if not own and not _has_fields(reading, first + heading.lines, end):
        return False
    known = (own or reading.refs_within(first, end))[0]
    for place in range(first + heading.lines, end):
        is_other = any(ref != known for ref in reading.refs.get(place, ()))
        if is_other and (place in reading.structure.items or has_pipe(reading.line(place)) or _TITLED.match(reading.line(place))):
            end = place
            break
    return _take_entry(reading, _without_anchors(reading, first + heading.lines, end))


def _end_of_card(reading: Reading, first: int) -> int:
    """The place of the next heading, rule or quotation."""
    end = reading.next_heading(first - 1)
    quoted = reading.line(first - 1).lstrip().startswith(">")
    for place in range(first, end):
        if _RULE.fullmatch(reading.line(place).rstrip("\n")) or (place in reading.structure.quotes and not quoted):
            return place
    return end


def _has_fields(reading: Reading, first: int, end: int) -> bool:
    """Whether one paper alone is named, by lines that begin with names of fields."""
    if len(reading.refs_within(first, end)) != 1:
        return False
    fields = sum(1 for line in reading.lines[first:end] if LABELLED.match(line))
    return fields >= _LEAST_LABELS and not _holds_table(reading, first, end)


def _without_anchors(reading: Reading, least: int, end: int) -> int:
    """``end`` before the blank lines, rules and anchors that stand above what comes next; a folded block is closed before it."""
    while end > least and _ANCHOR_LINE.fullmatch(reading.line(end - 1).rstrip("\n")):
        opened = sum(
            line.lower().count("<details") - line.lower().count("</details") for line in reading.lines[reading.place : end - 1]
        )
        if "</details" in reading.line(end - 1).lower() and opened > 0:
            break
        end -= 1
    return end


def take_paragraph(reading: Reading) -> bool:
    """A paragraph that begins with the title of a paper, with the fields of that paper below it."""
    first = reading.place
    end = reading.structure.paragraphs[first]
    quote = next((until for start, until in reading.structure.quotes.items() if start <= first < until), 0)
    if not _TITLED.match(reading.line(first)) or not reading.refs_within(first, max(end, quote and end)):
        return False
    while following := _following(reading, end, quote):
        end = following
    upto = _shortened(reading, first, end)
    if upto < end:  # the next paper begins within the paragraph
        reading.structure.paragraphs[upto] = end
    return _take_entry(reading, upto, wants_title=True)


def _following(reading: Reading, end: int, quote: int) -> int:
    """The end of the next paragraph where that is about the same paper: in its quotation, or a field; else 0."""
    place = next((place for place in range(end, len(reading.lines)) if reading.line(place).strip("> \t\n")), None)
    if place is None or place in reading.structure.headings or place in reading.structure.items or place in reading.refs:
        return 0
    is_field = place < quote if quote else bool(LABELLED.match(reading.line(place)))
    return reading.structure.paragraphs.get(place, 0) if is_field else 0


def _shortened(reading: Reading, first: int, end: int) -> int:
    """Before the first line that begins another paper: some put one on each line of a paragraph."""
    own = reading.refs.get(first, [])
    for place in range(first + 1, end):
        others = [ref for ref in reading.refs.get(place, ()) if ref not in own]
        if own and others:
            return place
    while end > first + 1 and not reading.line(end - 1).strip("> \t\n"):
        end -= 1
    return end


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
