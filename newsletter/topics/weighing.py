"""What evidence is worth: turns the phrases found in a paper, and its categories, into a score for one topic.

Where a phrase stands matters most, then that there is a strong one at all, then the categories, then signs that the paper is
about something else. The points were set on recorded days whose papers two readers had judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.topics.evidence import Evidence, Kind
from newsletter.values import Topic

THRESHOLD = 2.5
_TITLE_POINTS = {Kind.STRONG: 3.0, Kind.IN_TITLE: 2.5, Kind.WEAK: 1.0}
_FURTHER_IN_TITLE = 0.5
_ABSTRACT_POINTS = {Kind.STRONG: 1.0, Kind.IN_TITLE: 0.4, Kind.WEAK: 0.3}
_REPEAT = 0.5
_REPEATS_COUNTED = 3
# An abstract that says a word this often is about it, even where the title is a play on words.
_OFTEN = 3
_MOST_SUPPORT = 1.2
_EXCLUDED = {"title": -2.0, "abstract": -0.7}
_MOST_EXCLUDED = -2.5
PRIMARY_CATEGORY, OTHER_CATEGORY, NO_CATEGORY = 0.5, 0.0, -1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that speaks for a match (``points`` > 0) or against it, in words."""

    words: str
    points: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """The sum for one paper and topic; ``carried`` tells whether there is a phrase that may carry a match at all."""

    score: float
    carried: bool
    pieces: tuple[Piece, ...]

    @property
    def matches(self) -> bool:
        return self.carried and self.score >= THRESHOLD

    @property
    def reason(self) -> str:
        """The piece that speaks most for the match, such as ``title: Gaussian Splatting``."""
        return max(self.pieces, key=lambda piece: piece.points).words if self.pieces else ""


def weigh(topic: Topic, evidence: Iterable[Evidence], categories: tuple[str, ...]) -> Weighing:
    """The weighing of ``topic`` for a paper in ``categories`` (primary first); without evidence nothing carries it."""
    found = list(evidence)
    pieces = [*_title(found), *_abstract(found), *_support(found), *_against(found), _category(topic, categories)]
    return Weighing(round(sum(piece.points for piece in pieces), 3), any(_carries(one) for one in found), tuple(pieces))


def _carries(one: Evidence) -> bool:
    if one.kind is Kind.IN_TITLE:
        return one.place == "title" or one.count >= _OFTEN
    return one.kind is Kind.STRONG


def _title(found: list[Evidence]) -> list[Piece]:
    here = [one for one in found if one.place == "title" and one.kind is not Kind.EXCLUDE]
    here.sort(key=lambda one: -_TITLE_POINTS[one.kind])
    return [
        Piece(_told(one), _TITLE_POINTS[one.kind] if place == 0 else min(_FURTHER_IN_TITLE, _TITLE_POINTS[one.kind]))
        for place, one in enumerate(here)
    ]


def _abstract(found: list[Evidence]) -> list[Piece]:
    return [Piece(_told(one), _points(one)) for one in found if one.place == "abstract" and one.kind is Kind.STRONG]


def _support(found: list[Evidence]) -> list[Piece]:
    """Weak phrases of the abstract, together at most ``_MOST_SUPPORT``."""
    left, pieces = _MOST_SUPPORT, []
    for one in found:
        if one.place == "abstract" and one.kind in {Kind.IN_TITLE, Kind.WEAK} and left > 0:
            points = min(left, _points(one))
            left -= points
            pieces.append(Piece(_told(one), points))
    return pieces


def _points(one: Evidence) -> float:
    return _ABSTRACT_POINTS[one.kind] * (1 + _REPEAT * (min(one.count, _REPEATS_COUNTED) - 1))


def _against(found: list[Evidence]) -> list[Piece]:
    left, pieces = _MOST_EXCLUDED, []
    for one in found:
        if one.kind is Kind.EXCLUDE and left < 0:
            points = max(left, _EXCLUDED[one.place])
            left -= points
            pieces.append(Piece(f"{_told(one)}, excluded", points))
    return pieces


def _category(topic: Topic, categories: tuple[str, ...]) -> Piece:
    if categories and categories[0] in topic.categories:
        return Piece(f"category: {categories[0]}", PRIMARY_CATEGORY)
    other = next((category for category in categories if category in topic.categories), "")
    if other:
        return Piece(f"category: {other}", OTHER_CATEGORY)
    return Piece("category: none of this topic", NO_CATEGORY)


def _told(one: Evidence) -> str:
    return f"{one.place}: {one.words}" + (f" ({one.count}x)" if one.count > 1 else "")
