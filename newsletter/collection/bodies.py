"""The body of an entry, a section or a text as pieces, each a stretch of the Markdown as written. Pure; it loses no letter.

``"".join(piece.text + piece.tail for piece in pieces_of(body))`` is the body again, but for blank lines before its first line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from newsletter.collection.headings import OPENING, parse_section
from newsletter.collection.inline import Link, as_address, as_label, link_at, plain_label
from newsletter.collection.labels import is_abstract, is_notes, kind_of_link
from newsletter.collection.lines import COMMENT, FENCE, RULE, Fence, is_table, lines_of
from newsletter.collection.values import Piece, PieceKind
from newsletter.text.language_detection import language_told

_BETWEEN = re.compile(r"(?:[\s|,;·•、，；]|&nbsp;|<br ?/?>|</?(?:p|div|center|a)\b[^<>]*>)*")
_BEFORE = re.compile(
    r"[ \t]*(?:[-*+>][ \t]+)?(?:(?:\*\*|__)?(?P<label>[^\W\d_][\w /]{0,30}?)(?:\*\*|__)?[ \t]*[:：][ \t]*(?:\*\*|__)?[ \t]*)?"
    r"(?:</?(?:p|div|center|a)\b[^<>]*>[ \t]*)*"
)
_LIST = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")
_BOLD_LINE = re.compile(r"[ \t]*(\*\*|__)(?=\S)(?:(?!\1).)+\1[ \t]*")
_LABELLED = re.compile(
    r"[ \t]*(?P<bold>\*\*|__)?(?P<words>[^\s*_:：][^*_:：]{0,30}?)(?P=bold)?(?:[:：](?P=bold)?|(?<=\*\*)|(?<=__))[ \t]*", re.I
)


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: the pieces so far, and what plain text is under the last heading."""

    lines: list[str]
    plain: PieceKind
    text: PieceKind
    at: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def take(self, kind: PieceKind, count: int = 1, **parts: str) -> None:
        """The next lines as one piece."""
        raw = "".join(self.lines[self.at : self.at + count])
        text = raw.rstrip()
        language = language_told(text) if kind is PieceKind.ABSTRACT else ""
        self.pieces.append(Piece(kind, text, raw[len(text) :], language=language, **parts))
        self.at += count


def pieces_of(body: str, *, plain: PieceKind = PieceKind.NOTE) -> tuple[Piece, ...]:
    """The pieces of ``body``; () for none. Text above any heading is ``plain``: a note in an entry, text elsewhere."""
    reader = _Reader(lines_of(body.lstrip("\n")), plain, plain)
    while reader.at < len(reader.lines):
        _next(reader)
    return _with_language(tuple(reader.pieces))


def _next(reader: _Reader) -> None:
    line = reader.lines[reader.at].rstrip("\n")
    if not line.strip():
        _blank(reader)
    elif FENCE.match(line) or COMMENT.match(line):
        reader.take(reader.text if FENCE.match(line) else PieceKind.TEXT, _fenced(reader))
    elif RULE.fullmatch(line):
        reader.take(PieceKind.RULE)
    elif OPENING.match(line):
        _heading(reader, parse_section(line).title)
    elif is_table(reader.lines, reader.at):
        reader.take(PieceKind.TABLE, _table(reader))
    elif links := _links_only(line, listed=reader.text is not PieceKind.ABSTRACT):
        _take_links(reader, line, links)
    elif line.lstrip().startswith(">"):
        reader.take(PieceKind.NOTE, _run(reader, lambda one: one.lstrip().startswith(">")))
    elif (label := _LABELLED.match(line)) and is_abstract(label["words"]):
        _labelled(reader, line, label)
    elif reader.text is PieceKind.ABSTRACT and _BOLD_LINE.fullmatch(line):
        reader.take(PieceKind.NOTE)
    else:
        reader.take(reader.text, _paragraph(reader))


def _blank(reader: _Reader) -> None:
    raw = reader.lines[reader.at]
    reader.at += 1
    if reader.pieces:
        last = reader.pieces[-1]
        reader.pieces[-1] = replace(last, tail=last.tail + raw)


