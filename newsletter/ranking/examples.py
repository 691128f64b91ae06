"""What a reader gives as examples of their interests: BibTeX, RIS, Zotero's CSV, CSL-JSON, arXiv ids or sentences, read. Pure.

It stores nothing. A file is taken as a whole or not at all: what cannot be read is told by its line.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares.parsestack import default_parse_stack
from bibtexparser.model import DuplicateBlockKeyBlock, Entry

from newsletter.errors import InputError
from newsletter.i18n import _l
from newsletter.text.characters import printable
from newsletter.text.identifiers import parse_any_ref
from newsletter.text.tex import clean

LARGEST, MOST, LONGEST = 2_000_000, 500, 5_000
MEGABYTE = 1_000_000
# Of entries of BibTeX, with those that are none or come again.
MOST_BEGINNINGS = 4 * MOST
_BEGINNING = re.compile(r"@\w+\s?[{(]")
TOLD = 5
# BibTeX keeps capitals by them, and TeX's own say nothing to a reader either.
_BRACES = str.maketrans("", "", "{}")


class ExamplesFault(InputError):
    """What is wrong with what somebody gave: in English with ``values`` in it; ``told`` says it in another language."""

    def __init__(self, message: str, **values: object) -> None:
        self.message, self.values = message, values
        super().__init__(self.told(_l))

    def told(self, gettext: Callable[[str], str]) -> str:
        return gettext(self.message) % self.values if self.values else gettext(self.message)


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that somebody knows (``title``, perhaps its ``abstract``), or one of arXiv's by its ``ref`` alone."""

    title: str = ""
    abstract: str = ""
    ref: str = ""


def read_examples(content: bytes) -> tuple[Example, ...]:
    """The examples of a file, each once, in its order.

    Raises InputError naming what is wrong, the lines at fault and the mend.
    """
    if len(content) > LARGEST:
        raise ExamplesFault(_l("the file has more than %(most)s MB: give a part of it"), most=LARGEST // MEGABYTE)
    try:
        text = printable(content.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        raise ExamplesFault(_l("line %(line)s is not UTF-8: save the file as UTF-8 and give it again"), line=line) from exc
    found = tuple(dict.fromkeys(one for one in _of(text) if one != Example()))
    if not found:
        raise ExamplesFault(_l("no paper is named in it: give BibTeX, RIS, Zotero's CSV, CSL-JSON, arXiv ids or a sentence"))
    if len(found) > MOST:
        raise _too_many(len(found))
    return found


def _too_many(count: int) -> ExamplesFault:
    words = _l("%(count)s papers are named, and %(most)s are taken: give those that say best what you look for")
    return ExamplesFault(words, count=count, most=MOST)


def _of(text: str) -> list[Example]:
    start = text.lstrip()
    if start.startswith(("[", "{")):
        return _csl(text)
    if any(line.lstrip().startswith("TY  -") for line in text.splitlines()):
        return _ris(text)
    if any(line.lstrip().startswith("@") and "{" in line for line in text.splitlines()):
        return _bibtex(text)
    if start.startswith('"Key"') or "Item Type" in start.partition("\n")[0]:
        return _zotero(text)
    return _plain(text)


def _bibtex(text: str) -> list[Example]:
    # Beginnings of entries that never end are read in a time that grows with the square of their number.
    if (count := len(_BEGINNING.findall(text))) > MOST_BEGINNINGS:
        raise _too_many(count)
    # What it cannot read is told by us, by line.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = _library(text)
    again = [block for block in library.failed_blocks if isinstance(block, DuplicateBlockKeyBlock)]
    _refuse((block.start_line or 0) + 1 for block in library.failed_blocks if block not in again)
    blocks = [*library.entries, *(block.ignore_error_block for block in again)]
    return [_example(_fields(block), "title", "abstract", "eprint") for block in blocks]


def _library(text: str) -> Library:
    """What a file of BibTeX holds, with the texts in the place of their names. Raises ExamplesFault where these make it long."""
    library = parse_string(text, parse_stack=())
    if _grown_by(library) > LARGEST:
        raise ExamplesFault(_l("the file has more than %(most)s MB: give a part of it"), most=LARGEST // MEGABYTE)
    for step in default_parse_stack():
        library = step.transform(library)
    return library


def _grown_by(library: Library) -> int:
    """How many characters the names of texts (``@string``) stand for, wherever an entry says one in the place of a text."""
    lengths = {key.lower(): len(one.value) for key, one in library.strings_dict.items()}
    said = (str(one.value).lower() for entry in library.entries for one in entry.fields) if lengths else ()
    return sum(lengths.get(name, 0) for name in said)


def _fields(block: object) -> dict[str, str]:
    return {one.key.lower(): str(one.value) for one in block.fields} if isinstance(block, Entry) else {}


def _ris(text: str) -> list[Example]:
    _refuse(number for number, line in enumerate(text.splitlines(), start=1) if line.lstrip().startswith("@"))
    try:
        entries = rispy.loads(text)
    except (OSError, ValueError, KeyError, IndexError) as exc:
        raise ExamplesFault(_l("it is no RIS that can be read (%(why)s): export it again"), why=exc) from exc
    return [_example({"title": entry.get("primary_title", ""), **entry}, "title", "abstract", "url") for entry in entries]


def _csl(text: str) -> list[Example]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ExamplesFault(_l("it is no JSON that can be read (%(why)s): export it again"), why=exc) from exc
    listed = found.get("items", [found]) if isinstance(found, dict) else found
    entries = listed if isinstance(listed, list) else [listed]
    _refuse(number for number, entry in enumerate(entries, start=1) if not isinstance(entry, dict))
    return [_example(entry, "title", "abstract", "URL") for entry in entries]


def _zotero(text: str) -> list[Example]:
    try:
        return [_example(row, "Title", "Abstract Note", "Url") for row in csv.DictReader(io.StringIO(text))]
    except csv.Error as exc:
        raise ExamplesFault(_l("it is no CSV that can be read (%(why)s): export it again"), why=exc) from exc


def _plain(text: str) -> list[Example]:
    """A line that is an id or a link is that paper; all others together are what the reader says in words."""
    refs: list[str] = []
    words: list[str] = []
    for piece in text.replace(",", "\n").splitlines():
        ref = _ref(piece.strip())
        (refs if ref else words).append(ref or piece.strip())
    said = " ".join(word for word in words if word)
    if len(said) > LONGEST:
        why = _l("the text has %(count)s characters, and %(most)s are taken: say it in a few sentences")
        raise ExamplesFault(why, count=len(said), most=LONGEST)
    return [*(Example(ref=ref) for ref in refs), *([Example(said[:200], said)] if said else [])]


def _example(entry: Mapping[str, Any], title: str, abstract: str, address: str) -> Example:
    said, about = (clean(str(entry.get(name) or "").translate(_BRACES)) for name in (title, abstract))
    return Example(said[:500], about[:LONGEST], "" if said else _ref(str(entry.get(address) or "")))


def _ref(text: str) -> str:
    try:
        return parse_any_ref(text)[0]
    except InputError:
        return ""


def _refuse(lines: Iterable[int]) -> None:
    found = list(lines)
    if found:
        told = ", ".join(map(str, found[:TOLD])) + (", …" if len(found) > TOLD else "")
        words = _l("what begins in line %(lines)s cannot be read: mend it or take it out; nothing was kept")
        raise ExamplesFault(words, lines=told)
