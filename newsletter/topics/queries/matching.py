"""Matches many queries against a paper at once, so that the cost grows with papers and queries, not with their product.

All terms of all queries are looked for together. Each query is filed under a few terms of which it needs one (its guard);
only queries with a guard that was found are looked at further. It knows papers and queries, and nothing of topics.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from newsletter.text.identifiers import names_of_category
from newsletter.text.tokens import Text, fold, read, tokens
from newsletter.topics.phrase_automaton import Patterns
from newsletter.topics.queries.syntax import And, Field, Not, Or, Query, Term, holds, show, terms
from newsletter.values.papers import Paper

Key = TypeVar("Key", bound=Hashable)

_TEXTS = (Field.TITLE, Field.ABSTRACT, Field.COMMENT)
_PLACES = {
    Field.TITLE: "title",
    Field.ABSTRACT: "abstract",
    Field.COMMENT: "comment",
    Field.AUTHOR: "author",
    Field.CATEGORY: "category",
}
# Terms of which field are looked for in each of the texts: a word without a field may stand in title or abstract.
_FOUND_BY = {
    Field.TITLE: (Field.TITLE, Field.ANYWHERE),
    Field.ABSTRACT: (Field.ABSTRACT, Field.ANYWHERE),
    Field.COMMENT: (Field.COMMENT,),
}
# Letters that no decomposition makes plain, and the full stops of initials.
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "Ae", ".": " "}
)
# How much a term narrows things down, roughly: thousands of queries may share a category, few an author.
_WIDTH = {Field.CATEGORY: 1000, Field.COMMENT: 5, Field.ANYWHERE: 4, Field.ABSTRACT: 3, Field.TITLE: 2, Field.AUTHOR: 1}


@dataclass(frozen=True, slots=True)
class Finding:
    """A term of a query that was found, and where: "title", "abstract", "comment", "author" or "category"."""

    term: Term
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.term.words}{'*' if self.term.beginning else ''}"


class QuerySet(Generic[Key]):
    """Queries by key, ready to be matched together. Immutable once made; safe to share between threads."""

    def __init__(self, queries: Mapping[Key, Query]) -> None:
        self._queries = dict(queries)
        self._order = {key: number for number, key in enumerate(self._queries)}
        self._texts: Patterns[Term] = Patterns()
        self._authors: Patterns[Term] = Patterns()
        self._categories: defaultdict[str, list[Term]] = defaultdict(list)
        self._beginnings: defaultdict[str, list[Term]] = defaultdict(list)
        self._guarded: defaultdict[Term, list[Key]] = defaultdict(list)
        for key, query in self._queries.items():
            for term in guard(query):
                self._guarded[term].append(key)
        every = {term: None for query in self._queries.values() for term in terms(query)}
        # What no query asks about need not be read: names of authors cost as much as an abstract.
        self._asked = frozenset(term.field for term in every)
        for term in every:
            self._add(term)

    def _add(self, term: Term) -> None:
        if term.field is Field.CATEGORY:
            table = self._beginnings if term.beginning else self._categories
            table[term.words.lower()].append(term)
        elif term.field is Field.AUTHOR:
            self._authors.add_exactly(plain_name(term.words), term, beginning=term.beginning)
        else:
            self._texts.add(term.words, term, beginning=term.beginning)

    def match(self, paper: Paper, *, texts: Mapping[Field, Text] | None = None) -> dict[Key, tuple[Finding, ...]]:
        """The queries that hold for ``paper``, each with what was found of it, title first; in the order they were given.

        ``texts`` saves reading title and abstract again where the caller has read them.
        """
        places = self._places(paper, texts or {})
        candidates = {key for term in places for key in self._guarded.get(term, ())}
        held = (key for key in candidates if holds(self._queries[key], places.__contains__))
        return {key: _findings(self._queries[key], places) for key in sorted(held, key=self._order.__getitem__)}

    def found(self, paper: Paper, key: Key) -> tuple[tuple[Term, tuple[str, ...]], ...]:
        """Each term of one query with the places it was found in (none: empty), whether the query holds or not."""
        places = self._places(paper, {})
        return tuple((term, tuple(places.get(term, ()))) for term in dict.fromkeys(terms(self._queries[key])))

    def _places(self, paper: Paper, texts: Mapping[Field, Text]) -> dict[Term, list[str]]:
        found: dict[Term, list[str]] = {}
        for term, place in self._found(paper, texts):
            places = found.setdefault(term, [])
            if place not in places:
                places.append(place)
        return found

    def _found(self, paper: Paper, texts: Mapping[Field, Text]) -> Iterator[tuple[Term, str]]:
        yield from self._in_texts(paper, texts)
        if Field.AUTHOR in self._asked:
            yield from self._in_names(paper.authors)
        for category in paper.categories:
            # cat:cs.SY and cat:cs.* find a paper of eess.SY, which is the same category.
            for term in {term for name in _names(category) for term in self._of_category(name)}:
                yield term, _PLACES[Field.CATEGORY]

    def _in_texts(self, paper: Paper, texts: Mapping[Field, Text]) -> Iterator[tuple[Term, str]]:
        written = {Field.TITLE: paper.title, Field.ABSTRACT: paper.abstract, Field.COMMENT: paper.comment}
        for field in _TEXTS if Field.COMMENT in self._asked else _TEXTS[:-1]:
            for term in {hit.value for hit in self._texts.hits(texts.get(field) or read(written[field]))}:
                if term.field in _FOUND_BY[field]:
                    yield term, _PLACES[field]

    def _in_names(self, authors: Iterable[str]) -> Iterator[tuple[Term, str]]:
        # A bracket keeps a name from running on into the next.
        for hit in self._authors.hits(read("(".join(map(plain_name, authors)))):
            yield hit.value, _PLACES[Field.AUTHOR]

    def _of_category(self, category: str) -> Iterable[Term]:
        yield from self._categories.get(category, ())
        for length in range(1, len(category) + 1):
            yield from self._beginnings.get(category[:length], ())


@lru_cache(maxsize=1024)
def _names(category: str) -> tuple[str, ...]:
    return tuple(map(str.lower, names_of_category(category)))


def plain_name(name: str) -> str:
    """Names are found with and without their accents, and whatever their case."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return fold("".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def _findings(query: Query, places: Mapping[Term, list[str]]) -> tuple[Finding, ...]:
    found = [Finding(term, place) for term in _speaking(query, places) for place in places[term]]
    order = list(_PLACES.values())
    return tuple(sorted(dict.fromkeys(found), key=lambda one: order.index(one.place)))


