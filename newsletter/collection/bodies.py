"""The body of an entry, a section or a text as pieces, each a stretch of the Markdown as written. Pure; it loses no letter.

``"".join(piece.text + piece.tail for piece in pieces_of(body))`` is the body again, but for blank lines before its first line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from newsletter.collection.blocks import Block, BlockKind, Page, page_of
from newsletter.collection.headings import parse_section
from newsletter.collection.inline import Link, as_address, as_label, link_at, plain_label
from newsletter.collection.labels import is_abstract, is_notes, kind_of_link
from newsletter.collection.values import Piece, PieceKind
from newsletter.text.language_detection import language_told

_BETWEEN = re.compile(r"(?:[\s|,;·•、，；]|&nbsp;|<br ?/?>|</?(?:p|div|center|a)\b[^<>]*>)*")
_BEFORE = re.compile(
    r"[ \t]*(?:(?:(?P<item>[-*+])|>)[ \t]+)?"
    r"(?:(?:\*\*|__)?(?P<label>[^\W\d_][\w /]{0,30}?)(?:\*\*|__)?[ \t]*[:：][ \t]*(?:\*\*|__)?[ \t]*)?"
    r"(?:</?(?:p|div|center|a)\b[^<>]*>[ \t]*)*"
)
_BOLD_LINE = re.compile(r"[ \t]*(\*\*|__)(?=\S)(?:(?!\1).)+\1[ \t]*")
_LABELLED = re.compile(
    r"[ \t]*(?P<bold>\*\*|__)?(?P<words>[^\s*_:：][^*_:：]{0,30}?)(?P=bold)?(?:[:：](?P=bold)?|(?<=\*\*)|(?<=__))[ \t]*", re.I
)
_SAME = {BlockKind.RULE: PieceKind.RULE, BlockKind.TABLE: PieceKind.TABLE, BlockKind.RAW: PieceKind.TEXT}


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: the line, the pieces so far, and what words are under the last heading."""

    page: Page
    at: int
    text: PieceKind
    pieces: list[Piece] = field(default_factory=list)

    @property
    def line(self) -> str:
        return self.page.lines[self.at].rstrip("\n")

    def take(self, kind: PieceKind, end: int, **parts: str) -> None:
        """The lines up to ``end`` as one piece."""
        raw = self.page.text(self.at, end)
        text = raw.rstrip()
        language = language_told(text) if kind is PieceKind.ABSTRACT else ""
        self.pieces.append(Piece(kind, text, raw[len(text) :], language=language, **parts))
        self.at = end

    def pass_blank(self, end: int) -> None:
        """The blank lines up to ``end`` belong to the piece above them; above the first one they are left out."""
        if self.pieces and self.at < end:
            last = self.pieces[-1]
            self.pieces[-1] = replace(last, tail=last.tail + self.page.text(self.at, end))
        self.at = end


def pieces_of(body: str, *, plain: PieceKind = PieceKind.NOTE) -> tuple[Piece, ...]:
    """The pieces of ``body``; () for none. Text above any heading is ``plain``: a note in an entry, text elsewhere."""
    page = page_of(body)
    return pieces_within(page, 0, len(page.lines), plain=plain)


def pieces_within(page: Page, first: int, end: int, *, plain: PieceKind) -> tuple[Piece, ...]:
    """The pieces on the lines of ``page`` from ``first`` up to ``end``, as ``pieces_of`` has them."""
    reader = _Reader(page, first, plain)
    for block in page.within(first, end):
        reader.pass_blank(block.first)
        _read(reader, block)
    reader.pass_blank(end)
    return _with_language(tuple(reader.pieces))


def _read(reader: _Reader, block: Block) -> None:
    match block.kind:
        case BlockKind.HEADING:
            _heading(reader, block)
        case BlockKind.QUOTE | BlockKind.WORDS:
            _words(reader, block)
        case BlockKind.CODE:
            reader.take(reader.text, block.end)
        case BlockKind.RULE | BlockKind.TABLE | BlockKind.RAW:
            reader.take(_SAME[block.kind], block.end)


def _heading(reader: _Reader, block: Block) -> None:
    words = parse_section(reader.page.text(block.first, block.end)).title
    reader.take(PieceKind.HEADING, block.end, label=words)
    if is_abstract(words):
        reader.text = PieceKind.ABSTRACT
    else:
        reader.text = PieceKind.NOTE if is_notes(words) else PieceKind.TEXT


