"""Reads workbooks (.xlsx) into rows of text, within limits. Pure: bytes in, values out; formulas are not reckoned.

Nothing but the cells' texts and links is read: no pictures, no macros. What is too large, or made to become large, is refused
before it is unpacked.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from newsletter.errors import InputError

WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
# A sheet of 100,000 people unpacks to 40 MB.
MOST_UNPACKED, MOST_PARTS = 200_000_000, 2000
MOST_ROWS, MOST_COLUMNS = 200_000, 100
# Of all sheets together, rows and empty cells with a format counted too: each costs a few microseconds.
MOST_CELLS, MOST_SHEETS = 4_000_000, 500
# Excel's own limits, https://support.microsoft.com/office/excel-specifications-and-limits: what has more was made to be slow.
EXCELS_ROWS, EXCELS_COLUMNS = 1_048_576, 16_384
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FAILED = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")
_LINK = re.compile(r'\s*=?\s*HYPERLINK\(\s*"(?P<url>[^"]*)"', re.IGNORECASE)
_SHEET = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, "" for an empty one, and where it leads, "" for nowhere."""

    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with something in it: its rows by their numbers from 1, empty ones left out, without empty cells at the end."""

    name: str
    rows: Mapping[int, tuple[Cell, ...]] = field(default_factory=dict)


def is_workbook(data: bytes) -> bool:
    """Whether ``data`` begins as a workbook does, of Excel or of another program, new or old."""
    return data.startswith((WORKBOOK, OLD_WORKBOOK))


def sheets_of(data: bytes) -> list[Sheet]:
    """The visible sheets that hold something, in order.

    Raises InputError for what is no .xlsx, is damaged, has a password, holds nothing, or is larger than the limits here.
    """
    from openpyxl import load_workbook

    _check(data)
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        found = list(_visible(workbook))
    except InputError:
        raise
    except Exception as error:
        # Damaged files end in errors of many kinds there: of XML, of keys, of numbers.
        raise InputError(f"this workbook cannot be read ({type(error).__name__}): save it anew, or as CSV in UTF-8") from error
    if not found:
        raise InputError("no sheet of this workbook holds anything")
    return found


def _visible(workbook: Any) -> Iterator[Sheet]:
    left = MOST_CELLS
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        scan = _scanned(sheet)
        left -= scan.last
        if left < 0:
            raise _too_many_cells()
        if rows := dict(_rows(sheet, scan)):
            yield Sheet(sheet.title, rows)


def _check(data: bytes) -> None:
    """Raises InputError for what is no .xlsx, or would not stay small."""
    if data.startswith(OLD_WORKBOOK):
        raise InputError(
            "this is an old workbook (.xls), or one with a password: save it as .xlsx without one, or as CSV in UTF-8"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise InputError(f"this workbook is damaged ({error}): save it anew, or as CSV in UTF-8") from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if "xl/workbook.xml" not in (part.filename for part in parts):
        raise InputError("this is no workbook of Excel (.xlsx): save it as .xlsx, or as CSV in UTF-8")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise InputError(f"this workbook has more than {MOST_UNPACKED // 1_000_000} MB unpacked: split it, or save it as CSV")
    if len(_SHEET.findall(archive.read("xl/workbook.xml"))) > MOST_SHEETS:
        raise InputError(f"this workbook has more than {MOST_SHEETS} sheets: split it")
    cells = 0
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                cells += _cells_in(file)
        if cells > MOST_CELLS:
            raise _too_many_cells()


def _too_many_cells() -> InputError:
    return InputError(
        f"this workbook has more than {MOST_CELLS:,} cells, empty ones with a format among them:"
        " clear the formats below and beside what is filled in, or save it as CSV"
    )


def _cells_in(file: Any) -> int:
    """How many cells and rows a part has, without parsing it.

    Raises InputError for XML that defines entities, which grow when they are read; workbooks have none.
    """
    before, found = b"", 0
    while piece := file.read(1 << 20):
        if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
            raise InputError("this workbook defines entities, which no spreadsheet writes: save it anew, or as CSV in UTF-8")
        found += len(_CELL.findall(piece))
        before = piece[-10:]
    return found


def _rows(sheet: Any, scan: _Scan) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    from openpyxl.utils import get_column_letter

    if not scan.last:
        return  # no rows are asked for as all rows there
    linked = {int(digits) for place in scan.links if (digits := place.lstrip(_LETTERS)).isdecimal()}
    letters = [get_column_letter(place) for place in range(1, MOST_COLUMNS + 1)]
    # A sheet may claim to be of any size: only the rows that are there are read.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=scan.last, max_col=MOST_COLUMNS, values_only=True)
    for number, row in zip(range(1, scan.last + 1), rows, strict=False):
        if row.count(None) == len(row) and number not in linked:
            continue
        if cells := _cells(row, [scan.links.get(f"{letter}{number}", "") for letter in letters[: len(row)]]):
            yield number, cells


def _cells(values: Sequence[object], urls: Sequence[str]) -> tuple[Cell, ...]:
    cells = [Cell(text_of(value) or url, url) for value, url in zip(values, urls, strict=True)]
    while cells and not cells[-1].text:
        cells.pop()
    return tuple(cells)


def text_of(value: object) -> str:
    """What a cell shows, in one line: dates as YYYY-MM-DD, whole numbers without a point, what failed as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat().replace("T", " ").removesuffix(" 00:00:00")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = " ".join(str(value).split())
    return "" if text in _FAILED else text


