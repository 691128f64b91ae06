"""Reads a file of addresses that left: one a line, or CSV with a column ``email``, as `newsletter subscribers export` writes.

Where there is a column ``status`` too, only lines that say ``unsubscribed`` count. Pure.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from newsletter.errors import InputError
from newsletter.subscribers.addresses import normalise

LEFT = "unsubscribed"


def read_left(data: bytes, *, name: str) -> frozenset[str]:
    """The addresses (`Address.key`) of a file. Raises InputError that names the first line which is none."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: save it as text in UTF-8") from error
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    return frozenset(_key(text, name, number) for number, text in _of_those_who_left(rows))


def _of_those_who_left(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """What stands where an address is to stand, with the number of its line."""
    header = [cell.lower() for cell in rows[0]] if rows else []
    place = header.index("email") if "email" in header else None
    status = header.index("status") if place is not None and "status" in header else None
    for number, row in enumerate(rows, 1):
        stays = status is not None and list(row[status : status + 1]) != [LEFT]
        if any(row) and not stays and not (place is not None and number == 1):
            yield number, "".join(row[place or 0 : (place or 0) + 1])


def _key(text: str, name: str, number: int) -> str:
    try:
        return normalise(text).key
    except InputError as error:
        raise InputError(f"{name}, line {number}: {error}") from error
