"""What must hold of the HTML of every mail, whatever stands in it."""

from __future__ import annotations

import re
from html import unescape

VOID = {"meta", "br", "hr", "img", "link", "input", "col", "o:allowpng"}
# What may stand in a mail of ours; anything else has come in from outside.
EXPECTED = {
    *("html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td", "p", "a", "h1", "h2", "h3"),
    *("ul", "li", "span", "b", "strong", "br"),
}
NAME = r"[^\s\"'<>/=]+"
ATTRIBUTE = rf"""({NAME})(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
ATTRIBUTES = rf"""((?:\s+{NAME}(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*+)\s*+"""
# A comment, a declaration; what is read raw; a tag, and the words up to the next "<". Anything else is no HTML of ours.
TOKEN = re.compile(
    rf"<!--.*?-->|<!doctype\b[^>]*>|<(?P<raw>script|style)\b{ATTRIBUTES}>(?P<inner>.*?)</(?P=raw)\s*>"
    rf"|</(?P<closed>[a-z][^\s/>]*)\s*>|<(?P<opened>[a-z][^\s/>]*){ATTRIBUTES}(?P<empty>/?)>|(?P<words>[^<]+)|(?P<odd><)",
    re.DOTALL | re.IGNORECASE,
)
PAIR = re.compile(ATTRIBUTE)


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in "\"'" else value


class Outline:
    """Parses a document and notes its tags, attributes, visible text, ids, links and what is not closed as opened.

    It reads only what is written without a fault, and so more quickly than `html.parser`, which the tests of hostile words were
    busy with for half of their time; a "<" that begins nothing is wrong, where a browser would guess.
    """

    def __init__(self, html: str) -> None:
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        for found in TOKEN.finditer(html):
            self._take(found, html)
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]

    def _take(self, found: re.Match[str], html: str) -> None:
        raw, raw_attributes, inner, closed, opened, attributes, empty, words, odd = found.groups()
        if words:
            if not self.open or self.open[-1] != "title":
                self.text.append(unescape(words))
        elif opened:
            self._start(opened.lower(), attributes, closed=bool(empty))
        elif closed:
            self._end(closed.lower())
        elif raw:
            self._start(raw.lower(), raw_attributes, closed=False)
            if raw.lower() == "script":
                self.text.append(inner)
            self._end(raw.lower())
        elif odd:
            self.wrong.append(f"no tag: {html[found.start() : found.start() + 40]!r}")

    def _start(self, tag: str, attributes: str, *, closed: bool) -> None:
        self.tags.append(tag)
        if attributes:
            pairs = [(name.lower(), unescape(_unquoted(value))) for name, value in PAIR.findall(attributes)]
            if len(pairs) > 1 and len(pairs) != len(dict(pairs)):
                self.wrong.append(f"<{tag}> has an attribute twice: {[name for name, _ in pairs]}")
            self.attributes += pairs
        if tag not in VOID:
            self.open.append(tag)
            if closed:
                self.wrong.append(f"<{tag}/> is no void element")

    def _end(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.text)).strip()

    def values(self, attribute: str) -> list[str]:
        return [value for name, value in self.attributes if name == attribute]


def check(html: str) -> Outline:
    """Asserts that ``html`` is a well-formed mail without anything active, external or invisible; gives its outline."""
    outline = Outline(html)
    assert not outline.wrong, outline.wrong[:5]
    assert set(outline.tags) <= EXPECTED, set(outline.tags) - EXPECTED
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name == "src"]
    for link in outline.values("href"):
        assert re.match(r"(https?://|mailto:[\w.-]+@|#g-|#top$)", link), link
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    for link in outline.values("href"):
        assert not link.startswith("#") or link[1:] in ids
    assert "@import" not in html
    assert "url(" not in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert "{{" not in re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL) or "{{" in outline.words
    return outline
