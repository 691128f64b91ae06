"""What evidence is worth: turns the phrases found in a paper, and its categories, into a score for one topic.

Where a phrase stands matters most, then that there is a strong one at all, then the categories, then signs that the paper is
about something else. A topic's query decides by itself, whatever the score. The points were set on recorded days whose papers
readers had judged (docs/topics.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.topics.evidence import Evidence, Kind
from newsletter.topics.queries.matching import Finding
from newsletter.values.topics import Topic


@dataclass(frozen=True, slots=True)
class Weights:
    """The points. A match needs ``threshold``; ``often`` is how often an abstract says a word that it is about."""

    threshold: float = 2.5
    title_strong: float = 3.0
    title_in_title: float = 2.5
    title_weak: float = 1.0
    further_in_title: float = 0.5
    abstract_strong: float = 1.0
    further_in_abstract: float = 0.6
    abstract_in_title: float = 0.4
    abstract_weak: float = 0.3
    repeat: float = 0.5
    repeats_counted: int = 3
    often: int = 3
    most_support: float = 1.2
    title_excluded: float = -2.0
    abstract_excluded: float = -0.7
    most_excluded: float = -2.5
    primary_category: float = 0.5
    other_category: float = 0.0
    no_category: float = -1.7
    # A server whose categories the topic does not name tells nothing by them; a word of many senses alone shall not carry there.
    other_server: float = -0.5

    def in_title(self, kind: Kind) -> float:
        """Points of the best phrase of a title."""
        return {Kind.STRONG: self.title_strong, Kind.IN_TITLE: self.title_in_title}.get(kind, self.title_weak)

    def in_abstract(self, one: Evidence) -> float:
        """Points of a phrase of the abstract; saying it again adds to them."""
        once = {Kind.STRONG: self.abstract_strong, Kind.IN_TITLE: self.abstract_in_title}.get(one.kind, self.abstract_weak)
        return once * (1 + self.repeat * (min(one.count, self.repeats_counted) - 1))


WEIGHTS = Weights()
# Part of the catalogue's version, so that papers are matched anew when the points change.
METHOD = repr(WEIGHTS)
THRESHOLD = WEIGHTS.threshold


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that speaks for a match (``points`` > 0) or against it, in words."""

    words: str
    points: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """The sum for one paper and topic.

    ``carried`` tells whether there is a phrase that may carry a match at all, ``held`` whether the topic's query holds,
    ``stopped`` whether its ``unless`` does.
    """

    score: float
    carried: bool
    pieces: tuple[Piece, ...]
    held: bool = False
    stopped: bool = False

    @property
    def matches(self) -> bool:
        return not self.stopped and (self.held or (self.carried and self.score >= THRESHOLD))

    @property
    def reason(self) -> str:
        """The piece that speaks most for the match, such as ``title: Gaussian Splatting``."""
        return max(self.pieces, key=lambda piece: piece.points).words if self.pieces else ""


def weigh(
    topic: Topic,
    evidence: Iterable[Evidence],
    categories: tuple[str, ...],
    *,
    query: Sequence[Finding] = (),
    unless: Sequence[Finding] = (),
    weights: Weights = WEIGHTS,
) -> Weighing:
    """The weighing of ``topic`` for a paper in ``categories`` (primary first); without evidence nothing carries it.

    ``query`` and ``unless`` are what was found of the topic's queries where they hold, empty where they do not. A query that
    holds is worth the threshold at least.
    """
    found = list(evidence)
    pieces = [
        *_title(found, weights),
        *_abstract(found, weights),
        *_support(found, weights),
        *_against(found, weights),
        _category(topic, categories, weights),
        *queried(query, weights),
    ]
    total = round(sum(piece.points for piece in pieces), 3)
    return Weighing(
        score=max(total, weights.threshold) if query else total,
        carried=any(_carries(one, weights) for one in found),
        pieces=tuple(pieces),
        held=bool(query),
        stopped=bool(unless),
    )


def queried(found: Sequence[Finding], weights: Weights = WEIGHTS) -> list[Piece]:
    """One piece for the whole query: the first find of each place, the two best."""
    if not found:
        return []
    firsts = {one.place: str(one) for one in reversed(found)}
    told = [firsts[place] for place in dict.fromkeys(one.place for one in found) if place != "category"] or [str(found[0])]
    return [Piece(", ".join(told[:2]), weights.title_strong if found[0].place == "title" else weights.threshold)]


def _carries(one: Evidence, weights: Weights) -> bool:
    if one.kind is Kind.IN_TITLE:
        return one.place == "title" or one.count >= weights.often
    return one.kind is Kind.STRONG


def _title(found: list[Evidence], weights: Weights) -> list[Piece]:
    here = [one for one in found if one.place == "title" and one.kind is not Kind.EXCLUDE]
    here.sort(key=lambda one: -weights.in_title(one.kind))
    return [
        Piece(_told(one), weights.in_title(one.kind) if place == 0 else min(weights.further_in_title, weights.in_title(one.kind)))
        for place, one in enumerate(here)
    ]


def _abstract(found: list[Evidence], weights: Weights) -> list[Piece]:
    """Strong phrases of the abstract; the best counts whole, as many of the others say the same in other words."""
    here = [Piece(_told(one), weights.in_abstract(one)) for one in found if one.place == "abstract" and one.kind is Kind.STRONG]
    here.sort(key=lambda piece: -piece.points)
    return [*here[:1], *(Piece(piece.words, round(piece.points * weights.further_in_abstract, 3)) for piece in here[1:])]


def _support(found: list[Evidence], weights: Weights) -> list[Piece]:
    """Weak phrases of the abstract, together at most ``most_support``."""
    left, pieces = weights.most_support, []
    for one in found:
        if one.place == "abstract" and one.kind in {Kind.IN_TITLE, Kind.WEAK} and left > 0:
            points = min(left, weights.in_abstract(one))
            left -= points
            pieces.append(Piece(_told(one), points))
    return pieces


def _against(found: list[Evidence], weights: Weights) -> list[Piece]:
    left, pieces = weights.most_excluded, []
    for one in found:
        if one.kind is Kind.EXCLUDE and left < 0:
            points = max(left, weights.title_excluded if one.place == "title" else weights.abstract_excluded)
            left -= points
            pieces.append(Piece(f"{_told(one)}, excluded", points))
    return pieces


def _category(topic: Topic, categories: tuple[str, ...], weights: Weights) -> Piece:
    if categories and categories[0] in topic.categories:
        return Piece(f"category: {categories[0]}", weights.primary_category)
    other = next((category for category in categories if category in topic.categories), "")
    if other:
        return Piece(f"category: {other}", weights.other_category)
    server, colon, _ = categories[0].rpartition(":") if categories else ("", "", "")
    if colon and not any(category.startswith(f"{server}:") for category in topic.categories):
        return Piece(f"category: {categories[0]}, none of arXiv's", weights.other_server)
    return Piece("category: none of this topic", weights.no_category)


def _told(one: Evidence) -> str:
    return f"{one.place}: {one.words}" + (f" ({one.count}x)" if one.count > 1 else "")
