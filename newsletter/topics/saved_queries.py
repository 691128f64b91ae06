"""A subscriber's saved queries: what they may ask for, follow and keep out, beside the topics of the catalogue. Pure.

Whatever a subscriber writes becomes a query (`queries`): a followed author is ``au:"Ada Lovelace"``, words to keep out are what
their query finds. So equal wishes of many people are one query, and it is matched once a paper.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import Lock

from newsletter.errors import InputError
from newsletter.i18n import _l
from newsletter.text.tokens import tokens
from newsletter.topics.queries.faults import fault
from newsletter.topics.queries.matching import QuerySet, plain_name
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import OPERATORS, SPECIAL, And, Field, Not, Or, Query, Term, show, terms
from newsletter.topics.scoring import queried
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import Kind, SavedQuery, slug_of
from newsletter.values.topics import Match

LONGEST = 300
LONGEST_NAME = 100
MOST_TERMS = 30
# So many words that somebody looks for are one expression; of more the small ones, such as "for", are left out.
PHRASE = 3
_UNSEEN = frozenset({"Cf", "Co", "Cs", "Cn"})


def read_line(kind: Kind, line: str) -> SavedQuery:
    """The saved query that one line of a form says.

    An author is a name, as on the paper or surname first with a comma; words to keep out that hold no operator, field or
    quotes are one phrase; a query is one. Raises InputError with the place of the fault, or the limit (300 characters, 30 terms).
    """
    # Marks of direction and other signs that nobody sees would turn the heading that the query becomes.
    line = " ".join("".join(sign for sign in line if unicodedata.category(sign) not in _UNSEEN).split())
    if len(line) > LONGEST:
        raise fault(line, LONGEST, _l("a query has at most %(most)s characters: make two of it"), most=LONGEST)
    query = _query(kind, line)
    if sum(1 for _ in terms(query)) > MOST_TERMS:
        raise fault(line, 0, _l("a query has at most %(most)s words and phrases: make two of it"), most=MOST_TERMS)
    return SavedQuery(kind, show(query))


def searched(text: str) -> SavedQuery | None:
    """What somebody typed into a field of search, as a query: as it stands where it is one, else its words together; a few as a
    phrase, more of them in any order. None for what can be neither.
    """
    words = text.split()
    telling = [word for word in words if len(word) > PHRASE or not word.islower()]
    plain = f'"{" ".join(words)}"' if len(words) <= PHRASE else " AND ".join(telling)
    for line in (text, plain):
        try:
            return read_line(Kind.QUERY, line)
        except InputError:
            continue
    return None


def author_called(name: str) -> SavedQuery | None:
    """What follows the author ``name``; None where that can be nobody's name."""
    try:
        return read_line(Kind.AUTHOR, name)
    except InputError:
        return None


def _query(kind: Kind, line: str) -> Query:
    if kind is Kind.AUTHOR:
        return _author(line)
    return Term(line) if kind is Kind.EXCLUDE and _is_plain(line) else parse(line)


def _author(name: str) -> Query:
    surname, comma, given = name.partition(",")
    # A second comma would turn the name round once more when it is read again.
    words = f"{given.replace(',', ' ')} {surname}".strip() if comma else name
    if not any(sign.isalpha() for sign in words) or any(sign in SPECIAL for sign in words) or len(words) > LONGEST_NAME:
        raise fault(name, 0, _l("write an author's name as it stands on papers, such as Ada Lovelace"))
    return Term(" ".join(words.split()), Field.AUTHOR)


def _is_plain(line: str) -> bool:
    return not any(sign in SPECIAL for sign in line) and not OPERATORS & set(line.split()) and bool(tokens(line))


def written(saved: SavedQuery) -> str:
    """``saved`` as its subscriber would write it; reads back as the same."""
    query = parse(saved.text)
    if saved.kind is Kind.AUTHOR and isinstance(query, Term):
        return query.words
    return query.words if saved.kind is Kind.EXCLUDE and query == Term(saved.text.strip('"')) else saved.text


def is_named(author: str, name: str) -> bool:
    """Whether ``author``, as on a paper, has ``name`` in it: with or without accents, whatever the case."""
    whole, part = (f" {' '.join(tokens(plain_name(words)))} " for words in (author, name))
    return bool(part.strip()) and part in whole


@lru_cache(maxsize=4096)
def followed_author(text: str) -> str:
    """The author that the query ``text`` follows; empty where it is about more than one author's name."""
    try:
        query = parse(text)
    except InputError:
        return ""
    return query.words if isinstance(query, Term) and query.field is Field.AUTHOR and not query.beginning else ""


def categories_in(text: str) -> frozenset[str]:
    """The arXiv categories that the query ``text`` asks papers of; those that it only shuts out are left out."""
    try:
        query = parse(text)
    except InputError:
        return frozenset()
    return frozenset(term.words for term in _asked_for(query) if term.field is Field.CATEGORY and not term.beginning)


def _asked_for(query: Query, *, wanted: bool = True) -> Iterator[Term]:
    match query:
        case Term():
            if wanted:
                yield query
        case Not(part):
            yield from _asked_for(part, wanted=not wanted)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _asked_for(part, wanted=wanted)


class SavedQueries:
    """Many saved queries by id, ready to be matched together. Immutable once made; safe to share between threads."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.ids = frozenset(texts)
        self._queries = QuerySet({query_id: parse(text) for query_id, text in texts.items()})

    def match(self, paper: Paper) -> tuple[Match, ...]:
        """A match for each query that holds for ``paper``; its reason names what was found, title first."""
        if not self.ids:
            return ()
        found = self._queries.match(paper)
        pieces = ((query_id, queried(findings)) for query_id, findings in found.items() if findings)
        return tuple(Match(paper.ref, slug_of(query_id), piece.points, piece.words) for query_id, (piece, *_) in pieces)


class Prepared:
    """Keeps the sets of queries that were used last, because preparing thousands takes longer than matching one paper."""

    _KEPT = 4

    def __init__(self) -> None:
        self._lock = Lock()
        self._sets: list[SavedQueries] = []

    def of(self, texts: Mapping[int, str]) -> SavedQueries:
        """The set of ``texts``, by id. A query never changes under its id."""
        with self._lock:
            known = next((one for one in self._sets if one.ids == texts.keys()), None)
            made = known or SavedQueries(texts)
            self._sets = [made, *(one for one in self._sets if one is not made)][: self._KEPT]
            return made


def found_by(queries: Sequence[SavedQuery], papers: Iterable[Paper]) -> list[list[Paper]]:
    """Of each of ``queries`` the ``papers`` that it holds for, in their order."""
    together = QuerySet({place: parse(own.text) for place, own in enumerate(queries)})
    found: list[list[Paper]] = [[] for _ in queries]
    for paper in papers:
        for place in together.match(paper):
            found[place].append(paper)
    return found
