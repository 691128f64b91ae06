"""Finds by line what a Markdown page is made of: code and comments, headings, items of lists, quotations. Pure.

markdown-it-py does it, the parser that shared notebooks and many sites use. Tags such as ``<details>`` count as words: people
fold tables and headings without the blank line that CommonMark asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.token import Token

# HTML that shows nothing, and ends with a mark of its own: https://spec.commonmark.org/0.31.2/#html-blocks
_RAW = re.compile(r"<(?:!--|\?|!\[CDATA\[|(?:script|style)(?=[\s>]|$))", re.IGNORECASE)
_WRITTEN = re.compile(r"<(?:pre|textarea)(?=[\s>]|$)", re.IGNORECASE)
# What a line of its own is taken for a heading by people: all of it bold or underlined, or HTML's heading.
_BOLD = re.compile(
    r"(?P<open>(?:\*\*|__|<(?:b|strong|u|center|big|font)\b[^<>]*>){1,12}\s*+)(?P<name>[^\n]*?\S)"
    r"(?P<close>\s*(?:\*\*|__|</(?:b|strong|u|center|big|font)>){1,12})\s*+(?:[:：]\s*+)?",
    re.IGNORECASE,
)
_TAG = re.compile(r"<h(?P<level>[1-6])\b[^<>]*>(?P<name>.*?)</h(?P=level)>", re.IGNORECASE)
# The folding blocks of site generators: Hugo's shortcodes, MkDocs's and Pymdown's ??? and ===, Docusaurus's and MyST's :::.
_FOLDED = re.compile(
    r"\s*(?:\{\{[<%]\s*(?:details|collapse|expand|fold|spoiler|tab|accordion\w*)\b[^>%]*?[\"“](?P<one>[^\"”]+)[\"”].*[>%]\}\}"
    r"|(?:\?\?\?\+?|!!!|===\+?!?)\s*(?:[\w-]+\s+)?\"(?P<two>[^\"]+)\"|:{3,}\s*(?:\{dropdown\}|details|spoiler|collapse)\s+(?P<three>\S.*?))\s*",
    re.IGNORECASE,
)
_INDENTING = re.compile(r"\s*(?:\?\?\?\+?|!!!|===\+?!?)\s")
# A link, or the id of a paper beside other words: a line of an entry.
_IN_NO_HEADING = re.compile(r"\]\(|(?<![\d.])\d{4}\.\d{4,5}(?!\d)", re.IGNORECASE)
BOLD_LEVEL = 7


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of ``lines`` lines: its words as they are written, and its level from 1 to 6, 7 for a bold line."""

    name: str
    level: int
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Structure:
    """What begins at which line, counted from 0, with the lines behind it; ``hidden`` has "code" or "comment" for each line."""

    hidden: dict[int, str] = field(default_factory=dict)
    headings: dict[int, Heading] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)
    paragraphs: dict[int, int] = field(default_factory=dict)
    quotes: dict[int, int] = field(default_factory=dict)


def structure_of(lines: Sequence[str]) -> Structure:
    """The structure of a page that is given as its lines."""
    tokens: list[Token] = []
    bare = [line.rstrip() for line in lines]
    _reader().block.parse("\n".join(bare), _reader(), {}, tokens)
    found = Structure()
    for place, token in enumerate(tokens):
        if token.map is not None:
            _note(found, bare, token, tokens[place + 1] if place + 1 < len(tokens) else token)
    return found


def _note(found: Structure, lines: Sequence[str], token: Token, inner: Token) -> None:
    first, end = token.map or (0, 0)
    if (token.type == "heading_open" and token.markup.strip("#") == "") or (token.type == "heading_open" and end == first + 2):
        found.headings[first] = Heading(inner.content.strip(), int(token.tag[1]), end - first)
    elif token.type in ("paragraph_open", "heading_open"):
        found.paragraphs[first] = end
        _heading_by_looks(found, first, inner.content, end)
    elif token.type == "list_item_open":
        found.items[first] = _trimmed(lines, first, end)
    elif token.type == "blockquote_open":
        found.quotes.setdefault(first, end)
    elif token.type in ("fence", "html_block"):
        what = "comment" if _RAW.match(lines[first].lstrip("> \t")) and token.type == "html_block" else "code"
        found.hidden.update(dict.fromkeys(range(first, end), what))
    elif token.type == "code_block" and not _is_folded(lines, first):
        found.hidden.update(dict.fromkeys(range(first, _trimmed(lines, first, end)), "code"))


def _trimmed(lines: Sequence[str], first: int, end: int) -> int:
    while end > first + 1 and not lines[end - 1].strip("> \t"):
        end -= 1
    return end


def _is_folded(lines: Sequence[str], first: int) -> bool:
    """Whether indented lines are the body of a folding block, which its line above opened."""
    place = first - 1
    while place >= 0 and (not lines[place].strip() or lines[place].startswith(("    ", "\t"))):
        place -= 1
    return place >= 0 and _INDENTING.match(lines[place]) is not None


def _heading_by_looks(found: Structure, first: int, words: str, end: int) -> None:
    """The first line of a paragraph that people take for a heading."""
    line = words.split("\n", 1)[0].strip()
    if tag := _TAG.fullmatch(line):
        found.headings[first] = Heading(tag["name"].strip(), int(tag["level"]))
    elif folded := _FOLDED.fullmatch(line):
        found.headings[first] = Heading(next(filter(None, folded.groups())), BOLD_LEVEL)
    elif end == first + 1 and (bold := _BOLD.fullmatch(line)) and not _IN_NO_HEADING.search(line) and "**" not in bold["name"]:
        found.headings[first] = Heading(bold["name"], BOLD_LEVEL)


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["reference"])
    reader.block.ruler.at("html_block", _raw, {"alt": ["paragraph", "reference", "blockquote"]})
    return reader


# The rule has the form that markdown-it gives it: ``silent`` asks whether a block begins here that ends a paragraph.
def _raw(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    words = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return bool(_RAW.match(words) or _WRITTEN.match(words)) and html_block(state, line, end, silent)
