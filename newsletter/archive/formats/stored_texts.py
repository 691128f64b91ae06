"""The text that the database has for each piece of a list, and how it is written in the form of that list. Pure.

A fingerprint of the stored text is kept with each piece when the list is imported. While the stored text has the same
fingerprint, the piece is published as it was imported; once the paper has changed, it is written from the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.archive.formats.dates import written_like
from newsletter.archive.formats.document import Piece, Role
from newsletter.archive.formats.items import TRANSLATED
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.characters import printable
from newsletter.text.contribution import contribution
from newsletter.values.papers import LinkKind, Paper
from newsletter.values.translations import Field

Texts = Mapping[tuple[str, Field], str]
_LINKS = {Role.CODE: LinkKind.CODE, Role.PROJECT: LinkKind.PROJECT}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_URL = re.compile(r"https?://[^\s<>()\[\]|\"']+")


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A stored paper with its translations by (language, field), and what translated its abstract by language."""

    paper: Paper
    texts: Texts = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)


def stored_text(piece: Piece, known: KnownPaper) -> str:
    """The text of the database that belongs in the place of ``piece``; "" where it has none."""
    if piece.role is Role.GLUE:
        return ""
    paper = known.paper
    if piece.role in TRANSLATED and piece.language != SOURCE_LANGUAGE:
        return known.texts.get((piece.language, TRANSLATED[piece.role]), "")
    if piece.role in _LINKS:
        return " ".join(_links(piece.role, paper))
    return {
        Role.DATE: paper.submitted.date().isoformat(),
        Role.TITLE: paper.title,
        Role.AUTHORS: ", ".join(paper.authors),
        Role.ABSTRACT: paper.abstract,
        Role.CATEGORY: ", ".join(paper.categories),
        Role.COMMENT: paper.comment,
    }.get(piece.role, "")


def _links(role: Role, paper: Paper) -> list[str]:
    return sorted(link.url for link in paper.links if link.kind is _LINKS[role])


def fingerprint(text: str) -> str:
    """A short hash of ``text``, for telling whether it is still the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def written(piece: Piece, known: KnownPaper, *, in_table: bool) -> str:
    """``piece`` with what the database says, in the form that it had; a text that is not translated stands in the original."""
    paper = known.paper
    if piece.role is Role.DATE:
        return written_like(piece.raw, paper.submitted.date())
    if piece.role in _LINKS:
        return _linked(piece, paper)
    text = _harmless(" ".join(printable(plain_text(piece, known)).split()))
    return text.replace("|", "\\|") if in_table else text


def plain_text(piece: Piece, known: KnownPaper) -> str:
    """What the database says in the place of ``piece``, without a form; the original where nothing is translated."""
    return _single(piece, known.paper) or stored_text(piece, known) or _original(piece, known.paper)


def _single(piece: Piece, paper: Paper) -> str:
    """The first author or category where the list gave only one, "" elsewhere."""
    if piece.role is Role.AUTHORS and not re.search(r"[,;，、]| and ", piece.raw):
        return next(iter(paper.authors), "")
    if piece.role is Role.CATEGORY and not re.search(r"[, ]", piece.raw):
        return paper.primary_category
    return ""


def _harmless(text: str) -> str:
    """``text`` without a tag or a link of its own; it reads the same on the page."""
    return _TAG.sub("&lt;", text).replace("](", "]\\(")


def _original(piece: Piece, paper: Paper) -> str:
    if piece.role is Role.TLDR:
        return contribution(paper.title, paper.abstract)
    return {Role.OTHER_TITLE: paper.title, Role.ABSTRACT: paper.abstract}.get(piece.role, "")


def _linked(piece: Piece, paper: Paper) -> str:
    """The links of the cell: in the form of the first one that stood there, ``null`` where there is none any more."""
    urls = [re.sub(r"[^!#-'*-;=?-Z_a-z~]", _percent, url) for url in _links(piece.role, paper)]
    if not urls:
        return "null" if piece.role is Role.CODE else ""
    if len(_URL.findall(piece.raw)) == 1 and len(urls) == 1:
        return _URL.sub(lambda _: urls[0], piece.raw)
    words = "link" if piece.role is Role.CODE else "project"
    return ", ".join(f"**[{words}]({url})**" for url in urls)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())
