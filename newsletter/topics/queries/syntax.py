"""What a query is made of, and how it is written down. Reads nothing and matches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The part of a paper that a term looks into; ANYWHERE is the title or the abstract."""

    ANYWHERE = ""
    TITLE = "ti"
    ABSTRACT = "abs"
    AUTHOR = "au"
    CATEGORY = "cat"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to be found; a ``beginning`` (written with a trailing *) may go on."""

    words: str
    field: Field = Field.ANYWHERE
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where ``part`` does not."""

    part: Query


@dataclass(frozen=True, slots=True)
class And:
    """Holds where all ``parts`` (two or more, none of them an And) do."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds where at least one of ``parts`` (two or more, none of them an Or) does."""

    parts: tuple[Query, ...]


Query = Term | Not | And | Or

OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})
# Characters that end a word outside of quotes, or mean something within it.
SPECIAL = frozenset('()"“”„:*')


def both(*parts: Query) -> Query:
    """All of ``parts``, one level deep; a single part is itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def either(*parts: Query) -> Query:
    """One of ``parts`` or more, one level deep; a single part is itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def show(query: Query) -> str:
    """``query`` as text that reads back as the same query."""
    match query:
        case Term():
            return _term(query)
        case Not(part):
            return f"NOT {_bracketed(part)}"
        case And(parts):
            return " AND ".join(_bracketed(part) for part in parts)
        case Or(parts):
            return " OR ".join(show(part) for part in parts)


def _bracketed(query: Query) -> str:
    return f"({show(query)})" if isinstance(query, And | Or) else show(query)


def _term(term: Term) -> str:
    plain = term.words not in OPERATORS and not any(sign.isspace() or sign in SPECIAL for sign in term.words)
    words = term.words + ("*" if term.beginning else "")
    return (f"{term.field}:" if term.field else "") + (words if plain else f'"{words}"')


def terms(query: Query) -> Iterator[Term]:
    """Every term of ``query``, also those under NOT, from left to right."""
    match query:
        case Term():
            yield query
        case Not(part):
            yield from terms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms(part)


def holds(query: Query, found: Callable[[Term], bool]) -> bool:
    """Whether ``query`` is true of a paper in which ``found`` tells each term to be."""
    match query:
        case Term():
            return found(query)
        case Not(part):
            return not holds(part, found)
        case And(parts):
            return all(holds(part, found) for part in parts)
        case Or(parts):
            return any(holds(part, found) for part in parts)
