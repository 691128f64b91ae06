"""Makes text of the bytes of a list of people, in the encodings that spreadsheets and other systems write. Pure."""

from __future__ import annotations

import codecs
import io

from newsletter.errors import InputError

# The longest first: UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WINDOWS = "cp1252"


def decode(data: bytes) -> io.StringIO:
    """The lines of a file: see ``decoded``."""
    return decoded(data)[0]


def decoded(data: bytes) -> tuple[io.StringIO, str]:
    """The lines of a file and its encoding: by its mark, else UTF-16 without one, UTF-8, Windows-1252.

    Raises InputError for a workbook, and, naming the line, for what is none of these.
    """
    if data.startswith(b"PK\x03\x04"):
        raise InputError("this is a workbook and no CSV: save the sheet as “CSV UTF-8” in the spreadsheet, and import that")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "") or _without_mark(data)
    try:
        return io.StringIO(data.decode(encoding), newline=""), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(
                f"line {_line(data, error.start)} of the file is no {encoding.upper()}: save it as CSV in UTF-8"
            ) from error
    try:
        return io.StringIO(data.decode(WINDOWS), newline=""), WINDOWS
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        raise InputError(f"line {line} of the file is not UTF-8: save it as CSV in UTF-8 and try again") from error


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
