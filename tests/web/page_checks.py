"""What must hold of the HTML of every page, whatever stands in it."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient

from tests.mail.html_checks import Outline

EXPECTED = {
    *("html", "head", "title", "meta", "link", "script", "body", "header", "nav", "main", "footer", "section", "article", "div"),
    *("h1", "h2", "h3", "h4", "p", "a", "ul", "ol", "li", "span", "bdi", "strong", "code", "pre", "mark", "details", "summary"),
    *("form", "fieldset", "legend", "label", "input", "textarea", "select", "optgroup", "option", "button"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "iframe"),
    *("figure", "figcaption", "svg", "rect"),
}
# The sheets and scripts that a page loads with it.
LOADED = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"')
# How large such a file is; its address changes with what it holds.
FILES: dict[str, int] = {}
LINK = re.compile(r"/(?!/)|#|\?|https?://|mailto:[\w.@-]+\Z")
# What no page shows: controls, noncharacters, and marks of direction but those around a date, closed in the same text.
UNSEEN = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff]")
SET_APART = re.compile("\u2068[^\u2066-\u2069]*\u2069")
APART = re.compile('\u2068[^<>"\u2066-\u2069]*\u2069')


def check_page(html: str) -> Outline:
    """Asserts that ``html`` is a well-formed page of ours in which nothing is active but our own script; gives its outline."""
    return check_part(html, scripts=1)


def check_part(html: str, *, scripts: int = 0) -> Outline:
    """The same of a part of a page, which has no script of its own."""
    outline = Outline(html)
    assert not outline.wrong, outline.wrong[:5]
    assert not UNSEEN.search(APART.sub("", html))
    # A name that is set apart may hold any letters, once it is read.
    shown = (*outline.text, *(value for _, value in outline.attributes))
    if UNSEEN.search("\n".join(shown)):
        assert not [text for text in shown if UNSEEN.search(SET_APART.sub("", text))]
    assert set(outline.tags) <= EXPECTED, set(outline.tags) - EXPECTED
    assert outline.tags.count("script") == scripts + outline.values("type").count("application/ld+json")
    names = {name for name, _ in outline.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not {"style", "srcdoc", "http-equiv", "ping", "background"} & names
    for source in outline.values("src"):
        assert source.startswith(("/static/", "/inbox/")), source
    for link in (*outline.values("href"), *outline.values("action"), *outline.values("formaction")):
        assert LINK.match(link), link
    ids = outline.values("id")
    assert len(ids) == len(set(ids)), "an id stands twice"
    return outline


def weight(client: FlaskClient, html: bytes) -> int:
    """The bytes of a page, or of a part of one, with every sheet and script that it loads, nothing compressed."""
    loaded = [unescape(path) for path in LOADED.findall(html.decode())]
    assert len(loaded) > 1 or b'id="main"' not in html, "a page of ours without sheet and script"
    for path in loaded:
        if path not in FILES:
            FILES[path] = len(client.get(path, buffered=True).data)
    return len(html) + sum(FILES[path] for path in loaded)
