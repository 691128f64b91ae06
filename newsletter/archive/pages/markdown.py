"""Escapes texts of papers for Markdown pages: cells, links and headings. Pure.

Afterwards nothing in a text has a meaning in Markdown, HTML or Liquid; formulas stay formulas.
"""

from __future__ import annotations

import re

from newsletter.text.characters import printable

_ESCAPES = str.maketrans({one: f"\\{one}" for one in "\\`*_{}[]()#+!|~$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# A formula as GitHub takes one: no space inside at either end, and no digit or letter after it
# (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
_FORMULA = re.compile(r"(?<![\\\w$])\$\$?(?=[^\s$])(?:\\.|[^$\\])*?(?<=[^\s\\])\$\$?(?![\w$])")
_UNSAFE = re.compile(r"[^!#-&*-;=?-Z_a-z~]")
# What Jekyll's Liquid would take for a command of its own: https://shopify.github.io/liquid/basics/introduction/
_LIQUID = re.compile(r"\{(?=[{%])")


def cell(text: str, *, liquid: bool = False) -> str:
    """``text`` for a cell of a table: on one line, with its formulas, and without any other meaning.

    With ``liquid`` also safe on a Jekyll page.
    """
    line = " ".join(printable(text).split())
    if "$" not in line:
        made = _plain(line)
        return without_liquid(made) if liquid else made
    parts: list[str] = []
    end = 0
    for formula in _FORMULA.finditer(line):
        parts += (_plain(line[end : formula.start()]), _formula(formula.group()))
        end = formula.end()
    parts.append(_plain(line[end:]))
    made = "".join(parts)
    return without_liquid(made) if liquid else made


def without_liquid(text: str) -> str:
    """``text`` without what Jekyll would take for a command; it looks the same on the page."""
    return _LIQUID.sub("&#123;", text)


def _plain(text: str) -> str:
    # As html.escape does; a table of characters is many times as fast as a pattern.
    return text.translate(_ESCAPES)


def _formula(text: str) -> str:
    # In a table every pipe needs its backslash, also in a formula; "<" could begin a tag, and "](" a link where dollars are no
    # formula. A space says nothing in one.
    return text.replace("|", "\\|").replace("<", "\\lt ").replace(">", "\\gt ").replace("](", "] (")


def link(words: str, url: str) -> str:
    """A link; whatever could end it or the cell stands in the URL as its code."""
    return f"[{words}]({safe_url(url)})"


def safe_url(url: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "replace")), url)
