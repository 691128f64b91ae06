"""Reads a file of addresses that left: one a line, or CSV with a column ``email``, as `newsletter subscribers export` writes.

Where there is a column ``status`` too, only lines that say ``unsubscribed`` count. Pure.
"""

from __future__ import annotations

import csv

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
    header = [cell.lower() for cell in rows[0]] if rows else []
    place, status, first = 0, None, 0
    if "email" in header:
        place, status, first = header.index("email"), header.index("status") if "status" in header else None, 1
    found = set()
    for number, row in enumerate(rows[first:], first + 1):
        if not any(row) or (status is not None and (len(row) <= status or row[status].lower() != LEFT)):
            continue
        try:
            found.add(normalise(row[place] if len(row) > place else "").key)
        except InputError as error:
            raise InputError(f"{name}, line {number}: {error}") from error
    return frozenset(found)
