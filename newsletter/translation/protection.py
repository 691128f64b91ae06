"""Puts placeholders in the place of what no engine may touch, and the parts back afterwards, each once, byte for byte.

Terms of a glossary come back as their renderings. Restoring forgives what engines do to a placeholder (spaces in it, full-width
braces, other digits, another case), never a lost or doubled one, nor one that wandered into another sentence. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from newsletter.text.sentences import same_places, sentences
from newsletter.translation.glossary import EMPTY, Glossary
from newsletter.translation.protected_spans import marked


class Form(StrEnum):
    """How a placeholder looks; which form survives depends on the engine."""

    CODE = "code"
    TAG = "tag"
    BRACES = "braces"


_WRITTEN = {Form.CODE: "ZQ{}Q", Form.TAG: "<x{}/>", Form.BRACES: "{{{{{}}}}}"}
_READ = {
    Form.CODE: re.compile(r"ZQ\s?(\d+)\s?Q", re.IGNORECASE),
    Form.TAG: re.compile(r"[<＜]\s?x\s?(\d+)\s?[/／]\s?[>＞]", re.IGNORECASE),
    Form.BRACES: re.compile(r"[{｛]\s?[{｛]\s?(\d+)\s?[}｝]\s?[}｝]"),
}
# What is left of a broken placeholder, and what in a source could be taken for one.
DEBRIS = re.compile(
    r"ZQ\s?\d+|(?<!\d)\d{1,5}\s?Q(?=\s?ZQ)|[<＜]\s?/?\s?x\s?\d+\s?[/／>＞]|[{｛]\s?[{｛]\s?\d+|[{｛]\s?\d+\s?[}｝]\s?[}｝]",
    re.IGNORECASE,
)
_READABLE = re.compile("|".join(pattern.pattern.replace("(", "(?:") for pattern in _READ.values()) + "|" + DEBRIS.pattern, re.I)
_PLACEHOLDERS = re.compile("|".join(pattern.pattern for pattern in _READ.values()), re.IGNORECASE)


# A rendering needs no space to a Han or Kana letter or full-width sign beside it; engines often leave that of the placeholder.
_SPACELESS = re.compile(r"[\u3001-\u3011\u3040-\u30ff\u3400-\u9fff\uff01-\uff1f]")


class PlaceholdersLost(ValueError):
    """A placeholder did not come back exactly once and in its sentence; the text says how many were lost, doubled or moved."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A text with placeholders; ``parts[n]`` belongs in the place of placeholder n.

    Where it has no words, nothing needs translating and ``restore(protected.text, protected)`` is the translation. Parts that
    touch a word before or after them (``research\\footnote{...}``) have a space there in ``text``, which ``restore`` takes away.
    """

    text: str
    parts: tuple[str, ...]
    form: Form
    rendered: frozenset[int] = frozenset()
    touching_before: frozenset[int] = frozenset()
    touching_after: frozenset[int] = frozenset()

    @property
    def has_words(self) -> bool:
        """False where nothing but placeholders, digits and punctuation is left, so that there is nothing to translate."""
        return bool(re.search(r"[^\W\d_]", _PLACEHOLDERS.sub("", self.text)))


def protect(text: str, form: Form, glossary: Glossary = EMPTY) -> Protected:
    """``text`` with a placeholder for every part that an engine must leave alone and every term whose rendering is to be put.

    ``restore`` is the way back, without a glossary for any text.
    """
    written: list[str] = []
    parts: list[str] = []
    rendered: set[int] = set()
    before: set[int] = set()
    after: set[int] = set()
    at = 0
    for start, end, term in marked(text, glossary, [match.span() for match in _READABLE.finditer(text)]):
        part = term.rendered(text[start:end]) if term else text[start:end]
        if part != text[start:end]:
            rendered.add(len(parts))
        written += [text[at:start], _WRITTEN[form].format(len(parts))]
        if text[max(at, start - 1) : start].isalnum():
            before.add(len(parts))
            written.insert(-1, " ")
        if text[end : end + 1].isalnum():
            after.add(len(parts))
            written.append(" ")
        parts.append(part)
        at = end
    return Protected("".join(written) + text[at:], tuple(parts), form, *map(frozenset, (rendered, before, after)))


def without(text: str) -> str:
    """``text`` without placeholders of any form."""
    return _PLACEHOLDERS.sub(" ", text)


def form_of(result: str, source: str) -> Form | None:
    """The form of the placeholders in ``result`` that ``source`` has none of; None where there are none."""
    return next((form for form in Form if _READ[form].search(result) and not _READ[form].search(source)), None)


def restore(result: str, protected: Protected) -> str:
    """``result`` with the parts in the place of their placeholders.

    Raises PlaceholdersLost where one is missing, doubled, or in another sentence than it was.
    """
    pattern = _READ[protected.form]
    seen = [int(match.group(1)) for match in pattern.finditer(result)]
    if sorted(seen) != list(range(len(protected.parts))):
        missing = len(set(range(len(protected.parts))) - set(seen))
        raise PlaceholdersLost(f"{missing} placeholders lost, {len(seen) - len(set(seen))} doubled")
    if not same_places(_by_sentence(protected.text, pattern), _by_sentence(result, pattern)):
        raise PlaceholdersLost("placeholders wandered into another sentence")
    return _filled(result, protected, pattern)


def restore_some(result: str, protected: Protected) -> str:
    """``result``, which says less than the text did, with the parts in the place of those placeholders that it has.

    Raises PlaceholdersLost where one was never in the text.
    """
    pattern = _READ[protected.form]
    if any(int(match.group(1)) >= len(protected.parts) for match in pattern.finditer(result)):
        raise PlaceholdersLost("a placeholder that was never there")
    return _filled(result, protected, pattern)


def _by_sentence(text: str, pattern: re.Pattern[str]) -> list[Counter[str]]:
    return [Counter(str(int(number)) for number in pattern.findall(sentence)) for sentence in sentences(text)]


def _filled(result: str, protected: Protected, pattern: re.Pattern[str]) -> str:
    text, at = "", 0
    for match in pattern.finditer(result):
        number = int(match.group(1))
        before, after = result[at : match.start()], result[match.end() : match.end() + 2]
        text += before.removesuffix(" ") if _drops_space_before(text[-1:] + before, number, protected) else before
        text += protected.parts[number]
        at = match.end() + (after[:1] == " " and _drops_space_after(after, number, protected))
    return text + result[at:]


def _drops_space_before(before: str, number: int, protected: Protected) -> bool:
    """True where the space that ends ``before`` is none of the text's: of a part that touches a word, or between Han letters."""
    if number in protected.touching_before:
        return True
    return number in protected.rendered and bool(_SPACELESS.match(before[-2:]) and _SPACELESS.match(protected.parts[number]))


def _drops_space_after(after: str, number: int, protected: Protected) -> bool:
    """As ``_drops_space_before``, of the space that begins ``after``."""
    if number in protected.touching_after:
        return True
    return number in protected.rendered and bool(_SPACELESS.match(protected.parts[number][-1]) and _SPACELESS.match(after[1:2]))
