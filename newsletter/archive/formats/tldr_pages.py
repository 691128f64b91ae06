"""Reads TL;DR pages: a table of footnotes, and for each of them a note with titles, link, summary and abstracts. Pure.

A note is one block: ``[^1]: translated title``, then indented paragraphs. What a paragraph is, is told by the link among them, by
the language it is in, and by what the table says; one that nothing tells stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from newsletter.archive.formats.cells import pieces_of, ref_in, with_refs, words_of
from newsletter.archive.formats.columns import roles_of
from newsletter.archive.formats.document import Block, Document, Item, Kind, Piece, Remark, Role, glue
from newsletter.archive.formats.items import item_of, merged, with_languages
from newsletter.archive.formats.page_reading import lines_of
from newsletter.archive.formats.table_pages import read_row, refuse_cut_row
from newsletter.archive.formats.table_rows import has_pipe, is_separator, split_row
from newsletter.archive.formats.visible_ids import with_untold
from newsletter.errors import InputError
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.language_detection import language_told
from newsletter.values.list_formats import ListFormat

_NOTE = re.compile(r"\[\^(?P<key>[^\]\s]+)\]:(?P<space>[ \t]*)(?P<title>.*)")
_MARK = re.compile(r"\[\^([^\]\s]{1,200})\]")
_LINK_LINE = re.compile(r"\s*(?:\[[^\]]*\]\(\s*https?://\S+\s*\)|<?https?://\S+>?)\s*")
_SUFFIX = re.compile(
    r"(?:\.|(?<![.\s]))\s*+\((?:arXiv:)\S{1,100}?(?:v\d+)?(?:\s+\[[^\]]{0,500}\])?(?:\s+UPDATED!?)?\)\s*$", re.IGNORECASE
)
# ``arXiv:2404.01300v1 Announce Type: cross  Abstract: ``, also as engines translated it.
_PREFIX = re.compile(
    r"(?<!\s)\s*+arXiv\s*[:：]\s*(?P<ref>\S{1,100}?)(?P<version>v\d+)?\s+(?:Announce\s+Type|发布类型|公告类型|宣布类型|發佈類型|發布類型|公告類型|宣告類型|类型|類型)"
    r"\s*[:：]\s*(?P<type>[^\s:：]+)\s+(?:Abstract|摘要|概要|抽象)\s*[:：]\s*",
    re.IGNORECASE,
)
_CATEGORIES = re.compile(r"\[([^\]]{0,500})\]")


def recognise_tldr_page(text: str) -> float:
    """How sure it is, from 0 to 1, that ``text`` is a page of footnotes with notes."""
    notes = len(re.findall(r"^\[\^[^\]\s]+\]:", text, re.MULTILINE))
    rows = len(re.findall(r"^[^\S\n]*\|.*\[\^[^\]\s]{1,200}\].*$", text, re.MULTILINE))
    if not rows:
        return 0.0
    return 0.95 if notes else 0.6


def read_tldr_page(text: str) -> Document:
    """``text`` as a document. Raises InputError, naming the line, where it ends in the middle."""
    reading = _Reading(lines_of(text))
    while reading.place < len(reading.lines):
        _next(reading)
    _refuse_missing_notes(reading)
    blocks = _joined(reading.blocks, reading.notes)
    if not any(block.item for block in blocks):
        raise InputError("no footnote of a paper was found: it needs a table with [^1] in it, and notes")
    return with_untold(Document(ListFormat.TLDR, tuple(blocks), (), tuple(reading.remarks)), text)


@dataclass
class _Reading:
    lines: list[str]
    place: int = 0
    blocks: list[Block] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    rows: dict[str, tuple[Item, int]] = field(default_factory=dict)
    notes: dict[str, Item] = field(default_factory=dict)

    @cached_property
    def last(self) -> int:
        """The place of the last line that is not blank."""
        return max((place for place, line in enumerate(self.lines) if line.strip()), default=0)

    def add(self, kind: Kind, pieces: Sequence[Piece], *, item: Item | None = None, lines: int = 1) -> None:
        self.blocks.append(Block(kind, self.place + 1, tuple(pieces), None, item))
        self.place += lines


def _next(reading: _Reading) -> None:
    line = reading.lines[reading.place]
    following = reading.lines[reading.place + 1] if reading.place + 1 < len(reading.lines) else ""
    if has_pipe(line) and is_separator(following.rstrip("\r\n")):
        return _table(reading)
    if _NOTE.match(line):
        return _note(reading)
    return reading.add(Kind.TEXT if line.strip() else Kind.BLANK, glue(line))


def _table(reading: _Reading) -> None:
    roles = list(roles_of(split_row(reading.lines[reading.place]).cells))
    # Where notes follow, a column of summaries holds the sentence, and the footnotes stand in a column of their own.
    roles = [Role.TLDR if role is Role.ABSTRACT and Role.TLDR not in roles else role for role in roles]
    reading.add(Kind.HEADER, glue(reading.lines[reading.place]))
    reading.add(Kind.SEPARATOR, glue(reading.lines[reading.place]))
    while reading.place < len(reading.lines) and has_pipe(reading.lines[reading.place]):
        line = reading.lines[reading.place]
        refuse_cut_row(line, len(roles), number=reading.place + 1, last=reading.place == reading.last)
        pieces, item, words = read_row(line, roles)
        reading.remarks += [Remark(reading.place + 1, one) for one in words]
        mark = _MARK.search(line)
        if mark:
            reading.rows.setdefault(mark[1], (item, reading.place + 1))
        reading.add(Kind.ROW, _without_full_stop(pieces), item=replace(item, title=item.title.removesuffix(".")))


def _without_full_stop(pieces: Sequence[Piece]) -> list[Piece]:
    """A feed of old ended each title with a full stop, which is none of the title's."""
    cut: list[Piece] = []
    for piece in pieces:
        ends = piece.role is Role.TITLE and piece.raw.endswith(".") and not piece.raw.endswith("..")
        cut += [replace(piece, raw=piece.raw[:-1]), *glue(".")] if ends else [piece]
    return cut


