"""Reads papers kept as JSON objects: a line each, in an array, or by id, with topics above them or without. Pure.

The file is cut where its values stand, so that joined it is the file again, byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from newsletter.archive.formats.cells import ref_in
from newsletter.archive.formats.document import Block, Document, Kind, Piece, Remark, Role, glue
from newsletter.archive.formats.record_fields import Found, decode, members, plain_name, read_fields, skip_space, storable
from newsletter.archive.formats.visible_ids import with_untold
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

_BY_LINE = re.compile(r"\s*\{\s*\"[^\"]*\"\s*:\s*(?:\"|\d|null|true|false|\[(?!\s*\{))")
_BY_TOPIC = re.compile(r"\s*\{\s*\"[^\"]*\"\s*:\s*(?:\[\s*\{|\{\s*\"[^\"]*\"\s*:\s*\{|\[\s*\])")
_BY_ID = re.compile(r"\s*\{\s*\"(?P<key>[^\"]*)\"\s*:\s*(?P<row>\{|\")")
# Names of containers that are no topics.
_CONTAINERS = ("papers", "data", "items", "results", "entries", "list", "records", "articles", "feed", "documents")
_DEEPEST = 4


def recognise_records(text: str) -> float:
    """1 where ``text`` is JSON whose papers are objects, else 0."""
    head = text[:2000]
    if head.lstrip()[:1] == "[" and re.match(r"\s*\[\s*(?:\{|\])", head):
        return 1.0
    if _BY_TOPIC.match(head):
        return 1.0
    by_id = _BY_ID.match(head)
    if by_id and ref_in(by_id["key"]) is not None:
        return 1.0 if by_id["row"] == "{" else 0.0
    return 1.0 if _BY_LINE.match(head) else 0.0


@dataclass
class _Reading:
    text: str
    at: int = 0
    topic: int | None = None
    blocks: list[Block] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    counted: tuple[int, int] = (0, 1)

    def line(self, place: int) -> int:
        at, line = self.counted
        self.counted = (place, line + self.text.count("\n", at, place))
        return self.counted[1]

    def upto(self, place: int, kind: Kind = Kind.TEXT) -> None:
        """What stands up to ``place`` as it is."""
        if place > self.at:
            self.blocks.append(Block(kind, self.line(self.at), glue(self.text[self.at : place]), self.topic))
            self.at = place


def read_records(text: str) -> Document:
    """``text`` as a document. Raises InputError, naming the line, where it is no JSON, was cut, or holds no paper."""
    reading = _Reading(text)
    place = skip_space(text, 0)
    while place < len(text):
        place = skip_space(text, _value(reading, place, "", 0))
    reading.upto(len(text))
    if not any(block.kind is Kind.ROW for block in reading.blocks):
        raise InputError(
            'line 1: this JSON holds no papers: a record needs an id and a title, as in {"id": "2606.26101", "title": "…"}'
        )
    return with_untold(Document(ListFormat.RECORDS, tuple(reading.blocks), tuple(reading.topics), tuple(reading.remarks)), text)


def _value(reading: _Reading, place: int, key: str, depth: int) -> int:
    """Reads the value at ``place``: a record, or what holds records. Gives the place behind it."""
    value, end = decode(reading.text, place)
    if isinstance(value, dict) and _is_record(value):
        _record(reading, place, key, value)
        reading.at = end
    elif isinstance(value, dict | list) and depth < _DEEPEST:
        for name, at in list(members(reading.text, place)):
            inner, _ = decode(reading.text, at)
            before = reading.topic
            if _is_topic(name, inner):
                _topic(reading, at, name)
            _value(reading, at, name, depth + 1)
            reading.topic = before
    return end


def _is_record(value: dict[str, Any]) -> bool:
    """Whether an object is a paper: it has a title, or an id, as text."""
    names = {plain_name(name) for name, inner in value.items() if isinstance(inner, str)}
    return bool(names & {"title", "paper title", "标题", "論文標題", "arxiv id", "arxiv"}) or (
        "id" in names and not any(isinstance(one, dict) and _is_record(one) for one in value.values())
    )


def _is_topic(name: str, inner: Any) -> bool:
    if not name or ref_in(name) is not None or name.lower() in _CONTAINERS or not isinstance(inner, dict | list):
        return False
    some = list(inner.values() if isinstance(inner, dict) else inner)
    return (
        bool(some) and isinstance(some[0], dict) and _is_record(some[0]) and not (isinstance(inner, dict) and _is_record(inner))
    )


def _topic(reading: _Reading, place: int, name: str) -> None:
    """The name of a topic stands in quotation marks before ``place``."""
    start = reading.text.rfind(f'"{name}"', reading.at, place)
    reading.topic = len(reading.topics)
    reading.topics.append(storable(name))
    reading.upto(max(start, reading.at))
    reading.blocks.append(
        Block(Kind.TOPIC, reading.line(reading.at), _topic_pieces(reading.text[reading.at : place], name), reading.topic)
    )
    reading.at = place


def _topic_pieces(raw: str, name: str) -> tuple[Piece, ...]:
    start = raw.find(name)
    if start < 0 or storable(name) != name:
        return (*glue(raw), Piece(Role.TOPIC, ""))
    return (*glue(raw[:start]), Piece(Role.TOPIC, name), *glue(raw[start + len(name) :]))


def _record(reading: _Reading, place: int, key: str, value: dict[str, Any]) -> None:
    reading.upto(place)
    _, end = decode(reading.text, place)
    found = Found(key)
    read_fields(reading.text, place, found)
    pieces: list[Piece] = []
    at = place
    for begin, upto, piece in sorted(found.pieces, key=lambda one: one[0]):
        pieces += (*glue(reading.text[at:begin]), piece)
        at = upto
    pieces += glue(reading.text[at:end])
    item = found.item()
    line = reading.line(place)
    if not item.ref:
        reading.remarks.append(
            Remark(line, f"{str(value.get('title') or key)[:60]!r} names no paper of a known server: it is kept as it is")
        )
    if found.date_text and item.date is None:
        reading.remarks.append(Remark(line, f"the date {found.date_text[:30]!r} cannot be read"))
    reading.blocks.append(Block(Kind.ROW, line, tuple(pieces), reading.topic, item))
