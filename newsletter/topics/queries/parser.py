"""Reads the text of a query. A wrong one is refused with the place of the fault; nothing is guessed.

    query = some { OR some }        some = one { AND one | ANDNOT one }
    one   = NOT one | [field:] words | [field:] ( query )

AND binds closer than OR. Limits keep a query from costing more than its share: see the constants.
"""

from __future__ import annotations

import re

from newsletter.i18n import _l
from newsletter.text.tokens import tokens
from newsletter.topics.queries.faults import fault
from newsletter.topics.queries.lexer import ALIASES, FIELDS, QUOTES, Sign, Sort, cut, unknown_field
from newsletter.topics.queries.syntax import Field, Not, Query, Term, both, either, holds
from newsletter.values.papers import POSTING_SERVERS

LONGEST = 2000
MOST_TERMS = 100
DEEPEST = 20
# "a*" would bring nearly every paper.
SHORTEST_BEGINNING = 3
_SERVER = "|".join(POSTING_SERVERS)
_CATEGORY = re.compile(rf"(?:[a-z]+(-[a-z]+)*(\.[a-z-]*)?|(?:{_SERVER}):[a-z-]*)\Z", re.IGNORECASE)


def parse(text: str) -> Query:
    """The query that ``text`` says.

    Raises InputError with column and caret; also for a query that would bring all papers but some (only NOT), and for one
    over the limits (2,000 characters, 100 terms, 20 brackets deep).
    """
    if len(text) > LONGEST:
        raise fault(text, LONGEST, _l("a query has at most %(most)s characters: make two of it"), most=LONGEST)
    reader = _Reader(text)
    query = reader.alternatives(Field.ANYWHERE, depth=0)
    reader.expect_end()
    if holds(query, lambda _: False):
        raise fault(text, reader.first_not(), _l("this brings all papers but some: say with AND which papers you want"))
    return query


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._signs = cut(text)
        self._at = 0
        self._terms = 0

    @property
    def _sign(self) -> Sign:
        return self._signs[self._at]

    def _take(self) -> Sign:
        sign = self._sign
        self._at += 1
        return sign

    def _is(self, *operators: str) -> bool:
        return self._sign.sort is Sort.OPERATOR and self._sign.text in operators

    def alternatives(self, field: Field, *, depth: int) -> Query:
        parts = [self._conjunction(field, depth=depth)]
        while self._is("OR"):
            self._take()
            parts.append(self._conjunction(field, depth=depth))
        return either(*parts)

    def _conjunction(self, field: Field, *, depth: int) -> Query:
        parts = [self._one(field, depth=depth)]
        while self._is("AND", "ANDNOT"):
            without = self._take().text == "ANDNOT"
            part = self._one(field, depth=depth)
            parts.append(Not(part) if without else part)
        if self._is("NOT"):
            raise fault(self._text, self._sign.place, _l("put AND before NOT"))
        if self._sign.sort in {Sort.WORDS, Sort.FIELD, Sort.OPEN}:
            why = _l("two terms stand side by side: put AND or OR between them, or one pair of quotes around a phrase")
            raise fault(self._text, self._sign.place, why)
        return both(*parts)

    def _one(self, field: Field, *, depth: int) -> Query:
        if depth > DEEPEST:
            why = _l("brackets and NOT go at most %(most)s deep: write it flatter")
            raise fault(self._text, self._sign.place, why, most=DEEPEST)
        sign = self._take()
        match sign.sort:
            case Sort.OPERATOR if sign.text == "NOT":
                return Not(self._one(field, depth=depth + 1))
            case Sort.FIELD:
                return self._in_field(sign, field, depth=depth)
            case Sort.OPEN:
                return self._in_brackets(sign, field, depth=depth)
            case Sort.WORDS:
                return self._term(sign, field)
        raise self._missing(sign)

    def _in_field(self, sign: Sign, outer: Field, *, depth: int) -> Query:
        if outer:
            why = _l("%(inner)s: stands within %(outer)s:( ), and a term has one field: take one out")
            raise fault(self._text, sign.place, why, inner=sign.text, outer=outer)
        if self._sign.sort not in {Sort.WORDS, Sort.OPEN}:
            why = _l("%(field)s: needs a word, a phrase in quotes or brackets after it")
            raise fault(self._text, self._sign.place, why, field=sign.text)
        return self._one((FIELDS | ALIASES)[sign.text], depth=depth)

    def _in_brackets(self, sign: Sign, field: Field, *, depth: int) -> Query:
        inner = self.alternatives(field, depth=depth + 1)
        if self._sign.sort is not Sort.CLOSE:
            raise fault(self._text, sign.place, _l("this bracket is never closed: put ) where its part ends"))
        self._take()
        return inner

    def _term(self, sign: Sign, field: Field) -> Term:
        server, colon, _ = sign.text.partition(":")
        if colon and field is not Field.CATEGORY and self._text[sign.place] not in QUOTES:
            raise unknown_field(self._text, sign.place, server)
        self._terms += 1
        if self._terms > MOST_TERMS:
            why = _l("a query has at most %(most)s words and phrases: make two of it")
            raise fault(self._text, sign.place, why, most=MOST_TERMS)
        words = " ".join(sign.text.split())
        beginning = words.endswith("*")
        words = words[:-1].rstrip() if beginning else words
        why = _wrong(words, field, beginning=beginning)
        if why:
            raise fault(self._text, sign.place, why)
        return Term(words, field, beginning)

    def _missing(self, sign: Sign) -> Exception:
        if sign.sort is Sort.OPERATOR:
            why = _l("a term is missing before %(operator)s (a word and, or, not stands in quotes)")
            return fault(self._text, sign.place, why, operator=sign.text)
        if sign.sort is Sort.CLOSE:
            return fault(self._text, sign.place, _l("a term is missing before this bracket"))
        why = (
            _l("the query is empty: write a word or a phrase in quotes")
            if len(self._signs) == 1
            else _l("a term is missing at the end")
        )
        return fault(self._text, sign.place, why)

    def first_not(self) -> int:
        return next(sign.place for sign in self._signs if sign.sort is Sort.OPERATOR and sign.text in {"NOT", "ANDNOT"})

    def expect_end(self) -> None:
        if self._sign.sort is Sort.CLOSE:
            why = _l("this bracket was never opened: take it out, or put ( before its part")
            raise fault(self._text, self._sign.place, why)


def _wrong(words: str, field: Field, *, beginning: bool) -> str:
    if "*" in words:
        return _l("* may stand at the end of a word or phrase only")
    if not tokens(words):
        return _l("a term needs a letter or digit")
    if field is Field.CATEGORY and not _CATEGORY.match(words):
        return _l("write a category as arXiv does, such as cat:cs.CV, cat:quant-ph or cat:cs.*")
    if beginning and field is not Field.CATEGORY and len("".join(tokens(words))) < SHORTEST_BEGINNING:
        return _l("a beginning has at least 3 letters before the *")
    return ""