def _note(reading: _Reading) -> None:
    """A note up to the next one, a heading or an unindented line."""
    end = reading.place + 1
    while end < len(reading.lines) and (not reading.lines[end].strip() or reading.lines[end].startswith((" ", "\t"))):
        end += 1
    lines = reading.lines[reading.place : end]
    head = _NOTE.match(lines[0])
    if head is None:
        raise AssertionError(lines[0])
    row = reading.rows.get(head["key"], (Item(), 0))[0]
    pieces = [*_head(lines[0], head), *_paragraphs(lines[1:], row)]
    told = with_languages(pieces)
    item = _item_of_note(told, row)
    if not item.ref:
        reading.remarks.append(Remark(reading.place + 1, f"the note [^{head['key']}] names no paper: it is kept as it is"))
    if head["key"] in reading.notes:
        reading.remarks.append(Remark(reading.place + 1, f"a second note [^{head['key']}]: the first one counts"))
    reading.notes.setdefault(head["key"], item)
    reading.add(Kind.NOTE, told, item=item, lines=end - reading.place)


def _item_of_note(pieces: Sequence[Piece], row: Item) -> Item:
    """What a note says, and what else its row does; the id stands anywhere but in the abstract and the sentence."""
    text = "".join(piece.raw for piece in pieces if piece.role not in (Role.ABSTRACT, Role.TLDR))
    item = item_of(pieces, cells=[(Role.REF, text)] if ref_in(text) else ())
    return merged(replace(item, links=()), replace(row, title=row.title.removesuffix(".")))


def _head(line: str, head: re.Match[str]) -> list[Piece]:
    title = head["title"].strip()
    mark = f"[^{head['key']}]"
    start = line.index(title, len(mark) + 1) if title else len(line)
    before = line[len(mark) : start]
    return [
        Piece(Role.PLACE, mark),
        *glue(before),
        *(pieces_of(Role.OTHER_TITLE, title) if title else ()),
        *glue(line[start + len(title) :]),
    ]


def _paragraphs(lines: Sequence[str], row: Item) -> list[Piece]:
    """The lines under the head of a note: before the link the title, after it the sentence and the abstracts."""
    link = next((place for place, line in enumerate(lines) if _LINK_LINE.fullmatch(line)), len(lines))
    filled = [place for place, line in enumerate(lines) if line.strip()]
    roles = _roles_after(lines, [place for place in filled if place > link], row)
    if link < len(lines) and filled[0] < link:
        roles[filled[0]] = Role.TITLE
    pieces: list[Piece] = []
    for place, line in enumerate(lines):
        pieces += with_refs(line) if place == link else _line(line, roles.get(place))
    return pieces


