"""Makes one item (title, date, links …) out of the pieces of a row or note, and finds the language of each text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from newsletter.archive.formats.cells import categories_in, links_of, names_in, ref_in, words_of
from newsletter.archive.formats.dates import date_in
from newsletter.archive.formats.document import Item, Piece, Role
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.language_detection import language_told
from newsletter.text.paper_links import LONGEST_URL
from newsletter.values.papers import LinkKind
from newsletter.values.translations import Field

TRANSLATED = {Role.OTHER_TITLE: Field.TITLE, Role.ABSTRACT: Field.ABSTRACT, Role.TLDR: Field.TLDR}
_KINDS = (
    (LinkKind.PROJECT, re.compile(r"project|page|site|demo|home|项目|項目|主页|主頁|プロジェクト", re.IGNORECASE)),
    (LinkKind.DATASET, re.compile(r"data|数据|資料|データ", re.IGNORECASE)),
    (LinkKind.CODE, re.compile(r"code|git|repo|代码|代碼|源码|源碼|程式|コード", re.IGNORECASE)),
)
# Columns that are not asked which paper the row is about: an abstract may name other papers.
_NAMES_OTHERS = (Role.ABSTRACT, Role.TLDR, Role.AUTHORS, Role.DATE)
_SAID_ONCE = ("ref", "version", "date", "title", "abstract", "comment", "categories", "announce_type")
# Of bold letters around a part of a title, or of which the title takes one mark only.
_BOLD_MARKS = re.compile(r"\*\*|(?<!\w)__|__(?!\w)")
_PAPERS = re.compile(r"https?://(?:[\w-]+\.)*(?:arxiv\.org|doi\.org|openreview\.net|thecvf\.com)/", re.IGNORECASE)


def with_languages(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces with the languages of their texts; a title in another language than English is a translated one."""
    return tuple(_with_language(piece) for piece in pieces)


def _with_language(piece: Piece) -> Piece:
    if piece.role is Role.TITLE:
        language = language_told(piece.raw)
        foreign = language not in ("", SOURCE_LANGUAGE)
        return Piece(Role.OTHER_TITLE, piece.raw, language) if foreign else piece
    if piece.role in TRANSLATED:
        language = language_told(piece.raw) or SOURCE_LANGUAGE
        # English under a heading of translations is none; a sentence of somebody's in English has no field here.
        own = language == SOURCE_LANGUAGE and piece.role is not Role.ABSTRACT
        return Piece(Role.EXTRA, piece.raw) if own else replace(piece, language=language)
    return piece


def item_of(pieces: Sequence[Piece], *, cells: Sequence[tuple[Role, str]] = ()) -> Item:
    """What the pieces say together; ``cells`` are the whole cells by role, from which links and ids are read."""
    found = _reference(pieces, cells)
    first: dict[Role, str] = {}
    for piece in pieces:
        if piece.role is Role.ABSTRACT and piece.language != SOURCE_LANGUAGE:
            continue
        first.setdefault(piece.role, words_of(piece.raw))
        if piece.role is Role.ABSTRACT:  # of two originals the whole one
            first[piece.role] = max(first[piece.role], words_of(piece.raw), key=len)
        if piece.role is Role.ANNOUNCED and piece.raw.isascii():  # the feed's own word, where an engine translated it too
            first[piece.role] = piece.raw
    return Item(
        ref=found[0],
        version=found[1],
        date=date_in(first.get(Role.DATE, ""), ref=found[0]),
        title=_BOLD_MARKS.sub("", first.get(Role.TITLE, "")),
        authors=names_in(first.get(Role.AUTHORS, "")),
        abstract=first.get(Role.ABSTRACT, ""),
        comment=first.get(Role.COMMENT, ""),
        categories=categories_in(first.get(Role.CATEGORY, "")),
        announce_type=first.get(Role.ANNOUNCED, ""),
        texts=_texts(pieces),
        links=tuple(_links(cells)),
    )


def _reference(pieces: Sequence[Piece], cells: Sequence[tuple[Role, str]]) -> tuple[str, int | None]:
    """The paper by id: that of the column for it before those of others, and the version wherever it stands."""
    ordered = sorted(cells, key=lambda cell: cell[0] is not Role.REF)
    texts = [text for role, text in ordered if role not in _NAMES_OTHERS]
    texts += [piece.raw for piece in pieces if piece.role is Role.REF][:1]
    found = next(filter(None, map(ref_in, texts)), None)
    if found is None:
        return "", None
    version = next((int(piece.raw[1:]) for piece in pieces if piece.role is Role.VERSION), None)
    return found.ref, found.version or version


def _texts(pieces: Sequence[Piece]) -> tuple[tuple[str, str, str], ...]:
    """The translations, the first of each field and language."""
    texts: dict[tuple[str, str], str] = {}
    for piece in pieces:
        field = TRANSLATED.get(piece.role)
        if field is not None and piece.language not in ("", SOURCE_LANGUAGE):
            texts.setdefault((field.value, piece.language), _BOLD_MARKS.sub("", words_of(piece.raw)))
    return tuple((field, language, text) for (field, language), text in texts.items() if text)


def _links(cells: Sequence[tuple[Role, str]]) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for role, text in cells:
        if role not in (Role.CODE, Role.PROJECT, Role.REF, Role.COMMENT):
            continue
        for words, url in links_of(text):
            kind = _kind(role, words)
            if kind is not None and not _PAPERS.match(url) and len(url) <= LONGEST_URL and url not in seen:
                seen.add(url)
                yield kind.value, url


def _kind(role: Role, words: str) -> LinkKind | None:
    """What a link leads to: its words say it, else its column; a link among papers' own links without such words is none."""
    told = next((kind for kind, pattern in _KINDS if pattern.search(words)), None)
    if told is not None:
        return told
    return {Role.CODE: LinkKind.CODE, Role.PROJECT: LinkKind.PROJECT}.get(role)


def merged(one: Item, other: Item) -> Item:
    """Two items about the same paper as one: values of ``one`` first, those of ``other`` where it has none."""
    texts = {(field, language): text for field, language, text in (*other.texts, *one.texts)}
    return replace(
        one,
        **{name: getattr(one, name) or getattr(other, name) for name in _SAID_ONCE},
        authors=max(one.authors, other.authors, key=len),
        texts=tuple((field, language, text) for (field, language), text in texts.items()),
        links=tuple(dict.fromkeys((*one.links, *other.links))),
    )
