"""Knows the columns of a list of people by their names, as this service and seven others write them. Pure.

The others are listmonk, Mailchimp, Substack, Buttondown, Ghost, Mailman and Keila: docs/subscribers.md says what to export.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from newsletter.errors import InputError

FIELDS = ("email", "topics", "language", "timezone", "hour", "status")
# What says that somebody left: a column that holds a time once it happened, or yes and no. The words are names of statuses.
SIGNS = {
    "unsub time": "unsubscribed", "unsubscribed at": "unsubscribed", "unsubscription date": "unsubscribed",
    "unsubscribe date": "unsubscribed", "unsubscribed": "unsubscribed", "deleted at": "unsubscribed",
    "email disabled": "unsubscribed", "clean time": "bounced", "bounced at": "bounced", "complained at": "complained",
    "blacklisted": "blocklisted", "blocklisted": "blocklisted", "email blacklisted": "blocklisted",
    "email blocklisted": "blocklisted",
}  # fmt: skip
# Columns that say no where somebody left.
WANTED = {"subscribed to emails": "unsubscribed", "confirmed": "pending", "subscribed": "unsubscribed"}
_NAMES = {
    "email": (
        "email|e mail|email address|e mail address|mail|mail address|emailaddress|address|subscriber|member|recipient|邮箱"
        "|電子郵件|メール"
    ),
    "topics": "topics|topic",
    "language": "language|lang|locale|preferred language|sprache|语言|語言",
    "timezone": "timezone|time zone|tz|timezone name|zeitzone|时区|時區",
    "hour": "hour|delivery hour|send hour",
    "status": "status|state|subscription status|subscriber status|subscriber type|type|member status",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"\s*\"?sep=(?P<sign>.)\"?\s*$", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the fields stand; ``signs`` are places with the status that they mean, by yes (True) or no.

    ``ignored`` are the names of the other columns, ``is_list`` says that there is no header, but an address a line.
    """

    fields: Mapping[str, int]
    signs: tuple[tuple[int, str, bool], ...]
    ignored: tuple[str, ...]
    width: int
    is_list: bool = False

    @property
    def addresses_alone(self) -> bool:
        """Whether nothing is chosen in this file, so that somebody who left is known by the address only."""
        return not {"topics", "language", "timezone", "hour"} <= self.fields.keys()


def delimiter_of(first: str) -> tuple[str, bool]:
    """The sign between the cells of a file with this first line, and whether the line says nothing else (``sep=;``)."""
    if said := _SEP.match(first):
        return said["sign"], True
    cells = {sign: next(csv.reader([first], delimiter=sign, skipinitialspace=True), []) for sign in _DELIMITERS}
    known = {sign: sum(plain(cell) in _FIELD_OF for cell in found) for sign, found in cells.items()}
    return max(
        _DELIMITERS, key=lambda sign: (known[sign], len(cells[sign]) if known[sign] else 0, -_DELIMITERS.index(sign))
    ), False


def plain(name: str) -> str:
    """The name of a column in small letters, without signs."""
    return " ".join(re.sub(r"[\W_]+", " ", name.strip().lstrip("\ufeff").casefold()).split())


def names_addresses(cells: Sequence[str]) -> bool:
    """Whether one of these cells is the name of a column of addresses."""
    return "email" in (_FIELD_OF.get(plain(cell)) for cell in cells)


def header_of(cells: Sequence[str] | None, mapped: Mapping[str, str]) -> Header:
    """The header that the first line is; ``mapped`` are fields by the names of columns, as somebody gave them.

    Raises InputError where no column holds addresses, a mapped one is not there, or a field would have two.
    """
    if cells is None:
        raise InputError(f"the file is empty: its first line has to name the columns, such as {','.join(FIELDS)}")
    names = [plain(cell) for cell in cells]
    if not mapped and not names_addresses(cells) and any(ADDRESS.search(cell) for cell in cells):
        return Header({"email": 0}, (), (), 1, is_list=True)
    fields = _mapped(names, cells, mapped)
    _add_known(fields, names, cells)
    if "email" not in fields:
        raise InputError(
            f"the first line names no column email: it has to name the columns, such as {','.join(FIELDS)};"
            " --map COLUMN=email says which one holds the addresses"
        )
    signs = _signs(names, set(fields.values()))
    read = {*fields.values(), *(place for place, _, _ in signs)}
    ignored = tuple(cell.strip() for place, cell in enumerate(cells) if place not in read and cell.strip())
    return Header(fields, signs, ignored, len(cells))


def _add_known(fields: dict[str, int], names: Sequence[str], cells: Sequence[str]) -> None:
    """Adds the columns that are known by name, ours first. Raises InputError for one that is there twice."""
    given = set(fields)
    for place, name in sorted(enumerate(names), key=lambda one: one[1] not in FIELDS):
        known = _FIELD_OF.get(name)
        if known is None or known in given or place in fields.values():
            continue
        if names[fields.setdefault(known, place)] == name and fields[known] != place:
            raise InputError(f"the first line names the column {cells[place][:40]!r} twice: take one out")


def _mapped(names: Sequence[str], cells: Sequence[str], mapped: Mapping[str, str]) -> dict[str, int]:
    """The places of the columns that somebody gave. Raises InputError for one that is not there."""
    for name in mapped:
        if plain(name) not in names:
            raise InputError(f"the first line names no column {name!r}, which --map speaks of: it names {', '.join(cells)}"[:400])
    return {field: names.index(plain(name)) for name, field in mapped.items()}


def _signs(names: Sequence[str], taken: Set[int]) -> tuple[tuple[int, str, bool], ...]:
    """The columns that say of their own that somebody left, by yes or by no."""
    free = [(place, name) for place, name in enumerate(names) if place not in taken]
    by_yes = [(place, SIGNS[name], True) for place, name in free if name in SIGNS]
    by_no = [(place, WANTED[name], False) for place, name in free if name in WANTED]
    return (*by_yes, *by_no)
