"""Renders notes and comments: raw Markdown to sanitised HTML (markdown-it-py, then nh3), and to plain lines for mails.

All Markdown that people wrote goes through here before a page shows it. Pictures are shown from this server only, else as a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsletter.collection.inline import link_at
from newsletter.collection.values import Piece, PieceKind
from newsletter.text.characters import DIRECTION, DIRECTION_MARKS

TAGS = {
    *("p", "br", "em", "strong", "b", "i", "u", "s", "del", "sub", "sup", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("hr", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "img"),
    *("details", "summary", "kbd", "mark", "small", "span", "div"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "width"}, "ol": {"start"}}
PICTURES = "/collection/images/"
LONGEST = 200_000
_WIDTH = re.compile(r"\d{1,4}%?")
_TAG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
# Not from within a run of spaces: that would be tried at each of them.
_SIZED = re.compile(r"(?<!\s)\s+=(\d{0,4}%?)x\d{0,4}%?\s*\)")
# A turn of direction in a note must not reach beyond it: https://www.unicode.org/reports/tr9/
_TURNS = re.compile(f"[{DIRECTION}{DIRECTION_MARKS}]")


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "strikethrough", "linkify"])
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return reader


def rendered(text: str, *, picture_of: Callable[[str], str], below: int = 3) -> str:
    """``text`` as HTML that is safe to show as it is; headings begin ``below`` that level, links carry rel. "" for nothing.

    ``picture_of`` gives the address here of an outside picture, "" where it is not kept: then a link stands in its place.
    """
    source = _TURNS.sub("", _prepared(text[:LONGEST]))
    tokens = _reader().parse(source)
    for token in _all(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + below)}"
    for block in tokens:
        if block.children:
            block.children = [one for child in block.children for one in _shown(child, picture_of)]
    html = _reader().renderer.render(tokens, _reader().options, {})
    return nh3.clean(
        html,
        tags=TAGS | {f"h{level}" for level in range(below + 1, 4)},
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        attribute_filter=_kept,
        clean_content_tags={"script", "style", "svg", "math", "iframe", "object", "template", "noscript", "textarea", "title"},
    ).strip()


def plain_of(markdown: str) -> str:
    """The words of the note, a line for each paragraph or item; addresses of links are left out. "" for an empty note."""
    lines: list[str] = []
    for token in _reader().parse(_TURNS.sub("", _SIZED.sub(")", markdown[:LONGEST]))):
        if token.type == "inline":
            lines.append("".join(map(_words, token.children or ())))
        elif token.type in {"fence", "code_block"}:
            lines += token.content.splitlines()
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def pictures_in(text: str) -> list[str]:
    """The outside addresses of the pictures in ``text``, each once, in order."""
    tokens = _all(_reader().parse(_prepared(text[:LONGEST])))
    found = (str(token.attrs.get("src", "")) for token in tokens if token.type == "image")
    return [url for url in dict.fromkeys(found) if url.startswith(("http://", "https://"))]


def pictures_of(pieces: Iterable[Piece]) -> list[str]:
    """The outside addresses of all pictures in a body, each once, in order."""
    found: list[str] = []
    for piece in pieces:
        found += [piece.url] if piece.kind is PieceKind.IMAGE else pictures_in(piece.text)
    return [url for url in dict.fromkeys(found) if url.startswith(("http://", "https://"))]


def _prepared(text: str) -> str:
    """``text`` with pictures as CommonMark has them, without size hints or tags."""

    def picture(tag: re.Match[str]) -> str:
        found = link_at(tag[0], 0)
        return f"![{_unbracketed(found.label)}](<{found.url}>)" if found and not re.search(r"[<>\s]", found.url) else ""

    return _SIZED.sub(")", _TAG.sub(picture, text))


def _unbracketed(words: str) -> str:
    return re.sub(r"[\[\]\\<>\n]", " ", words)


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _words(token: Token) -> str:
    return {"softbreak": " ", "hardbreak": "\n", "image": ""}.get(token.type, token.content)


def _shown(token: Token, picture_of: Callable[[str], str]) -> list[Token]:
    """A picture that is kept here as it is shown, another one as a link to it; everything else as it is."""
    if token.type != "image":
        return [token]
    url = str(token.attrs.get("src", ""))
    here = picture_of(url) if url.startswith(("http://", "https://")) else ""
    if here.startswith(PICTURES):
        token.attrs["src"] = here
        return [token]
    html = Token("html_inline", "", 0)
    words = token.content or url
    html.content = f'<a href="{escape(url)}">{escape(words)}</a>' if url.startswith(("http://", "https://")) else escape(words)
    return [html]


def _kept(tag: str, name: str, value: str) -> str | None:
    if tag == "a" and name == "href":
        return value if value.lower().startswith(("http://", "https://", "mailto:")) else None
    if tag == "img" and name == "src":
        return value if re.fullmatch(re.escape(PICTURES) + r"[0-9a-f]{32}\.webp", value) else None
    if name == "width":
        return value if _WIDTH.fullmatch(value) else None
    return value