@dataclass(frozen=True, slots=True)
class _Scan:
    """What reading row by row leaves out of a sheet: where cells lead, by place, and its last row that holds something."""

    links: dict[str, str]
    last: int


def _scanned(sheet: Any) -> _Scan:
    """Raises InputError for a sheet with more rows than are read."""
    path = sheet._worksheet_path
    folder, _, file = path.rpartition("/")
    archive = sheet.parent._archive
    targets: dict[str, str] = {}
    if (relations := f"{folder}/_rels/{file}.rels") in archive.NameToInfo:
        targets = {one.get("Id", ""): one.get("Target", "") for one in _parsed(archive.read(relations))}
    links: dict[str, str] = {}
    last = 0
    with archive.open(path) as xml:
        for element in _elements(xml, sheet.title):
            if element.tag == f"{_MAIN}row":
                last = max(last, _last_of(element, sheet.title))
                links |= dict(_said_by_formulas(element))
            elif url := targets.get(element.get(f"{_RELATION}id", ""), ""):
                links[element.get("ref", "").partition(":")[0]] = url
    return _Scan(links, last)


def _parsed(xml: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - what defines entities was refused


def _elements(xml: Any, name: str) -> Iterator[ElementTree.Element]:
    """The rows and links of a sheet, none of which is kept. Raises InputError for more than a spreadsheet can hold."""
    rows = cells = 0
    held: ElementTree.Element | None = None
    for event, element in ElementTree.iterparse(xml, events=("start", "end")):  # noqa: S314 - likewise
        if event == "start":
            held = element if element.tag == f"{_MAIN}sheetData" else held
            rows, cells = (rows + 1, 0) if element.tag == f"{_MAIN}row" else (rows, cells + (element.tag == f"{_MAIN}c"))
            if rows > EXCELS_ROWS or cells > EXCELS_COLUMNS:
                raise InputError(f"the sheet {name!r} has more rows or columns than a spreadsheet can hold: save it anew")
        elif element.tag in (f"{_MAIN}row", f"{_MAIN}hyperlink"):
            yield element
            if held is not None:
                held.clear()


def _last_of(row: ElementTree.Element, name: str) -> int:
    """The number of a row that holds something, 0 for another one. Raises InputError for one below those that are read."""
    if not any(len(cell) for cell in row):
        return 0
    number = int(row.get("r", MOST_ROWS))
    if number > MOST_ROWS:
        raise InputError(f"the sheet {name!r} has something below its row {MOST_ROWS:,}: split it")
    return number


def _said_by_formulas(row: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for cell in row:
        if said := _LINK.match(cell.findtext(f"{_MAIN}f", "")):
            yield cell.get("r", ""), said["url"]
