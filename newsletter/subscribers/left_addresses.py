"""Reads a list of addresses that get no mail: one a line, or CSV with a column of them, as any system writes it. Pure.

Where there is a column ``status`` too, lines of people who still read there, or may yet, do not count; a status that nobody knows
is a fault of its line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from email.utils import parseaddr
from itertools import chain

from newsletter.errors import InputError
from newsletter.subscribers.addresses import Address, normalise
from newsletter.subscribers.faults import FieldError
from newsletter.subscribers.import_export.cells import status_in
from newsletter.subscribers.import_export.columns import column_of_addresses, delimiter_of

STAYING = ("confirmed", "pending", "paused")

Line = tuple[int, list[str]]


def rows(lines: Iterable[str]) -> list[Line]:
    """The lines of a CSV file in which something stands, with their numbers. Raises InputError for what is no CSV."""
    source = iter(lines)
    first = next(source, "")
    reader = csv.reader(chain([first], source), delimiter=delimiter_of(first)[0])
    try:
        return [(number, cells) for number, cells in enumerate(reader, 1) if "".join(cells).strip()]
    except csv.Error as error:
        raise InputError(f"line {reader.line_num} is no line of CSV ({error}): give an address a line") from error


def addresses_in(found: list[Line]) -> Iterator[tuple[int, Address | InputError]]:
    """What stands where an address is to stand, with the number of its line: the address, or what is wrong with it."""
    heads = [cell.strip().lower() for cell in found[0][1]] if found else []
    column = column_of_addresses(heads)
    status = heads.index("status") if column is not None and "status" in heads else None
    for number, cells in found if column is None else found[1:]:
        try:
            left = status is None or status_in("".join(cells[status : status + 1])) not in STAYING
        except InputError as error:
            yield number, error
            continue
        if left:
            yield number, _read("".join(cells[column or 0 :][:1]))


def address_in(text: str) -> Address:
    """The address in a cell, with or without a name. Raises InputError where there is none."""
    try:
        return normalise(parseaddr(text)[1] if "<" in text else text, international=True)
    except FieldError as error:
        raise InputError(str(error.fault)) from error


def _read(text: str) -> Address | InputError:
    try:
        return address_in(text)
    except InputError as error:
        return error


def read_left(lines: Iterable[str], *, name: str) -> frozenset[str]:
    """The addresses (`Address.key`) of the file ``name``. Raises InputError that names the first line which is none."""
    keys = set()
    for number, found in addresses_in(rows(lines)):
        if isinstance(found, InputError):
            raise InputError(f"{name}, line {number}: {found}")
        keys.add(found.key)
    return frozenset(keys)
