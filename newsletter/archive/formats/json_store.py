"""Reads the JSON store of daily lists: ``{TOPIC: {ID: "|date|title|…|\\n"}}``, or without topics. Pure.

The rows have no header: what a cell is, is told by what stands in it. A file may hold thousands of rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from newsletter.archive.formats.cells import pieces_of, ref_in, with_refs
from newsletter.archive.formats.columns import roles_by_content
from newsletter.archive.formats.document import Block, Document, Item, Kind, Piece, Remark, Role, glue
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.page_reading import LONGEST_LINE
from newsletter.archive.formats.record_fields import json_faults
from newsletter.archive.formats.records import recognise_records
from newsletter.archive.formats.table_pages import NO_PAPER, read_row
from newsletter.archive.formats.table_rows import split_row
from newsletter.archive.formats.visible_ids import with_untold
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

_LINE = re.compile(
    r"(?P<begin>\s*[-*]\s+)(?P<date>\d{4}-\d\d-\d\d)(?P<open>,\s*\*\*)(?P<title>.{1,1000}?)(?P<close>\*\*,\s*)(?P<authors>[^\[]*?)"
    r"(?P<paper>,\s*+(?:Paper|PDF|arXiv)?:?\s*+\[[^\]]*\]\([^)]*\))(?:(?P<label>,?\s*Code:\s*)(?P<code>\*\*\[(?>.*?\]\().*?\)\*\*|null))?"
)
# What stands for the topic of a store without topics: {ID: row}.
FLAT = ""
Progress = Callable[[int, int], None]


def recognise_store(text: str) -> float:
    """1 where ``text`` begins as an object in JSON does, and not as one of records, else 0."""
    return 1.0 if text.lstrip()[:1] == "{" and '"' in text[:400] and not recognise_records(text) else 0.0


def read_store(text: str, *, progress: Progress = lambda _done, _of: None) -> Document:
    """``text`` as a document: a topic block for each key, a row block for each paper. ``progress`` is told rows done and in all.

    Raises InputError, naming the line, where it is no JSON (a file that was cut is none) or no store.
    """
    topics = _loaded(text)
    total = sum(len(rows) for rows in topics.values())
    blocks: list[Block] = []
    remarks: list[Remark] = []
    done = 0
    is_flat = list(topics) == [FLAT]
    line = _Lines(text)
    for place, (name, rows) in enumerate(topics.items()):
        if not is_flat:
            blocks.append(Block(Kind.TOPIC, line.of(name), (Piece(Role.TOPIC, _storable(name)),), place))
        for key, row in rows.items():
            done += 1
            number = line.of(key)
            block, words = _row(_storable(key), _storable(row), None if is_flat else place, line=number)
            blocks.append(block)
            remarks += [Remark(number, f"{name} / {key}: {one}" if name else f"{key}: {one}") for one in words]
            if done % 100 == 0 or done == total:
                progress(done, total)
    names = () if is_flat else tuple(_storable(name) for name in topics)
    return with_untold(Document(ListFormat.JSON, tuple(blocks), names, tuple(remarks)), text)


class _Lines:
    """The line on which each key of a file stands, asked in the order in which they come."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, key: str) -> int:
        """The line of the next key of this name; that of the one before where it is spelt otherwise."""
        for spelt in (json.dumps(key, ensure_ascii=False), json.dumps(key)):
            found = self._text.find(spelt, self._at)
            if found >= 0:
                self._line += self._text.count("\n", self._at, found)
                self._at = found
                break
        return self._line


def _loaded(text: str) -> dict[str, dict[str, str]]:
    with json_faults("a store of papers"):
        found: Any = json.loads(text)
    if isinstance(found, dict) and found and all(isinstance(row, str) for row in found.values()):
        return {FLAT: found}
    if not isinstance(found, dict) or not all(map(_is_topic, found.values())):
        raise InputError('line 1: this JSON is no store of papers: it needs {"TOPIC": {"ID": "|date|title|…|"}}')
    return found


def _is_topic(rows: Any) -> bool:
    return isinstance(rows, dict) and all(isinstance(row, str) for row in rows.values())


def _row(key: str, row: str, topic: int | None, *, line: int) -> tuple[Block, tuple[str, ...]]:
    if len(row) > LONGEST_LINE:
        raise InputError(f"line 1: the row of {key[:40]!r} has {len(row)} characters, and a row of papers {LONGEST_LINE} at most")
    pieces, item, words = _line(row) if _LINE.match(row) else read_row(row, roles_by_content(split_row(row).cells))
    if not item.ref and (named := ref_in(key)):
        item = Item(**{**_fields(item), "ref": named.ref, "version": named.version})
        words = tuple(one for one in words if "names a paper" not in one)
    # The key stands first, so that the store can be written from its blocks alone.
    return Block(Kind.ROW, line, (Piece(Role.PLACE, key), *pieces), topic, item), words


def _line(row: str) -> tuple[tuple[Piece, ...], Item, tuple[str, ...]]:
    """A row as a line of a list: ``- 2026-06-22, **title**, author et.al., Paper: [..](..), Code: **[..](..)**``."""
    found = _LINE.match(row)
    if found is None:
        raise AssertionError(row)
    code = found["code"] or ""
    pieces = (
        *glue(found["begin"]), Piece(Role.DATE, found["date"]), *glue(found["open"]), Piece(Role.TITLE, found["title"]),
        *glue(found["close"]), *pieces_of(Role.AUTHORS, found["authors"]), *with_refs(found["paper"]),
        *glue(found["label"] or ""), *([Piece(Role.CODE, code)] if code else []), *glue(row[found.end() :]),
    )  # fmt: skip
    told = with_languages(pieces)
    item = item_of(told, cells=[(Role.REF, found["paper"]), (Role.CODE, code)])
    return told, item, () if item.ref else (NO_PAPER,)


def _storable(text: str) -> str:
    """``text`` without what JSON can spell and no database can hold: zero characters and halves of pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _fields(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Item.__slots__}
