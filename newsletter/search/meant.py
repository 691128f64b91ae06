"""What a query that finds hardly anything was meant to be: its unknown words as the nearest known ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsletter.search.lexicon import Lexicon
from newsletter.search.terms import Phrase
from newsletter.text.slips import nearest_words

# A word that fewer papers have may be a slip itself, and nobody can tell what a shorter one was meant to be.
LEAST_PAPERS, SHORTEST = 3, 4
# Each is held against all words known: of a query with more slips than this nobody knows what was meant.
MOST_UNKNOWN = 4


def meant(phrases: Sequence[Phrase], known: Lexicon) -> str:
    """The query with its words that no paper of the lexicon has as the nearest that some have; "" where that changes nothing."""
    if any(one.beginning or one.literal for one in phrases):
        return ""
    nearest = _nearest_words({term for one in phrases for term in one.terms}, known)
    return " ".join(_written([nearest.get(term, term) for term in one.terms]) for one in phrases) if nearest else ""


def _written(terms: Sequence[str]) -> str:
    """Terms of a phrase as they are typed: several of them in quotes."""
    words = " ".join(term[1:] for term in terms)
    return f'"{words}"' if len(terms) > 1 else words


def _nearest_words(terms: Iterable[str], known: Lexicon) -> dict[str, str]:
    """The commonest of the words that are nearest, by term that is unknown; those that all are too far from are left out."""
    unknown = [term for term in terms if _is_word(term) and term not in known.papers]
    return _nearest(unknown, known) if 0 < len(unknown) <= MOST_UNKNOWN else {}


def _nearest(unknown: Iterable[str], known: Lexicon) -> dict[str, str]:
    vocabulary = [term for term, count in known.papers.items() if count >= LEAST_PAPERS and _is_word(term)]
    nearest: dict[str, str] = {}
    for term in unknown:
        if found := nearest_words(term, vocabulary):
            nearest[term] = min(found, key=lambda one: (one[1], -known.papers[one[0]]))[0]
    return nearest


def _is_word(term: str) -> bool:
    """Whether a term of the index, which begins with a mark, is a word of Latin letters that is long enough."""
    return term.isalpha() and len(term) > SHORTEST
