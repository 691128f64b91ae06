"""Notes and comments of editors, who write Markdown: as HTML that can do no harm, and as plain lines for mails. Pure.

Markdown is read by markdown-it (CommonMark, with tables), HTML in it is text, and nh3 lets through only what notes need.
"""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    *("p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}}
RELATION = "nofollow noopener noreferrer"
SCHEMES = {"http", "https", "mailto"}
# What stands between two blocks of a note in plain lines.
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


def html_of(markdown: str) -> str:
    """The note as safe HTML: no pictures, no scripts, no styles; headings are paragraphs. "" for an empty note."""
    html = _reader().render(markdown.replace("\0", ""))
    return nh3.clean(_without_headings(html), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=RELATION)


def plain_of(markdown: str) -> str:
    """The words of the note, a line for each paragraph or item; addresses of links are left out. "" for an empty note."""
    lines: list[str] = []
    for token in _reader().parse(markdown.replace("\0", "")):
        if token.type == "inline":
            lines.append(_words(token.children or []))
        elif token.type in {"fence", "code_block"}:
            lines += token.content.splitlines()
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def _words(tokens: list[Token]) -> str:
    return "".join(_BREAKS.get(token.type, token.content if token.type != "image" else "") for token in tokens)


def _without_headings(html: str) -> str:
    """Headings of a note would stand amid those of the page: they are strong words."""
    for level in range(1, 7):
        html = html.replace(f"<h{level}>", "<p><strong>").replace(f"</h{level}>", "</strong></p>")
    return html


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
