"""Which Arabic texts of a page or mail a browser would lay out from left to right."""

from __future__ import annotations

import unicodedata

from lxml import html as lxml_html

RTL = ("R", "AL")


def read_from_the_left(page: str) -> list[str]:
    """The texts with Arabic in them that a browser would lay out from left to right: under `dir="ltr"`, or auto and Latin first."""
    root = lxml_html.document_fromstring(page)
    wrong = []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("head", "title", "style", "script", "option", "select"):
            continue
        text = "".join(element.itertext()).strip()
        own = "".join([element.text or "", *(child.tail or "" for child in element)])
        if any(unicodedata.bidirectional(sign) in RTL for sign in own) and _direction(element, text) == "ltr":
            wrong.append(text)
    return wrong


def _direction(element: lxml_html.HtmlElement, text: str) -> str:
    for one in (element, *element.iterancestors()):
        told = one.get("dir") or ("auto" if one.tag == "bdi" else "")
        if told in ("ltr", "rtl"):
            return str(told)
        if told == "auto":
            strong = [unicodedata.bidirectional(sign) for sign in "".join(one.itertext())]
            first = next((kind for kind in strong if kind in ("L", *RTL)), "L")
            return "rtl" if first in RTL else "ltr"
    return "ltr"
