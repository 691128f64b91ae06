"""What must hold of the HTML of every mail, whatever stands in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input", "col", "o:allowpng"}
# What may stand in a mail of ours; anything else has come in from outside.
EXPECTED = {
    *("html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td", "p", "a", "h1", "h2", "h3"),
    *("ul", "li", "span", "b", "strong", "br"),
}


class Outline(HTMLParser):
    """Parses a document and notes its tags, attributes, visible text, ids, links and what is not closed as opened."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.wrong.append(f"<{tag}/> is no void element")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "title"):
            self.text.append(data)

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
