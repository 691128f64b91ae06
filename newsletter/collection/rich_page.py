"""Writes the collection as a rich page: with contents, arXiv ids, who picked what when, and abstracts.

Pure. All additions stand between marks, so that reading such a page takes them out again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, takewhile

from newsletter.collection.blocks import BlockKind, page_of
from newsletter.collection.headings import parse, rendered
from newsletter.collection.inline import as_label
from newsletter.collection.values import Node, NodeKind, Piece, PieceKind
from newsletter.collection.writing import write
from newsletter.text.anchors import Anchors
from newsletter.text.identifiers import abs_url

# HTML comments show nothing, and people who keep such a page by hand can tell what is not theirs.
BEGIN, END = "<!-- made by publishing -->", "<!-- /made by publishing -->"
_SIZE = re.compile(r"(?P<width>\d++%?)?x?(?P<height>\d++%?)?")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")

Words = Callable[[str], str]


def page(nodes: Sequence[Node], abstracts: Mapping[str, str], *, language: str, words: Words) -> str:
    """The page of ``nodes`` in document order; ``words`` gives a string of ours in the language.

    An abstract in another language than ``language`` gives way to that of the paper where ``abstracts`` has it, by base id.
    """
    _ = words
    shown = [_told(node, abstracts.get(node.paper_ref, ""), language=language, words=words) for node in nodes]
    first = next((place for place, node in enumerate(shown) if node.kind is not NodeKind.TEXT), len(shown))
    before, rest = write(shown[:first]), write(shown[first:])
    sections = [node for node in shown if node.kind is NodeKind.SECTION]
    if not sections:
        return before + rest
    if before and not before.endswith("\n\n"):
        before += "\n\n"
    head = f"{before}{BEGIN}\n## " + _("Contents") + "\n\n"
    return f"{head}{_contents(sections, head, rest)}\n{END}\n\n{rest}"


def without_additions(text: str) -> tuple[str, bool]:
    """``text`` without what publishing put in, and whether there was any."""
    kept: list[str] = []
    at = 0
    while (begin := text.find(BEGIN, at)) >= 0 and (end := text.find(END, begin)) >= 0:
        kept.append(text[at:begin])
        at = end + len(END)
        while text.startswith("\n", at):
            at += 1
    return "".join([*kept, text[at:]]), bool(kept)


def anchors_of(text: str) -> list[str]:
    """The anchor of each heading of a page, in order: GitHub's way, with -1, -2 behind those that come again."""
    return list(map(Anchors().of, _headings_in(text)))


def _headings_in(text: str) -> list[str]:
    """The lines that a renderer takes for headings: a title that breaks ends with its line for it."""
    page = page_of(text)
    return [page.lines[block.first] for block in page.blocks if block.kind is BlockKind.HEADING]


def _contents(sections: Sequence[Node], head: str, rest: str) -> str:
    """A list of the sections in ``rest``, deeper ones further in; ``head`` stands above it on the page."""
    ours = iter(sections)
    section = next(ours, None)
    top = min(node.level for node in sections)
    lines: list[str] = []
    headings = _headings_in(head + rest)
    anchors = zip(headings, map(Anchors().of, headings), strict=True)
    for heading, anchor in islice(anchors, len(_headings_in(head)), None):
        if section is None:
            break
        if (found := parse(heading)).level == section.level and heading.strip() == _heading(section).strip():
            lines.append(f"{'  ' * (found.level - top)}- [{as_label(section.title)}](#{anchor})\n")
            section = next(ours, None)
    return "".join(lines)


def _heading(section: Node) -> str:
    return _headings_in(write([section]))[0]


def _escaped(text: str) -> str:
    """``text`` on one line without a meaning in Markdown, formulas left as they are."""
    parts = re.split(r"(\$[^$]+\$)", " ".join(text.split()))
    return "".join(part if place % 2 else _SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts))


def _told(node: Node, abstract: str, *, language: str, words: Words) -> Node:
    node = replace(node, heading=rendered(node.heading))
    if node.kind is not NodeKind.ENTRY:
        return node
    pieces = _with_abstract(node.pieces, abstract, language=language, words=words) if abstract else node.pieces
    return replace(node, pieces=(_facts(node, words), *(_sized(_spaced(piece)) for piece in pieces)))


def _spaced(piece: Piece) -> Piece:
    is_marked = piece.kind is PieceKind.HEADING and piece.text.lstrip().startswith("#")
    return replace(piece, text=rendered(piece.text)) if is_marked else piece


def _sized(piece: Piece) -> Piece:
    """An image with a size hint, which only the notebooks know that have it, as the tag that renderers know.

    A blank line ends the block that such a tag begins: https://spec.commonmark.org/0.31.2/#html-blocks
    """
    size = _SIZE.fullmatch(piece.size)
    if piece.kind is not PieceKind.IMAGE or size is None or "![" not in piece.text:
        return piece
    parts = {"src": piece.url, "alt": piece.label, "width": size["width"], "height": size["height"]}
    tag = " ".join(f'{name}="{html.escape(value)}"' for name, value in parts.items() if value or name == "alt")
    text = piece.text[: piece.text.index("![")] + f"<img {tag}>"
    return replace(piece, text=text, tail="\n\n" if piece.tail == "\n" else piece.tail)


def _facts(node: Node, words: Words) -> Piece:
    """A line with the arXiv id, who picked it and when it came."""
    _ = words
    facts = [f"arXiv: [{node.paper_ref}]({abs_url(node.paper_ref)})"] if node.paper_ref else []
    if node.picked_by:
        facts.append(_escaped(_("picked by %(name)s") % {"name": node.picked_by}))
    facts.append(_("added on %(date)s") % {"date": node.added_at.date().isoformat()})
    return Piece(PieceKind.TEXT, f"{BEGIN}\n{' · '.join(facts)}\n{END}", "\n\n")


def _with_abstract(pieces: Sequence[Piece], abstract: str, *, language: str, words: Words) -> tuple[Piece, ...]:
    """With the paper's abstract in place of one in another language, or behind all where there is none."""
    own = [piece for piece in pieces if piece.kind is PieceKind.ABSTRACT]
    if not own:
        return _with_added_abstract(pieces, Piece(PieceKind.ABSTRACT, _escaped(abstract), "\n\n", language=language), words)
    if any(piece.language in ("", language) for piece in own):
        return tuple(pieces)
    theirs = replace(own[-1], text=_escaped(abstract), language=language)
    kept = (piece for piece in pieces if piece.kind is not PieceKind.ABSTRACT or piece is own[0])
    return tuple(theirs if piece is own[0] else piece for piece in kept)


def _with_added_abstract(pieces: Sequence[Piece], abstract: Piece, words: Words) -> tuple[Piece, ...]:
    """With the abstract and a heading for it in front of the first rule."""
    _ = words
    before = [*takewhile(lambda piece: piece.kind is not PieceKind.RULE, pieces)]
    after = pieces[len(before) :]
    if before and not before[-1].tail.endswith("\n"):
        before[-1] = replace(before[-1], tail=before[-1].tail + "\n")
    return (*before, Piece(PieceKind.HEADING, "#### " + _("Abstract")), abstract, *after)
