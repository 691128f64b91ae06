"""Every element, attribute and property of our mails stands in a table of what mail programs know, with what holds where they do not.

The table is a part of the data of https://www.caniemail.com (MIT, by Rémi Parmentier and others, state of 2025-09-09): for Gmail,
Outlook, Apple Mail, Yahoo and Thunderbird, which of them lack a feature, and which know it in part.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tests.pictures import mails

TABLE = Path(__file__).with_name("caniemail.tsv")
# What every program knows that shows HTML at all, so that the data has no page for it; and what only Outlook's engine reads.
KNOWN_TO_ALL = {"html", "head", "title", "meta", "a", "br", "tbody", "tr", "td", "o:officedocumentsettings", "o:allowpng"}
ELEMENTS = {
    **dict.fromkeys(("h1", "h2", "h3"), "html-h1-h6"),
    **dict.fromkeys(("ul", "li"), "html-lists"),
    **dict.fromkeys(("b", "strong"), "html-strong"),
    **{name: f"html-{name}" for name in ("body", "div", "p", "span", "style", "table")},
}
PLAIN_ATTRIBUTES = {
    "media",
    "href",
    "id",
    "name",
    "class",
    "style",
    "border",
    "content",
    "http-equiv",
    "charset",
    "type",
    "xmlns",
    "bgcolor",
}
ATTRIBUTES = {
    name: f"html-{name}" for name in ("align", "cellpadding", "cellspacing", "dir", "lang", "role", "width", "valign", "target")
}
ATTRIBUTES |= {"aria-label": "html-aria-label", "aria-roledescription": "html-role"}
# Properties that stand under another name in the data, and those of one maker each, which others pass over.
PROPERTIES = {
    "border-top": "css-border",
    "border-color": "css-border",
    "font-family": "css-font",
    "color": "css-rgb",
    "supported-color-schemes": "css-color-scheme",
}
OF_ONE_MAKER = re.compile(r"-webkit-|-ms-|mso-|text-size-adjust")
SELECTORS = {
    "css-selector-class": r"\.[a-z]",
    "css-selector-universal": r"\*",
    "css-selector-descendant": r"\w \S",
    "css-selector-grouping": ",",
    "css-pseudo-class-hover": ":hover",
}


class _Parts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.used: set[str] = set()
        self.sheet = ""
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag not in KNOWN_TO_ALL:
            self.used.add(ELEMENTS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            if name == "style":
                self.used |= set(_properties(value or ""))
            elif name not in PLAIN_ATTRIBUTES and not name.startswith("xmlns:"):
                self.used.add(ATTRIBUTES.get(name, f"html-{name}"))
            if name == "href" and value:
                self.used |= {"html-anchor-links"} if value.startswith("#") else set()
                self.used |= {"html-mailto-links"} if value.startswith("mailto:") else set()

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.sheet += data

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


def _properties(declarations: str) -> Iterator[str]:
    for declaration in declarations.split(";"):
        name, _, value = (part.strip().lower() for part in declaration.partition(":"))
        if not value or OF_ONE_MAKER.match(name):
            continue
        special = {("display", "none"): "css-display-none"}.get((name, value))
        yield special or PROPERTIES.get(name, "css-" + re.sub(r"^(margin|padding)-(top|bottom|left|right)$", r"\1", name))
        if "!important" in value:
            yield "css-important"


def _of_sheet(sheet: str) -> Iterator[str]:
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    if "@media" in sheet:
        yield "css-at-media"
    if "prefers-color-scheme" in sheet:
        yield "css-at-media-prefers-color-scheme"
    for selector, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        yield from _properties(declarations)
        yield from (feature for feature, form in SELECTORS.items() if re.search(form, selector.strip()))


@cache
def used() -> frozenset[str]:
    found: set[str] = set()
    for name, mail in mails():
        if name.endswith(("-en", "-ar")):
            parts = _Parts(mail.html)
            found |= parts.used | set(_of_sheet(parts.sheet))
    return frozenset(found)


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["feature"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def test_the_table_has_just_what_mails_use() -> None:
    assert used() == set(table())


def test_where_a_program_lacks_something_it_is_said_what_holds_there() -> None:
    assert [name for name, row in table().items() if (row["missing"] or row["in part"]) and not row["there"]] == []


def test_what_gmail_and_outlook_both_lack_is_used_for_looks_only_or_not_needed() -> None:
    lacking = [name for name, row in table().items() if "gmail" in row["missing"] and "outlook" in row["missing"]]
    assert [name for name in lacking if not table()[name]["there"].startswith(("looks only", "no need"))] == []
    assert "html-bdi" not in used()


def test_only_cells_of_tables_have_padding() -> None:
    for name, mail in mails():
        padded = re.findall(r'<(\w+)[^>]* style="[^"]*padding(?:-\w+)?:(?!0[;"])', mail.html)
        assert set(padded) <= {"td", "a"}, name  # the link of a button has its padding in Outlook from the cell around it