def _speaking(query: Query, places: Mapping[Term, list[str]], *, wanted: bool = True) -> Iterator[Term]:
    """The found terms by which ``query`` holds (or, not ``wanted``, does not): of an Or those of the parts that hold."""
    match query:
        case Term():
            if wanted:
                yield query
        case Not(part):
            yield from _speaking(part, places, wanted=not wanted)
        case And(parts) | Or(parts):
            for part in parts:
                if holds(part, places.__contains__) == wanted:
                    yield from _speaking(part, places, wanted=wanted)


def guard(query: Query) -> frozenset[Term]:
    """Terms one of which is found wherever ``query`` holds; as few and as rare as can be told from the query alone.

    Raises ValueError for a query that holds where nothing is found, which ``parse`` refuses.
    """
    found = _guard(query, wanted=True)
    if found is None:
        raise ValueError(f"no term is needed for {show(query)}")
    return found


def _guard(query: Query, *, wanted: bool) -> frozenset[Term] | None:
    """Terms one of which is found wherever ``query`` holds (or, not ``wanted``, does not); None where none need be."""
    match query:
        case Term():
            return frozenset({query}) if wanted else None
        case Not(part):
            return _guard(part, wanted=not wanted)
        case And(parts) | Or(parts):
            guards = [_guard(part, wanted=wanted) for part in parts]
            found = [one for one in guards if one is not None]
            # An And that holds, and an Or that does not, need it of all their parts: the best guard of one is enough.
            if isinstance(query, And) == wanted:
                return min(found, key=_cost, default=None)
            # Else any part will do, and each must be found by its own.
            return frozenset[Term]().union(*found) if len(found) == len(guards) else None


def _cost(guarding: frozenset[Term]) -> float:
    return sum(_WIDTH[term.field] / max(1, len("".join(tokens(term.words)))) for term in guarding)
