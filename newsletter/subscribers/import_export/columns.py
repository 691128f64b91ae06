"""Knows the columns of a list of people by their names, as this service and seven others write them. Pure.

The others are listmonk, Mailchimp, Substack, Buttondown, Ghost, Mailman and Keila: docs/subscribers.md says what to export.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from newsletter.errors import InputError
from newsletter.subscribers.import_export.leaving import is_known_sign, sign_of

FIELDS = ("email", "topics", "language", "timezone", "hour", "status")
# "Email subscriber status", "Marketing status".
_STATUS = re.compile(r"(?:e ?mail|subscri\w*|member\w*|mailing|newsletter|contact|marketing)\b.*\b(?:status|state)")
_NAMES = {
    "email": (
        "email|email address|e mail address|emailaddress|e mail|e mail adresse|email adresse|emailadresse|mailadresse"
        "|adresse e mail|adresse email|adresse mail|courriel|correo electrónico|correo electronico|indirizzo email"
        "|indirizzo e mail|endereço de email|e mailadres|邮箱地址|电子邮箱|电子邮件|郵箱|電子郵件|電子信箱|電郵|邮箱"
        "|メールアドレス|メール|이메일|email 1|primary email|mail|mail address|correo|subscriber|member|recipient|address"
    ),
    "topics": "topics|topic",
    "language": "language|lang|locale|preferred language|sprache|langue|idioma|lingua|语言|語言|言語",
    "timezone": "timezone|time zone|tz|timezone name|zeitzone|时区|時區",
    "hour": "hour|delivery hour|send hour",
    "status": (
        "status|state|subscription status|subscriber status|subscriber state|subscriber type|type|member status|statut|estado"
        "|stato|状态|狀態|ステータス|状態|상태"
    ),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_RANKS = {name: rank for names in _NAMES.values() for rank, name in enumerate(names.split("|"))}
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"\s*\"?sep=(?P<sign>.)\"?\s*$", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the fields stand; ``signs`` are places with the status that they mean, by yes (True) or no.

    ``ignored`` are the names of the other columns, ``guessed`` those of signs that a word in the name tells, by place;
    ``is_list`` says that there is no header, but an address a line.
    """

    fields: Mapping[str, int]
    signs: tuple[tuple[int, str, bool], ...]
    ignored: tuple[str, ...]
    width: int
    is_list: bool = False
    guessed: Mapping[int, str] = field(default_factory=dict)

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


def column_of_addresses(cells: Sequence[str]) -> int | None:
    """Which of these cells is the name of a column of addresses, the plainest one; None where none is."""
    named = [(_RANKS[plain(cell)], place) for place, cell in enumerate(cells) if _FIELD_OF.get(plain(cell)) == "email"]
    return min(named)[1] if named else None


def names_addresses(cells: Sequence[str]) -> bool:
    """Whether one of these cells is the name of a column of addresses."""
    return column_of_addresses(cells) is not None


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
    _add_status(fields, names)
    if "email" not in fields:
        raise InputError(
            f"the first line names no column email: it has to name the columns, such as {','.join(FIELDS)};"
            " --map COLUMN=email says which one holds the addresses"
        )
    return _with_signs(fields, names, cells)


def _with_signs(fields: Mapping[str, int], names: Sequence[str], cells: Sequence[str]) -> Header:
    """The header with these fields, and with the columns that say who left."""
    signs = _signs(names, set(fields.values()))
    read = {*fields.values(), *(place for place, _, _ in signs)}
    unread = tuple(place for place in range(len(cells)) if place not in read)
    ignored = tuple(cells[place].strip() for place in unread if cells[place].strip())
    guessed = {place: cells[place].strip() for place, _, _ in signs if not is_known_sign(names[place])}
    return Header(fields, signs, ignored, len(cells), guessed=guessed)


def _add_known(fields: dict[str, int], names: Sequence[str], cells: Sequence[str]) -> None:
    """Adds the columns that are known by name, the plainest first. Raises InputError for one that is there twice."""
    given = set(fields)
    for place, name in sorted(enumerate(names), key=lambda one: _RANKS.get(one[1], 0)):
        known = _FIELD_OF.get(name)
        if known is None or known in given or place in fields.values():
            continue
        if names[fields.setdefault(known, place)] == name and fields[known] != place:
            raise InputError(f"the first line names the column {cells[place][:40]!r} twice: take one out")


def _add_status(fields: dict[str, int], names: Sequence[str]) -> None:
    """Adds a column whose name says that it is a status, where none is known as one."""
    spoken = (place for place, name in enumerate(names) if _STATUS.fullmatch(name) and place not in fields.values())
    if "status" not in fields and (place := next(spoken, None)) is not None:
        fields["status"] = place


def _mapped(names: Sequence[str], cells: Sequence[str], mapped: Mapping[str, str]) -> dict[str, int]:
    """The places of the columns that somebody gave. Raises InputError for one that is not there."""
    for name in mapped:
        if plain(name) not in names:
            raise InputError(f"the first line names no column {name!r}, which --map speaks of: it names {', '.join(cells)}"[:400])
    return {field: names.index(plain(name)) for name, field in mapped.items()}


def _signs(names: Sequence[str], taken: Set[int]) -> tuple[tuple[int, str, bool], ...]:
    """The columns that say of their own that somebody left, those first that say so by yes."""
    found = [(place, *sign) for place, name in enumerate(names) if place not in taken and (sign := sign_of(name))]
    return tuple(sorted(found, key=lambda one: not one[2]))
