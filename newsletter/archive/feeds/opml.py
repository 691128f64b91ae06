"""Lists of feeds for programs that read them: OPML 2.0, http://opml.org/spec2.opml. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from newsletter.text.characters import printable


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed in a list: its name, its address and that of its page, both absolute, and its heading ("" for none)."""

    name: str
    feed: str
    page: str
    heading: str = ""


def opml(title: str, feeds: Sequence[Listed]) -> bytes:
    """The list as a document in UTF-8; headings in the order in which they come first."""
    root = ET.Element("opml", {"version": "2.0"})
    ET.SubElement(ET.SubElement(root, "head"), "title").text = printable(title)
    body = ET.SubElement(root, "body")
    headings: dict[str, ET.Element] = {"": body}
    for one in feeds:
        if one.heading not in headings:
            headings[one.heading] = _outline(body, one.heading)
        named = {"type": "rss", "xmlUrl": one.feed, "htmlUrl": one.page}
        _outline(headings[one.heading], one.name, **named)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _outline(parent: ET.Element, name: str, **named: str) -> ET.Element:
    return ET.SubElement(parent, "outline", {"text": printable(name), **{key: printable(value) for key, value in named.items()}})
