"""What the fields of a JSON record say of a paper, told by their names, and where in the file the texts stand. Pure.

A text in another language than English is a translation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from newsletter.archive.formats.cells import categories_in, names_in, ref_in
from newsletter.archive.formats.columns import role_of_label
from newsletter.archive.formats.dates import date_in
from newsletter.archive.formats.document import Item, Piece, Role
from newsletter.archive.formats.items import TRANSLATED
from newsletter.errors import InputError
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.language_detection import language_told
from newsletter.text.paper_links import LONGEST_URL
from newsletter.values.papers import LinkKind

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_REFS = (
    "id", "arxiv id", "arxiv", "paper id", "entry id", "arxivid", "url", "link", "pdf", "pdf url", "abs", "abs url", "paper url",
    "doi",
)  # fmt: skip
_ROLES = {
    "tldr": Role.TLDR, "tl dr": Role.TLDR, "summary": Role.ABSTRACT, "publish date": Role.DATE, "publishdate": Role.DATE,
    "published": Role.DATE, "published date": Role.DATE, "publication date": Role.DATE, "submitted date": Role.DATE,
    "date": Role.DATE, "submitted": Role.DATE, "code": Role.CODE, "code url": Role.CODE, "github": Role.CODE, "repo": Role.CODE,
    "project": Role.PROJECT, "project page": Role.PROJECT, "homepage": Role.PROJECT, "primary category": Role.CATEGORY,
    "abstract zh": Role.ABSTRACT, "summary zh": Role.ABSTRACT, "tldr zh": Role.TLDR, "translation": Role.ABSTRACT,
}  # fmt: skip
_TEXTS = (Role.TITLE, Role.OTHER_TITLE, Role.ABSTRACT, Role.TLDR)
_LINKS = {Role.CODE: LinkKind.CODE, Role.PROJECT: LinkKind.PROJECT}


def skip_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def decode(text: str, place: int) -> tuple[Any, int]:
    with json_faults("papers"):
        return _DECODER.raw_decode(text, place)


@contextmanager
def json_faults(what: str) -> Iterator[None]:
    """Tells of JSON that cannot be read by the place in it: raises InputError. ``what`` it should have held."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno}, column {error.colno}: this is no whole JSON ({error.msg}):"
            " nothing is imported; give the whole file"
        ) from error
    except RecursionError as error:
        raise InputError(f"line 1: this JSON is nested too deep for {what}") from error


def members(text: str, place: int) -> Iterator[tuple[str, int]]:
    """The keys of an object, or "" for each value of an array, with the places of the values."""
    is_object = text[place] == "{"
    place = skip_space(text, place + 1)
    while text[place] not in "}]":
        key = ""
        if is_object:
            key, place = decode(text, place)
            place = skip_space(text, skip_space(text, place) + 1)
        yield key, place
        _, place = decode(text, place)
        place = skip_space(text, place)
        if text[place] == ",":
            place = skip_space(text, place + 1)


@dataclass
class Found:
    """What the fields of a record say."""

    key: str
    refs: list[str] = field(default_factory=list)
    said: dict[Role, Any] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[tuple[int, int, Piece]] = field(default_factory=list)

    @property
    def date_text(self) -> str:
        return str(self.said.get(Role.DATE, ""))

    def item(self) -> Item:
        named = next(filter(None, map(ref_in, [self.key, *self.refs])), None)
        ref = named.ref if named else ""
        others = filter(None, map(ref_in, [self.key, *self.refs]))
        version = next((one.version for one in others if one.ref == ref and one.version), None)
        return Item(
            ref=ref,
            version=version,
            date=date_in(self.date_text, ref=ref),
            title=self.said.get(Role.TITLE, ""),
            authors=_names(self.said.get(Role.AUTHORS, ())),
            abstract=self.said.get(Role.ABSTRACT, ""),
            comment=str(self.said.get(Role.COMMENT, "")),
            categories=categories_in(" ".join(_strings(self.said.get(Role.CATEGORY, ())))),
            texts=tuple((name, language, text) for (name, language), text in self.texts.items()),
            links=tuple(dict.fromkeys(self.links)),
        )


def read_fields(text: str, place: int, found: Found) -> None:
    for name, at in members(text, place):
        value, end = decode(text, at)
        plain = plain_name(name)
        if isinstance(value, dict):
            read_fields(text, at, found)
            continue
        if plain in _REFS and isinstance(value, str):
            found.refs.insert(0, value) if "id" in plain.split() else found.refs.append(value)
        role = _ROLES.get(plain, role_of_label(plain))
        if role in _TEXTS and isinstance(value, str) and value.strip():
            _text(found, role, storable(value), (at, end, text[at:end]))
        elif role in _LINKS:
            found.links += [
                (_LINKS[role].value, url)
                for url in _strings(value)
                if re.match(r"https?://\S+$", url) and len(url) <= LONGEST_URL
            ]
        elif role in (Role.DATE, Role.AUTHORS, Role.CATEGORY, Role.COMMENT) and value:
            found.said.setdefault(role, value)


def _text(found: Found, role: Role, value: str, where: tuple[int, int, str]) -> None:
    begin, end, raw = where
    language = language_told(value) or SOURCE_LANGUAGE
    if language != SOURCE_LANGUAGE:
        role = Role.OTHER_TITLE if role is Role.TITLE else role
        found.texts.setdefault((TRANSLATED[role].value, language), value)
        found.pieces.append((begin, end, Piece(role, raw, language)))
    elif role in (Role.TITLE, Role.ABSTRACT) and role not in found.said:
        found.said[role] = " ".join(value.split()) if role is Role.TITLE else value
        found.pieces.append((begin, end, Piece(role, raw, SOURCE_LANGUAGE if role is Role.ABSTRACT else "")))


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return names_in(value)
    return tuple(name for one in value if (name := str(one.get("name", "") if isinstance(one, dict) else one).strip()))


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def plain_name(name: str) -> str:
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]+", " ", name).lower().split())


def storable(text: str) -> str:
    """``text`` without what JSON can spell and no database can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
