"""Finds topics and categories by what somebody types into a search field: part of a name in any language, or a slug. Pure.

What people call a field stands in ``other_names.tsv`` where its name does not say it: abbreviations, older and narrower words, a
line a slug. Words are found as they are, else without their endings, else as the ones that they are a slip of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from newsletter.text.identifiers import ALIASES
from newsletter.text.slips import nearest_words
from newsletter.topics.categories import category_topics, slug_of
from newsletter.values.topics import Topic

OTHER_NAMES = Path(__file__).with_name("other_names.tsv")
MOST = 24
# Nobody types more to find a topic.
LONGEST = 100
# Of words of the alphabet so many letters only begin a word: within one they say nothing ("it" in "detection").
SHORT = 3
# Of fewer letters too many words are alike to tell which one is a slip of which.
FEWEST_LETTERS = 5
_BETWEEN = re.compile(r"[-‐‑–_./:*()（）'’\"·・،\s]+")
_SEVERAL = re.compile(r"[,;，；、|]+|\s(?:and|or|und|&)\s", re.IGNORECASE)
_ENDING = re.compile(r"(?:ies|es|s|y|ie|al|ic|ics)$")
# Arabic's article, which names have and searches leave out, or the other way round.
_ARTICLE = re.compile(r"(?<!\S)(?:وال|ال)(?=\S{3})")
# Japanese and Arabic lengthen by it, or leave it out.
LENGTHENING = "ーـ"


def found(text: str, topics: Mapping[str, Topic]) -> list[Topic]:
    """Those of ``topics`` (by slug) that have all words of ``text`` in their names, the closest first, `MOST` at most.

    An archive named by its slug brings all of its categories. Of several names with commas between them each is looked for where
    together they are none. Nothing for a text without a letter or digit.
    """
    text = text[:LONGEST]
    whole = _found(text, topics)
    if whole or len(parts := [part for part in _SEVERAL.split(text) if part.strip()]) < 2:
        return whole
    each = [_found(part, topics)[: MOST // len(parts)] for part in parts]
    return list({topic.slug: topic for some in each for topic in some}.values()) if all(each) else []


def _found(text: str, topics: Mapping[str, Topic]) -> list[Topic]:
    wanted = _plain(text)
    if not any(map(str.isalnum, wanted)):
        return []
    exact = _named_by(text, topics)
    # Where a category is named nobody means another one.
    if any("." in slug for slug in list(exact)[:1]):
        return list(exact.values())
    others = [topic for topic in _fitting(wanted, topics.values(), slips=not exact) if topic.slug not in exact]
    return [*exact.values(), *others[: max(0, MOST - len(exact))]]


def _named_by(text: str, topics: Mapping[str, Topic]) -> dict[str, Topic]:
    """The topic or category whose slug ``text`` is, as people write slugs, with those of an archive, by slug; none for others."""
    slugs = (slug_of(text), text.strip().casefold(), _run_together().get(_joined(text), ""))
    named = next((topics[slug] for slug in slugs if slug in topics), None)
    return {named.slug: named} | {slug: one for slug, one in topics.items() if one.parent == named.slug} if named else {}


def _fitting(wanted: str, topics: Iterable[Topic], *, slips: bool) -> list[Topic]:
    named = [(topic, _names(topic.slug, tuple(topic.names.values()))) for topic in topics]
    words = wanted.split()
    found = _with(words, named) or _with(list(map(_without_ending, words)), named)
    if not found and slips:
        vocabulary = _vocabulary(tuple(name for _, name in named))
        found = _with([_meant(word, vocabulary) for word in words], named)
    return sorted(found, key=lambda topic: _distance(_names(topic.slug, tuple(topic.names.values())), wanted))


def _with(words: Sequence[str], named: Iterable[tuple[Topic, str]]) -> list[Topic]:
    """The topics whose names have all words; none where one of them is nothing."""
    return [topic for topic, name in named if all(_has(name, word) for word in words)] if all(words) else []


def _has(name: str, word: str) -> bool:
    """Whether the names, a line each, have the word: a short one of the alphabet at the start of a word only."""
    if len(word) > SHORT or not word.isascii():
        return word in name
    return f" {word}" in name or f"\n{word}" in name


def _distance(name: str, wanted: str) -> int:
    """How far the names of a topic, a line each, are from what is wanted: one of them, or the end of its slug (the first);
    the start of one, of a word in one, elsewhere.
    """
    slug = name[1:].partition("\n")[0]
    if f"\n{wanted}\n" in name or slug.endswith(f" {wanted}"):
        return 0
    return 1 if f"\n{wanted}" in name else 2 if f" {wanted}" in name else 3


def _without_ending(word: str) -> str:
    bare = _ENDING.sub("", word)
    return bare if word.isascii() and len(bare) >= SHORT else word


def _meant(word: str, vocabulary: Sequence[str]) -> str:
    """The word of the names that ``word`` is a slip of; "" for none."""
    if any(_has(f" {known}", word) for known in vocabulary):
        return word
    if len(word) < FEWEST_LETTERS:
        return ""
    return next((known for known, _ in nearest_words(word, vocabulary)), "")


@lru_cache(maxsize=8)
def _vocabulary(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({word for name in names for word in name.split()}))


@lru_cache(maxsize=1024)
def _names(slug: str, names: tuple[str, ...]) -> str:
    others = (alias for alias, canonical in ALIASES.items() if canonical == slug)
    return "\n" + "\n".join(map(_plain, (slug, *others, *names, *_other_names().get(slug, ())))) + "\n"


@lru_cache(maxsize=1)
def _other_names() -> Mapping[str, tuple[str, ...]]:
    lines = (line.split("\t") for line in OTHER_NAMES.read_text("utf-8").splitlines())
    return {slug: tuple(names.split("; ")) for slug, names in lines}


@lru_cache(maxsize=1)
def _run_together() -> Mapping[str, str]:
    """Categories by their names as people also write them: ``hepth``, ``cscv``."""
    return {_joined(slug): slug for slug in category_topics()}


def _joined(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _plain(text: str) -> str:
    """``text`` as it is compared: without case, accents, vowel signs, lengths, hyphens, Arabic's article."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign) and sign not in LENGTHENING).casefold()
    return _ARTICLE.sub("", " ".join(_BETWEEN.sub(" ", bare).split()))
