"""Makes text of the bytes of a list of people, in the encodings that spreadsheets and other systems write. Pure."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence

from newsletter.errors import InputError
from newsletter.subscribers.import_export.columns import ADDRESS, names_addresses
from newsletter.text.workbooks import Sheet, is_workbook, sheets_of

# The longest first: UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WINDOWS = "cp1252"
# Of Asian spreadsheets; which of them it is, the name of the column of addresses tells.
_ASIAN = ("gb18030", "cp932", "big5", "cp949")


def decode(data: bytes) -> io.StringIO:
    """The lines of a file: see ``decoded``."""
    return decoded(data)[0]


def decoded(data: bytes) -> tuple[io.StringIO, str]:
    """The lines of a file, and what people should know of how it was read, "" for nothing.

    The encoding is told by the file's mark, else it is UTF-16 without one, UTF-8, Windows-1252. Of a workbook the lines are the
    rows of the sheet of people, as CSV: see ``_is_of_people``. Raises InputError for a workbook that cannot be read, and,
    naming the line, for what is no text.
    """
    if is_workbook(data):
        return _of_workbook(sheets_of(data))
    lines, encoding = _of_text(data)
    told = "" if encoding == "utf-8" else f"was read as {encoding.upper()}: look through names with accents"
    return lines, told


def _of_workbook(sheets: Sequence[Sheet]) -> tuple[io.StringIO, str]:
    chosen = max(sheets, key=_is_of_people)
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    for number in range(1, max(chosen.rows) + 1):
        write.writerow([cell.text for cell in chosen.rows.get(number, ())])
    out.seek(0)
    others = ", ".join(repr(one.name) for one in sheets if one is not chosen)
    return out, f"has several sheets: {chosen.name!r} is read, and not {others}" if others else ""


def _is_of_people(sheet: Sheet) -> tuple[bool, int, bool]:
    """The more, the surer: addresses under a first row that names their column, then how many different ones there are."""
    first = next(iter(sheet.rows.values()))
    named = names_addresses([cell.text for cell in first])
    addresses = {one.casefold() for row in sheet.rows.values() for cell in row for one in ADDRESS.findall(cell.text)}
    return named and bool(addresses), len(addresses), named


def _of_text(data: bytes) -> tuple[io.StringIO, str]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "") or _without_mark(data)
    try:
        return io.StringIO(data.decode(encoding), newline=""), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(
                f"line {_line(data, error.start)} of the file is no {encoding.upper()}: save it as CSV in UTF-8"
            ) from error
    if asian := next((name for name in _ASIAN if _names_addresses_in(data, name)), ""):
        return io.StringIO(data.decode(asian), newline=""), asian
    try:
        return io.StringIO(data.decode(WINDOWS), newline=""), WINDOWS
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        raise InputError(f"line {line} of the file is not UTF-8: save it as CSV in UTF-8 and try again") from error


def _names_addresses_in(data: bytes, encoding: str) -> bool:
    """Whether in this encoding the first line names the column of addresses, by a word that is not in ASCII."""
    try:
        first = data.decode(encoding).split("\n", 1)[0]
    except UnicodeDecodeError:
        return False
    named = [cell for cell in re.split(r"[,;\t|]", first) if names_addresses([cell.strip('"\r ')])]
    return any(not cell.isascii() for cell in named)


def _without_mark(data: bytes) -> str:
    """Text of Latin letters in UTF-16 has a zero in every second byte."""
    head = data[:400]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if len(half) > 3 and half.count(0) > 0.6 * len(half):
            return name
    return "utf-8"


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
