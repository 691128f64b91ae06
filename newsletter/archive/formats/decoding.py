"""Decodes the bytes of a published list, or says in one line why they cannot be decoded. Pure."""

from __future__ import annotations

from newsletter.errors import InputError

# The stores of the largest daily lists have some 2 MB, and a page of 20 MB is shown by no code host.
MOST_BYTES = 20_000_000
_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, *, name: str) -> str:
    """``data`` as text with line feeds alone, without a byte order mark.

    Raises InputError, naming the line, where it is empty, larger than 20 MB, no text, or no UTF-8.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{name} has {len(data) / 1e6:.0f} MB, and a published list {MOST_BYTES / 1e6:.0f} at most: split it")
    if data.startswith(_MARKS):
        raise InputError(f"{name}, line 1: this is UTF-16: save it as UTF-8")
    if (place := data.find(b"\0")) >= 0:
        raise InputError(
            f"{name}, line {_line(data, place)}: this is no text (it holds a zero byte): give a Markdown or JSON file"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}, line {_line(data, error.start)}: this is no UTF-8 (byte {error.object[error.start]:#04x}): save it as UTF-8"
        ) from error
    if not text.strip():
        raise InputError(f"{name} is empty: give a published list")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