def _roles_after(lines: Sequence[str], after: Sequence[int], row: Item) -> dict[int, Role]:
    """The roles of the paragraphs after the link: the sentence that the row has too, or that comes first, and the abstracts."""
    sentences = {text for name, _, text in row.texts if name == "tldr"}
    roles: dict[int, Role] = {}
    seen_translated = False
    for place in after:
        text = words_of(lines[place])
        if text in sentences or (place == after[0] and _is_sentence(text, len(after), is_known=bool(sentences))):
            roles[place] = Role.TLDR
            continue
        # One that was not translated stands there twice in English.
        is_english = language_told(_PREFIX.sub("", text)) in ("", SOURCE_LANGUAGE)
        if is_english or not seen_translated:
            roles[place] = Role.ABSTRACT
        seen_translated = seen_translated or not is_english
    return roles


def _is_sentence(first: str, paragraphs: int, *, is_known: bool) -> bool:
    """Whether the first of so many paragraphs is the sentence; of two it is none where the row has another one (``is_known``)."""
    return paragraphs > (2 if is_known else 1) and not _PREFIX.match(first)


def _line(line: str, role: Role | None) -> list[Piece]:
    body = line.strip()
    if role is None or not body:
        return list(glue(line))
    start = line.index(body)
    before, after = glue(line[:start]), glue(line[start + len(body) :])
    inner = _title(body) if role is Role.TITLE else _text(role, body)
    return [*before, *inner, *after]


def _title(body: str) -> list[Piece]:
    """A title, with the suffix that feeds of old gave it: ``. (arXiv:2401.10005v1 [cs.CV])``."""
    suffix = _SUFFIX.search(body)
    if suffix is None:
        return [Piece(Role.TITLE, body)]
    pieces: list[Piece] = [Piece(Role.TITLE, body[: suffix.start()])]
    for piece in with_refs(suffix.group()):
        categories = _CATEGORIES.search(piece.raw) if piece.role is Role.GLUE else None
        if categories is None or not categories[1]:
            pieces.append(piece)
            continue
        pieces += [*glue(piece.raw[: categories.start(1)]), Piece(Role.CATEGORY, categories[1])]
        pieces += glue(piece.raw[categories.end(1) :])
    return pieces


def _text(role: Role, body: str) -> list[Piece]:
    """An abstract, with the prefix of the feed that stands before it."""
    prefix = _PREFIX.match(body)
    if prefix is None or prefix.end() == len(body):
        return [Piece(role, body)]
    start, end = prefix.span("type")
    return [
        *with_refs(body[:start]),
        Piece(Role.ANNOUNCED, body[start:end]),
        *glue(body[end : prefix.end()]),
        Piece(role, body[prefix.end() :]),
    ]


def _refuse_missing_notes(reading: _Reading) -> None:
    """Raises InputError where the notes stop before the table does: then the file was cut."""
    if not reading.notes:
        return
    _refuse_half_note(reading)
    keys = list(reading.rows)
    noted = [place for place, key in enumerate(keys) if key in reading.notes]
    first = noted[-1] + 1 if noted else 0
    if first < len(keys):
        line = reading.rows[keys[first]][1]
        raise InputError(
            f"line {len(reading.lines)}: the file ends before the note of [^{keys[first]}], which line {line} names:"
            " nothing is imported; give the whole file"
        )
    without = [key for key in keys if key not in reading.notes]
    reading.remarks += [Remark(reading.rows[key][1], f"[^{key}] has no note") for key in without]


def _refuse_half_note(reading: _Reading) -> None:
    """Raises InputError where the last note has no abstract, and others have one."""
    *others, last = reading.notes
    if _has_abstract(reading.notes[last]):
        return
    if any(reading.notes[key].abstract or len(reading.notes[key].texts) > 1 for key in others):
        raise InputError(
            f"line {len(reading.lines)}: the file ends in the middle of the note [^{last}], before its abstract:"
            " nothing is imported; give the whole file"
        )


def _has_abstract(item: Item) -> bool:
    return bool(item.abstract) or any(name == "abstract" for name, _, _ in item.texts)


def _joined(blocks: Sequence[Block], notes: Mapping[str, Item]) -> list[Block]:
    """Each row with what its note says too."""
    joined: list[Block] = []
    for block in blocks:
        mark = _MARK.search(block.raw) if block.kind is Kind.ROW else None
        note = notes.get(mark[1]) if mark else None
        joined.append(replace(block, item=merged(note, block.item)) if note and block.item else block)
    return joined
