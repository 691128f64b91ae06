"""Topics of the catalogue, a paper's match with one, and what an operator says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of the catalogue.

    ``names`` has at least en, ``means`` (a sentence by language) too, or nothing; ``parent`` is the slug of the upper
    level, empty for a top entry (a mere heading has no phrases and nothing matches it). ``strong`` phrases carry a match,
    ``in_title`` ones do in the title and only support it in the abstract, ``weak`` ones support it, ``exclude`` speaks against
    it; a paper that the ``query`` holds for is under it whatever the phrases say, one that ``unless`` holds for never is (empty
    for none); ``categories`` is where its papers are fetched from (arXiv's) and what speaks for a paper. ``examples`` are papers
    (by ref) that belong there, from which the topic is learned.
    """

    slug: str
    names: Mapping[str, str]
    parent: str = ""
    categories: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    in_title: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    means: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    unless: str = ""
    examples: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def meaning(self, language: str) -> str:
        return self.means.get(language) or self.means.get("en", "")


@dataclass(frozen=True, slots=True)
class Match:
    """A paper belongs to a topic, or a saved query (``q:ID``) holds for it.

    ``score`` > 0, larger is better; ``reason`` is for people: ``title: Gaussian Splatting``.
    """

    ref: str
    topic: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class TopicMark:
    """An operator (``who``) says that the paper ``ref`` belongs under ``topic`` (``is_right``), or that it does not."""

    ref: str
    topic: str
    is_right: bool
    who: str
    at: dt.datetime
    title: str = ""
