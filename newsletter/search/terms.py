"""How texts are cut into terms for the index, and what people write into queries of it. Pure.

Databases cut words at spaces, which Chinese and Japanese do not use, and PostgreSQL drops letters that its locale does not know.
So texts are cut here, the same for both databases: a run of Han, Kana or Hangul becomes its pairs of letters, and every term is
written in ASCII. Words are folded in case, accents and the plural; Arabic loses its article.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from newsletter.text.scripts import DENSE
from newsletter.text.tokens import has_sign, singular

_RUN = re.compile(rf"(?P<dense>[{DENSE}]+)|(?P<word>(?:(?![{DENSE}])[^\W_])+)")
_ASCII_WORD, _ASCII_OR_NOT = re.compile("[a-z0-9]+"), re.compile(r"(?P<ascii>[\x00-\x7f]+)|.", re.DOTALL)
_PART = re.compile(r'"([^"]*)"?|(\S+)')
_CAPITAL = re.compile("[A-Z]")
_ARTICLE = "\u0627\u0644"
# Between title and abstract, so that no phrase reaches over both.
BREAK = "0"
# Limits of a query: what is longer is cut.
LONGEST, MOST_PARTS = 300, 12
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand side by side; of the last one only the beginning is given where ``beginning``.

    ``literal`` are the words as written, in small letters, where a sign belongs to them that the index does not have: C++.
    ``letter`` is a capital that was asked for by itself: the name R, which is not that of R-CNN.
    """

    terms: tuple[str, ...]
    beginning: bool = False
    literal: str = field(default="", compare=False)
    letter: str = field(default="", compare=False)


def indexed(*texts: str) -> str:
    """The terms of ``texts``, each in ASCII, with spaces between them."""
    return f" {BREAK} ".join(" ".join(_terms(text)) for text in texts)


def asked(query: str) -> tuple[Phrase, ...]:
    """The phrases that a query asks for, all of which must be found: what stands in quotes, and each word by itself."""
    found: list[Phrase] = []
    for part in _PART.finditer(query[:LONGEST]):
        phrase = _phrase(part.group(1) if part.group(1) is not None else part.group(2))
        if phrase.terms and phrase not in found:
            found.append(phrase)
    return tuple(found[:MOST_PARTS])


def in_title(phrases: Sequence[Phrase], words: str) -> int:
    """How many of ``phrases`` stand in the title of an indexed text, of which ``words`` is the beginning."""
    title = f" {words.partition(f' {BREAK} ')[0]} "
    return sum(f" {' '.join(one.terms)}{'' if one.beginning else ' '}" in title for one in phrases)


def placed_terms(text: str) -> tuple[list[str], list[int], list[int]]:
    """The terms of ``text`` as they stand in the index, and where each begins and ends in the text."""
    if text.isascii():
        runs = list(_ASCII_WORD.finditer(text.lower()))
        return [_term_of(run[0]) for run in runs], [run.start() for run in runs], [run.end() for run in runs]
    plain, places = _plain_with_places(text)
    terms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for run in _RUN.finditer(plain):
        word, start, end = run.group(), run.start(), run.end()
        if run["dense"]:
            terms += [_written(word[at : at + 2]) for at in range(len(word))]
            starts += [places[at] for at in range(start, end)]
            ends += [places[min(at + 2, end) - 1] + 1 for at in range(start, end)]
        else:
            terms.append(_term_of(word))
            starts.append(places[start])
            ends.append(places[end - 1] + 1)
    return terms, starts, ends


def _plain_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The text as `_plain` gives it, sign by sign, and for each sign of that its place in ``text``: one may become several."""
    pieces: list[str] = []
    places: list[int] = []
    for run in _ASCII_OR_NOT.finditer(text):
        if run["ascii"]:
            pieces.append(run[0].lower())
            places += range(run.start(), run.end())
        else:
            plain = _plain_sign(run[0])
            pieces.append(plain)
            places += [run.start()] * len(plain)
    return "".join(pieces), places


def _phrase(text: str) -> Phrase:
    runs = list(_runs(text))
    terms: list[str] = []
    for place, (run, dense) in enumerate(runs, start=1):
        # The index has the last letter of a run by itself too, and what follows stands after that.
        pairs = len(run) if place < len(runs) or len(run) == 1 else len(run) - 1
        terms += [_written(run[at : at + 2]) for at in range(pairs)] if dense else [_written(run)]
    begins = bool(runs) and runs[-1][1] and len(runs[-1][0]) == 1
    literal = text.strip().casefold() if has_sign(text) else ""
    return Phrase(tuple(terms), beginning=begins, literal=literal, letter=text if _CAPITAL.fullmatch(text) else "")


def _terms(text: str) -> Iterator[str]:
    for run, dense in _runs(text):
        # The pair that begins with the last letter is that letter alone, so that each letter begins a term.
        yield from (_written(run[at : at + 2]) for at in range(len(run))) if dense else [_written(run)]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for run in _RUN.finditer(_plain(text)):
        yield (run["dense"], True) if run["dense"] else (_folded(run["word"]), False)


def _plain(text: str) -> str:
    """``text`` without case, accents and the Arabic stroke that only stretches a word."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = unicodedata.normalize("NFC", "".join(sign for sign in plain if unicodedata.category(sign) != "Mn"))
    return plain.replace("\u0640", "")


# Most texts are made of few different characters.
_plain_sign = lru_cache(maxsize=8192)(_plain)


def _folded(word: str) -> str:
    if word.startswith(_ARTICLE) and len(word) > 4:
        return word[2:]
    return singular(word) if word.isascii() else word


@lru_cache(maxsize=65536)  # a page of papers says the same words over and over
def _term_of(word: str) -> str:
    return _written(_folded(word))


@lru_cache(maxsize=65536)  # the pairs of letters of a language come again and again
def _written(term: str) -> str:
    """A term in letters that every database takes for one word: other letters by their numbers."""
    if term.isascii():
        return f"w{term[:LONGEST_WORD]}"
    return "w" + "".join(sign if sign.isascii() else f"x{ord(sign):x}" for sign in term[:LONGEST_WORD])