def _heading(reader: _Reader, words: str) -> None:
    reader.take(PieceKind.HEADING, label=words)
    if is_abstract(words):
        reader.text = PieceKind.ABSTRACT
    else:
        reader.text = PieceKind.NOTE if is_notes(words) else PieceKind.TEXT


def _labelled(reader: _Reader, line: str, label: re.Match[str]) -> None:
    """``**Abstract**`` on a line of its own is a heading; ``Abstract: …`` begins the abstract."""
    if label.end() == len(line):
        reader.take(PieceKind.HEADING, label=plain_label(label["words"]))
        reader.text = PieceKind.ABSTRACT
    else:
        reader.text = PieceKind.ABSTRACT
        reader.take(PieceKind.ABSTRACT, _paragraph(reader), label=plain_label(label["words"]))


def _fenced(reader: _Reader) -> int:
    fence = Fence()
    for place in range(reader.at, len(reader.lines)):
        fence.pass_by(reader.lines[place])
        if not fence.is_open:
            return place + 1 - reader.at
    return len(reader.lines) - reader.at


def _table(reader: _Reader) -> int:
    return _run(reader, lambda line: "|" in line)


def _run(reader: _Reader, holds: Callable[[str], bool]) -> int:
    """How many lines from here on hold, up to a blank one; the first does."""
    place = reader.at + 1
    while place < len(reader.lines) and reader.lines[place].strip() and holds(reader.lines[place]):
        place += 1
    return place - reader.at


def _paragraph(reader: _Reader) -> int:
    """How many lines belong together: up to a blank one, but a list goes on after it with its next item."""
    is_list = bool(_LIST.match(reader.lines[reader.at]))
    place = reader.at + 1
    end = place
    while place < len(reader.lines):
        line = reader.lines[place]
        if line.strip():
            is_next = _LIST.match(line) or _is_deeper(line)
            if (place > end and not is_next) or (not (is_list and _is_deeper(line)) and _begins_another(reader, place)):
                break
            is_list = is_list or bool(_LIST.match(line))
            end = place + 1
        elif not is_list:
            break
        place += 1
    return end - reader.at


def _is_deeper(line: str) -> bool:
    return line[:1] in (" ", "\t")


def _begins_another(reader: _Reader, place: int) -> bool:
    """Whether the line at ``place`` is no more of the paragraph above it."""
    line = reader.lines[place].rstrip("\n")
    if OPENING.match(line) or FENCE.match(line) or RULE.fullmatch(line) or is_table(reader.lines, place):
        return True
    if reader.text is not PieceKind.ABSTRACT and (label := _LABELLED.match(line)) and is_abstract(label["words"]):
        return True
    return bool(_links_only(line, listed=False))


def _links_only(line: str, *, listed: bool) -> list[Link]:
    """The links and images of a line that holds nothing else but marks between them and a label before; [] for another line."""
    if not listed and _LIST.match(line):
        return []
    before = _BEFORE.match(line)
    at = before.end() if before else 0
    found: list[Link] = []
    while at < len(line):
        link = link_at(line, at)
        if link is None:
            return []
        found.append(link)
        between = _BETWEEN.match(line, link.end)
        at = between.end() if between else link.end
    return found


def _take_links(reader: _Reader, line: str, links: list[Link]) -> None:
    """A piece for each link; the marks before the first belong to it, those behind each are its tail."""
    raw = reader.lines[reader.at]
    reader.at += 1
    before = _BEFORE.match(line)
    words = (before["label"] or "") if before else ""
    starts = [0, *(link.start for link in links[1:])]
    for link, start, end in zip(links, starts, [*starts[1:], len(raw)], strict=True):
        label = _label_of(link)
        reader.pieces.append(
            Piece(
                _kind_of(link, label, words),
                raw[start : link.end],
                raw[link.end : end],
                label=label or words,
                url=link.url,
                size=link.size,
            )
        )


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
