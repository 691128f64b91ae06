"""Reads HTML that came in a title or abstract as text: no tag and no entity of it is ever shown literally. Pure.

Only names of real elements count as tags: "<s>" of a tokenizer, "a<b" and formulas stay as they are.
"""

from __future__ import annotations

import html
import re

# Elements that begin on a line of their own, and those within words: https://html.spec.whatwg.org/#elements-3
_BLOCKS = (
    "p|br|hr|div|section|article|blockquote|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|h[1-6]|details|summary|figure"
    "|figcaption|center|jats:(?:p|title|sec|list|list-item)"
)
_INLINE = (
    "a|abbr|b|big|bdi|cite|code|em|font|i|img|kbd|mark|q|small|span|strong|tt|u|var|jats:(?:bold|italic|sc|underline|ext-link)"
)
# One sign of white space and then anything: a run of it could be cut in as many ways as it has signs.
_ATTRIBUTES = r"(?:\s[^<>$]*|/)?"
_NOT_SHOWN = re.compile(r"<!\[CDATA\[|\]\]>")
_RAISED = re.compile(r"<(?:jats:)?(sup|sub)>([^<>]{1,40})</(?:jats:)?\1>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
# An inline tag counts only where it is closed, or closes one: models have tokens that look like the first half.
_PAIR = re.compile(rf"<({_INLINE})(?:\s[^<>$]*)?>([^<>]*)</\1\s*>", re.IGNORECASE)
_ALONE = re.compile(rf"<(?:img|a|span|font)\s[^<>$]*>|</(?:{_INLINE})\s*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_ABOVE = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_DEPTH = 6


def without_html(text: str) -> str:
    """``text`` as HTML shows it, on as many lines; as it was where it holds neither tag nor entity."""
    if "<" in text:
        text = _without_tags(text)
    if "&" in text and _ENTITY.search(text):
        text = _ENTITY.sub(lambda found: _shown(found.group()), text)
        # What was escaped twice on its way: a paragraph is never meant to be read as one.
        if "<" in text:
            text = _without_tags(text)
    return text


def _without_tags(text: str) -> str:
    text = _BLOCK.sub(" ", _RAISED.sub(_raised, _NOT_SHOWN.sub(" ", _without_comments(text))))
    for _ in range(_DEPTH):
        plain = _PAIR.sub(r"\2", text)
        if plain == text:
            break
        text = _BLOCK.sub(" ", _RAISED.sub(_raised, plain))
    return _ALONE.sub("", text)


def _without_comments(text: str) -> str:
    """``text`` with a space for each comment. One that is not closed is none, and looked for once: no pattern knows that."""
    pieces, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        pieces.append(text[at:begin])
        at = end + 3
    return " ".join([*pieces, text[at:]])


def _raised(found: re.Match[str]) -> str:
    """A raised number as its own signs, since "10-3" is another number; of all else the words, which read well on the line."""
    words = found[2].strip()
    raised = words.translate(_ABOVE)
    return raised if found[1].lower() == "sup" and not set(words) & set(raised) else words


def _shown(entity: str) -> str:
    shown = html.unescape(entity)
    return " " if shown == "\xa0" else shown
