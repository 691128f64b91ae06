"""The files that managers of references export, read: BibTeX, RIS, CSL-JSON and tables such as Zotero's CSV. Pure.

They differ in where they name a paper of arXiv: as its eprint, in its DOI or address, in a note. Such a paper is taken by its ref
too, which brings the abstract that most exports leave out. What cannot be read is told by its line.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares.parsestack import default_parse_stack
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry
from rispy.config import TAG_KEY_MAPPING

from newsletter.i18n import _l
from newsletter.ranking.example import LARGEST, LONGEST, MOST, Example, ExamplesFault, refuse, too_large, too_many
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import refs_in
from newsletter.text.tex import clean

# Of two entries with one key both count, of two fields with one name the first.
TWICE = (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)
# Of entries of BibTeX, with those that are none or come again.
MOST_BEGINNINGS = 4 * MOST
_BEGINNING = re.compile(r"@\w+\s?[{(]")
_OF_BIBTEX = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_IN_ROUND_BRACKETS = re.compile(r"[ \t]*@(?!comment|preamble|string)\w+[ \t]*\(", re.IGNORECASE)
# Texts that BibTeX joins; managers of references do not write such, people do.
_JOINED = re.compile(r'"\s*#\s*"')
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9]) {1,2}-(?: (.*))?$")
# BibTeX keeps capitals by them, and TeX's own say nothing to a reader either.
_BRACES = str.maketrans("", "", "{}")
# What the columns and fields are called, in small letters, the surest first.
TITLES = ("title", "primary_title", "short_title", "article title", "document title", "paper title")
ABSTRACTS = ("abstract", "abstract note", "abstractnote", "notes_abstract", "summary")
REFS = ("eprint", "arxivid", "arxiv id", "arxiv_id", "archive id", "archiveid", "doi", "url", "urls", "link", "id")
NOTES = ("number", "accession_number", "type_of_work", "journal", "journaltitle", "howpublished", "note", "notes", "extra")


def is_bibtex(text: str) -> bool:
    return _OF_BIBTEX.search(text) is not None


def bibtex(text: str) -> list[Example]:
    """Raises ExamplesFault naming the lines where entries begin that cannot be read."""
    # Beginnings of entries that never end are read in a time that grows with the square of their number.
    if (count := len(_BEGINNING.findall(text))) > MOST_BEGINNINGS:
        raise too_many(count)
    # What stands in round brackets is passed over in silence, and what it cannot read is told by us, by line.
    refuse(number for number, line in enumerate(text.splitlines(), start=1) if _IN_ROUND_BRACKETS.match(line))
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = _library(text)
    again = [block for block in library.failed_blocks if isinstance(block, TWICE)]
    refuse((block.start_line or 0) + 1 for block in library.failed_blocks if block not in again)
    blocks = [*library.entries, *(block.ignore_error_block for block in again)]
    return [_example(_fields(block)) for block in blocks]


def _library(text: str) -> Library:
    """What a file of BibTeX holds, with the texts in the place of their names. Raises ExamplesFault where these make it long."""
    library = parse_string(text, parse_stack=())
    if _grown_by(library) > LARGEST:
        raise too_large()
    for step in default_parse_stack():
        library = step.transform(library)
    return library


def _grown_by(library: Library) -> int:
    """How many characters the names of texts (``@string``) stand for, wherever an entry says one in the place of a text."""
    lengths = {key.lower(): len(one.value) for key, one in library.strings_dict.items()}
    said = (str(one.value).lower() for entry in library.entries for one in entry.fields) if lengths else ()
    return sum(lengths.get(name, 0) for name in said)


def _fields(block: object) -> dict[str, str]:
    if not isinstance(block, Entry):
        return {}
    return {one.key.lower(): _joined(str(one.value)) for one in reversed(block.fields)}


def _joined(value: str) -> str:
    return _JOINED.sub("", value).strip('"') if value.startswith('"') and _JOINED.search(value) else value


def is_ris(text: str) -> bool:
    return any((tag := _TAG.match(line)) and tag[1].upper() == "TY" for line in text.splitlines())


def ris(text: str) -> list[Example]:
    """Raises ExamplesFault where something else stands in between, by line, or where it cannot be read."""
    lines = text.splitlines()
    refuse(number for number, line in enumerate(lines, start=1) if _OF_BIBTEX.match(line))
    try:
        entries = rispy.loads("\n".join(_closed(lines)))
    except (OSError, ValueError, KeyError, IndexError) as exc:
        raise ExamplesFault(_l("it is no RIS that can be read (%(why)s): export it again"), why=exc) from exc
    return [_example(entry) for entry in entries]


def _closed(lines: Iterable[str]) -> Iterable[str]:
    """The lines with their tags as the standard writes them, and an end before each entry: the library drops one without."""
    for line in lines:
        tag = _TAG.match(line)
        name = tag[1].upper() if tag else ""
        if name == "TY":
            yield "ER  - "
        yield f"{name}  - {tag[2] or ''}" if tag and name in TAG_KEY_MAPPING else line
    yield "ER  - "


def csl(text: str) -> list[Example]:
    """CSL-JSON, and what services that know papers answer: a list, a list within, one paper, or one a line.

    Raises ExamplesFault where it cannot be read.
    """
    entries = _listed(_json(text))
    refuse(number for number, entry in enumerate(entries, start=1) if not isinstance(entry, dict))
    return [_example({key.lower(): value for key, value in entry.items()} | _other_ids(entry)) for entry in entries]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        lines = [line for line in text.splitlines() if line.strip()]
        with suppress(ValueError, RecursionError):
            if len(lines) > 1:
                return [json.loads(line) for line in lines]
        raise ExamplesFault(_l("it is no JSON that can be read (%(why)s): export it again"), why=exc) from exc


def _listed(found: Any) -> list[Any]:
    while isinstance(found, dict) and (within := [found[name] for name in ("items", "message", "data") if name in found]):
        found = within[0]
    return found if isinstance(found, list) else [found]


def _other_ids(entry: Mapping[str, Any]) -> dict[str, Any]:
    ids = entry.get("externalIds")
    return {"arxivid": ids["ArXiv"]} if isinstance(ids, dict) and ids.get("ArXiv") else {}


def delimiter_of(text: str) -> str:
    """What stands between the columns of a table whose first line names one of titles; "" where it is no such table."""
    first = text.lstrip().partition("\n")[0]
    for one in ",;\t":
        if any(cell in TITLES for cell in _heads(first, one)):
            return one
    return ""


def _heads(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip().casefold() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def table(text: str, delimiter: str) -> list[Example]:
    """Raises ExamplesFault where it cannot be read."""
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip()), delimiter=delimiter))
    except csv.Error as exc:
        raise ExamplesFault(_l("it is no CSV that can be read (%(why)s): export it again"), why=exc) from exc
    heads = [cell.strip().casefold() for cell in rows[0]]
    return [_example(dict(zip(heads, row, strict=False))) for row in rows[1:]]


def _example(entry: Mapping[str, Any]) -> Example:
    title, abstract = (_first(entry, names) for names in (TITLES, ABSTRACTS))
    # Where it has a title a note may be about another paper.
    refs = (ref for name in (REFS if title else REFS + NOTES) for ref in refs_in(_text(entry.get(name))))
    return Example(title[:500], abstract[:LONGEST], "" if title and abstract else next(refs, ""))


def _first(entry: Mapping[str, Any], names: Iterable[str]) -> str:
    said = (_text(entry.get(name)) for name in names)
    return next((words for one in said if (words := clean(without_html(clean(one).translate(_BRACES))))), "")


def _text(value: object) -> str:
    return " ".join(str(one) for one in value) if isinstance(value, list) else str(value or "")
