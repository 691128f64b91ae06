"""What a published translation must hold, found by rules of its own: it shares no code and no pattern with the product.

It knows less than the product (only plain formulas, links, decimals and obvious names), and what it knows it demands byte for byte,
as often as in the source and in the same order. The fake engines translate word by word, so an order that changed is a fault.
"""

from __future__ import annotations

import re

LINK = re.compile(r"https?://\S+")
ROUND = re.compile(r"\\\(.*?\\\)")
DECIMAL = re.compile(r"\d+\.\d+")
NAME = re.compile(r"[A-Za-z]*[A-Z][A-Za-z]*-?\d+[A-Za-z]*|[A-Z][a-z]+[A-Z]\w*|[A-Z][A-Za-z]*[A-Z][A-Za-z]*-[A-Z]{2,}")
ERRORS = ("Error 500", "That’s an error", "DOCTYPE", "try again later", "go away", "Too many requests")
DEBRIS = re.compile(r"ZQ\d|\{\{\d|<x\d|[｛｝＼＄]")


def parts(text: str) -> list[str]:
    """The formulas, links, decimals and names of ``text``, each once, the longest first."""
    found = set(ROUND.findall(text)) | set(formulas(text)) | set(DECIMAL.findall(text)) | set(NAME.findall(text))
    found |= {link.rstrip(".,;:!?)]}'\"") for link in LINK.findall(text)}
    return sorted(found, key=lambda part: (-len(part), part))


def formulas(text: str) -> list[str]:
    """What stands between dollars, where they come in pairs and none of them is money."""
    if "$$" in text or "\\$" in text:
        return []
    pieces = text.split("$")
    inside = pieces[1::2]
    if len(pieces) % 2 == 0 or any(piece != piece.strip() for piece in inside):
        return []
    return [f"${piece}$" for piece in inside]


def violations(source: str, result: str) -> list[str]:
    """What is wrong with ``result`` as a published translation of ``source``; empty where nothing is."""
    wrong = [f"error text: {text}" for text in ERRORS if text in result and text not in source]
    if len(DEBRIS.findall(result)) > len(DEBRIS.findall(source)):
        wrong.append("debris")
    wanted = parts(source)
    wrong += [
        f"{source.count(part)} x {part!r}, not {result.count(part)}"
        for part in wanted
        if source.count(part) != result.count(part)
    ]
    if wanted and not wrong:
        any_part = re.compile("|".join(map(re.escape, wanted)))
        if any_part.findall(source) != any_part.findall(result):
            wrong.append("another order")
    return wrong
