"""A Markdown page as blocks: headings, rules, tables, quotations, code and words, each with the lines it stands on. Pure.

markdown-it-py finds them: it is the parser of most shared notebooks too. Only headings have a rule of our own, because many are
written without a space, or with a title that breaks over lines. A tag such as ``<div>`` counts as words and not as a block:
otherwise a heading right under it would not be read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, hr, html_block
from markdown_it.token import Token

from newsletter.collection.headings import GLUED, OPENING, parse

# A title may break over so many lines.
MOST_LINES = 3
# HTML that ends with a mark of its own and not with a blank line: https://spec.commonmark.org/0.31.2/#html-blocks
_RAW = re.compile(r"<(?:!--|\?|!\[CDATA\[|(?:script|pre|style|textarea)(?=[\s>]|$))", re.IGNORECASE)
_RAW_END = re.compile(r"-->|\?>|\]\]>|</(?:script|pre|style|textarea)>", re.IGNORECASE)


class BlockKind(Enum):
    """What a block is; ``WORDS`` are paragraphs and lists without a blank line between them, ``RAW`` is a comment or a script."""

    HEADING = "heading"
    RULE = "rule"
    TABLE = "table"
    QUOTE = "quote"
    CODE = "code"
    RAW = "raw"
    WORDS = "words"


_KINDS = {
    "heading_open": BlockKind.HEADING,
    "hr": BlockKind.RULE,
    "table_open": BlockKind.TABLE,
    "blockquote_open": BlockKind.QUOTE,
    "fence": BlockKind.CODE,
    # People indent paragraphs too, and a link in one is a link.
    "code_block": BlockKind.WORDS,
    "html_block": BlockKind.RAW,
    "paragraph_open": BlockKind.WORDS,
    "bullet_list_open": BlockKind.WORDS,
    "ordered_list_open": BlockKind.WORDS,
}


@dataclass(frozen=True, slots=True)
class Block:
    """The lines from ``first`` up to but without ``end``, counted from 0; the last of them is not blank.

    ``list_at`` is the first line of a list in it, ``end`` where there is none. ``is_open`` says that the mark that has to end it
    is not on the page.
    """

    kind: BlockKind
    first: int
    end: int
    list_at: int
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Lines with their line breaks, and the blocks on them in order; between two blocks stand blank lines only."""

    lines: Sequence[str]
    blocks: Sequence[Block]

    def text(self, first: int, end: int) -> str:
        return "".join(self.lines[first:end])

    def within(self, first: int, end: int) -> Sequence[Block]:
        """The blocks that begin on the lines from ``first`` up to ``end``."""
        start = bisect_left(self.blocks, first, key=lambda block: block.first)
        return self.blocks[start : bisect_left(self.blocks, end, lo=start, key=lambda block: block.first)]


def page_of(text: str) -> Page:
    """``text`` cut at ``\\n`` alone, so that no odd separator inside a line cuts it, and its blocks."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    # White space at the end of a line says nothing about blocks, but a line of other spaces than ASCII's is blank to people.
    bare = [line.rstrip() for line in lines]
    tokens: list[Token] = []
    _reader().block.parse("\n".join(bare), _reader(), {}, tokens)
    blocks: list[Block] = []
    for token in tokens:
        if token.level or token.map is None:
            continue
        block = _block(token, bare)
        if block.kind is BlockKind.WORDS and blocks and blocks[-1].kind is BlockKind.WORDS and blocks[-1].end == block.first:
            above = blocks.pop()
            list_at = above.list_at if above.list_at < above.end else block.list_at
            block = Block(BlockKind.WORDS, above.first, block.end, list_at)
        blocks.append(block)
    return Page(lines, blocks)


def _block(token: Token, lines: Sequence[str]) -> Block:
    first, end = token.map or (0, 0)
    while not lines[end - 1]:
        end -= 1
    list_at = first if token.type.endswith("list_open") else end
    return Block(_KINDS[token.type], first, end, list_at, _is_open(token, lines[first:end]))


def _is_open(token: Token, lines: Sequence[str]) -> bool:
    if token.type == "fence":
        last = lines[-1].strip()
        return len(lines) == 1 or not last.startswith(token.markup) or bool(last.strip(token.markup[0]))
    return token.type == "html_block" and not _RAW_END.search(lines[-1])


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["reference", "lheading"])
    stops = ["paragraph", "blockquote"]
    reader.block.ruler.at("heading", _heading, {"alt": stops})
    reader.block.ruler.at("html_block", _raw, {"alt": stops})
    return reader


# The two rules have the form that markdown-it gives them: ``silent`` asks whether a block begins here that ends a paragraph.
def _raw(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return bool(_RAW.match(_line(state, line).lstrip())) and html_block(state, line, end, silent)


def _heading(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    is_heading = not state.is_code_block(line) and bool(OPENING.match(_line(state, line)))
    if silent or not (is_heading or _is_glued(state, line, end)):
        return is_heading
    state.line = line + (_height(state, line, end) if is_heading else 1)
    token = state.push("heading_open", "h1", 1)
    token.map = [line, state.line]
    state.push("heading_close", "h1", -1)
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] : state.eMarks[line]]


def _is_glued(state: StateBlock, line: int, end: int) -> bool:
    """Whether ``#Words`` is a heading: nothing or a rule stands before it, and a heading comes next."""
    if state.level or not GLUED.match(_line(state, line)):
        return False
    if line and not state.isEmpty(line - 1) and state.tokens[-1].type != "hr":
        return False
    following = next((_line(state, later) for later in range(line + 1, min(line + 4, end)) if not state.isEmpty(later)), "")
    return bool(OPENING.match(following))


def _height(state: StateBlock, line: int, end: int) -> int:
    """How many lines the heading has: more than one where its link closes on a later one."""
    raw = _line(state, line)
    for later in range(line + 1, min(line + MOST_LINES, end)):
        following = _line(state, later)
        if not parse(raw).is_open or not following.strip() or OPENING.match(following) or hr(state, later, end, True):
            break
        raw += "\n" + following
        if (joined := parse(raw)).url and not joined.is_open:
            return later + 1 - line
    return 1