def _words(reader: _Reader, block: Block) -> None:
    """Paragraphs, lists and quotations, with lines of links alone and the beginning of an abstract cut out of them."""
    while reader.at < block.end:
        if not reader.line.strip():
            reader.pass_blank(reader.at + 1)
        elif links := _links_only(reader.line, listed=reader.text is not PieceKind.ABSTRACT):
            _take_links(reader, links)
        elif label := _abstract_label(reader.line):
            _labelled(reader, block, label)
        elif reader.text is PieceKind.ABSTRACT and _BOLD_LINE.fullmatch(reader.line):
            reader.take(PieceKind.NOTE, reader.at + 1)
        else:
            is_quoted = reader.line.lstrip().startswith(">")
            reader.take(PieceKind.NOTE if is_quoted else reader.text, _end_of_words(reader, block))


def _abstract_label(line: str) -> re.Match[str] | None:
    label = _LABELLED.match(line)
    return label if label and is_abstract(label["words"]) else None


def _labelled(reader: _Reader, block: Block, label: re.Match[str]) -> None:
    """``**Abstract**`` on a line of its own is a heading; ``Abstract: …`` begins the abstract."""
    reader.text = PieceKind.ABSTRACT
    if label.end() == len(reader.line):
        reader.take(PieceKind.HEADING, reader.at + 1, label=plain_label(label["words"]))
    else:
        reader.take(PieceKind.ABSTRACT, _end_of_words(reader, block), label=plain_label(label["words"]))


def _end_of_words(reader: _Reader, block: Block) -> int:
    """Where the words end that begin on this line."""
    for place in range(reader.at + 1, block.end):
        line = reader.page.lines[place].rstrip("\n")
        if not _belongs_above(block, place, line) and _begins_another(reader, line):
            return place
    return block.end


def _belongs_above(block: Block, place: int, line: str) -> bool:
    """Whether a line is part of a quotation, or of an item of a list, whatever stands on it."""
    if block.kind is BlockKind.QUOTE:
        return line.lstrip().startswith(">")
    return place > block.list_at and (not line.strip() or line.startswith((" ", "\t")))


def _begins_another(reader: _Reader, line: str) -> bool:
    if not line.strip() or _links_only(line, listed=False):
        return True
    return reader.text is not PieceKind.ABSTRACT and _abstract_label(line) is not None


def _links_only(line: str, *, listed: bool = True) -> list[Link]:
    """The links and images of a line that holds nothing else but marks between them and a label before; [] for another line.

    Where not ``listed``, an item of a list is another line.
    """
    before = _before(line)
    if before["item"] and not listed:
        return []
    at = before.end()
    found: list[Link] = []
    while at < len(line):
        link = link_at(line, at)
        if link is None:
            return []
        found.append(link)
        between = _BETWEEN.match(line, link.end)
        at = between.end() if between else link.end
    return found


def _before(line: str) -> re.Match[str]:
    found = _BEFORE.match(line)
    assert found is not None, "it matches nothing too"
    return found


def _take_links(reader: _Reader, links: list[Link]) -> None:
    """A piece for each link; the marks before the first belong to it, those behind each are its tail."""
    raw = reader.page.lines[reader.at]
    reader.at += 1
    words = _before(raw)["label"] or ""
    starts = [0, *(link.start for link in links[1:])]
    for link, start, end in zip(links, starts, [*starts[1:], len(raw)], strict=True):
        label = _label_of(link)
        kind = _kind_of(link, label, words)
        text, tail = raw[start : link.end], raw[link.end : end]
        reader.pieces.append(Piece(kind, text, tail, label=label or words, url=link.url, size=link.size))


def _kind_of(link: Link, label: str, words: str) -> PieceKind:
    """By its own words, else by those in front of it."""
    if link.is_image:
        return PieceKind.IMAGE
    kind = kind_of_link(label, link.url)
    return kind_of_link(words, link.url) if kind is PieceKind.LINK else kind


def _label_of(link: Link) -> str:
    """The words of a link; of a picture that is a link, those that stand for the picture."""
    picture = link_at(link.label, 0) if not link.is_image and link.label.startswith("![") else None
    return picture.label if picture else link.label


def _with_language(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """With the language of all the abstract together on each part of it: short ones tell little."""
    told = language_told("\n".join(piece.text for piece in pieces if piece.kind is PieceKind.ABSTRACT))
    return tuple(replace(piece, language=told) if piece.kind is PieceKind.ABSTRACT else piece for piece in pieces)


def image(url: str, *, alt: str = "", size: str = "") -> Piece:
    """An image as a piece of its own; ``size`` is a size hint such as ``50%x``."""
    hint = f" ={size}" if size else ""
    return pieces_of(f"![{as_label(alt, all_brackets=True)}]({as_address(url)}{hint})\n")[0]


def link(label: str, url: str) -> Piece:
    """A link as a piece of its own; its kind comes from its words and address."""
    return pieces_of(f"[{as_label(label, all_brackets=True)}]({as_address(url)})\n")[0]
