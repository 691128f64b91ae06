"""Which papers belong under which topics, and why. Pure.

Phrases are looked for in title and abstract; queries may also ask for authors, categories and the comment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from newsletter.text.tokens import read
from newsletter.topics.catalogue import Catalogue, is_heading
from newsletter.topics.entries import QUERIES
from newsletter.topics.evidence import Evidence, PhraseIndex
from newsletter.topics.queries.matching import QuerySet
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import Field
from newsletter.topics.scoring import WEIGHTS, Weighing, Weights, weigh
from newsletter.values.papers import Paper
from newsletter.values.topics import Match, Topic

# A paper stands best under the narrower topic, so its parent gets a little less.
_PARENT_SHARE = 0.9


@lru_cache(maxsize=2)
def matcher_of(catalogue: Catalogue) -> Matcher:
    """The matcher of ``catalogue``, made ready once a process."""
    return Matcher(catalogue)


class Matcher:
    """Matches papers to the topics of one catalogue. Immutable once made; safe to share between threads."""

    def __init__(self, catalogue: Catalogue, *, weights: Weights = WEIGHTS) -> None:
        self.catalogue = catalogue
        self._topics = catalogue.choices
        self._weights = weights
        self._index = PhraseIndex(self._topics)
        asked = ((topic.slug, name, getattr(topic, name)) for topic in self._topics for name in QUERIES)
        self.queries = QuerySet({(slug, name): parse(text) for slug, name, text in asked if text})

    def match(self, paper: Paper) -> tuple[Match, ...]:
        """The topics ``paper`` belongs under, best score first (then by slug); empty where it belongs under none.

        A match of a topic is one of its parent too, unless the parent is a heading or its ``unless`` holds.
        """
        weighed = self.weigh(paper)
        found = {slug: (one.score, one.reason) for slug, one in weighed.items() if one.matches}
        for slug, (score, reason) in list(found.items()):
            topic = self.catalogue.by_slug[slug]
            stopped = topic.parent in weighed and weighed[topic.parent].stopped
            if self._has_topic_above(topic) and not stopped and found.get(topic.parent, (0.0, ""))[0] < score * _PARENT_SHARE:
                found[topic.parent] = (round(score * _PARENT_SHARE, 3), f"{topic.name('en')}, {reason}")
        matches = [Match(paper.ref, slug, score, reason) for slug, (score, reason) in found.items()]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.topic)))

    def weigh(self, paper: Paper) -> Mapping[str, Weighing]:
        """The weighing of each topic that ``paper`` has any evidence of, by slug; parents are not counted in."""
        texts = {Field.TITLE: read(paper.title), Field.ABSTRACT: read(paper.abstract)}
        title = self._index.find(texts[Field.TITLE], "title")
        abstract = self._index.find(texts[Field.ABSTRACT], "abstract")
        asked = self.queries.match(paper, texts=texts)
        return {
            topic.slug: weigh(
                topic,
                _joined(topic, title, abstract),
                paper.categories,
                query=asked.get((topic.slug, "query"), ()),
                unless=asked.get((topic.slug, "unless"), ()),
                weights=self._weights,
            )
            for topic in self._topics
            if topic.slug in title or topic.slug in abstract or any((topic.slug, name) in asked for name in QUERIES)
        }

    def _has_topic_above(self, topic: Topic) -> bool:
        return bool(topic.parent) and not is_heading(self.catalogue.by_slug[topic.parent])


def _joined(topic: Topic, *places: Mapping[str, list[Evidence]]) -> list[Evidence]:
    return [one for place in places for one in place.get(topic.slug, ())]
