"""Lines of Markdown: what a rule, a table and a fenced block are. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<info>.*)")
COMMENT = re.compile(r" {0,3}<!--")
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


@dataclass(slots=True)
class Fence:
    """Whether the lines passed by so far leave a fenced block or an HTML comment open: a heading in one is none."""

    marks: str = ""
    in_comment: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.marks) or self.in_comment

    def pass_by(self, line: str) -> None:
        """Takes the next line into account."""
        if self.in_comment:
            self.in_comment = "-->" not in line
            return
        fence = FENCE.match(line.rstrip("\n"))
        if self.marks:
            if fence and fence["marks"].startswith(self.marks) and not fence["info"].strip():
                self.marks = ""
        elif fence and not (fence["marks"].startswith("`") and "`" in fence["info"]):
            self.marks = fence["marks"]
        else:
            # Elsewhere than at the beginning of a line it is words about comments: https://spec.commonmark.org/0.31.2/#html-blocks
            opened = line.rfind("<!--") if COMMENT.match(line) else -1
            self.in_comment = opened >= 0 and "-->" not in line[opened:]


def lines_of(text: str) -> list[str]:
    """The lines of ``text``, each with its line break: of ``\\n`` alone, so that no odd separator inside a line cuts it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def is_table(lines: Sequence[str], at: int) -> bool:
    """Whether a table begins here: a row and under it the row of dashes."""
    if at + 1 >= len(lines) or "|" not in lines[at]:
        return False
    return "|" in lines[at + 1] and bool(_SEPARATOR.fullmatch(lines[at + 1].rstrip("\n")))
