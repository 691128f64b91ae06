"""Which papers belong under which topics, and why. Pure.

A topic that was learned is matched by its model, which hears the phrases among much else; any other by its phrases and queries
alone.
Phrases are looked for in title and abstract; queries may also ask for authors, categories and the comment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from newsletter.topics.learned.model import TopicModel, Verdict

# A paper stands best under the narrower topic, so its parent gets a little less.
_PARENT_SHARE = 0.9


@lru_cache(maxsize=2)
def matcher_of(catalogue: Catalogue, model: TopicModel | None = None, finer: TopicModel | None = None) -> Matcher:
    """The matcher of ``catalogue`` with ``model`` (default: the one that ships with the service), made ready once a process."""
    from newsletter.topics.learned.model import load

    return Matcher(catalogue, model=model or load(), finer=finer)


class Matcher:
    """Matches papers to the topics of one catalogue, by phrases alone where no ``model`` is given.

    Immutable once made; safe to share between threads. ``learned`` are the topics that the model decides on; papers with a
    vector are judged by the ``finer`` model where there is one. ``version`` changes with the catalogue and with the model:
    matches of another version are out of date. It does not with the finer one, because a paper gets no vector afterwards.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        model: TopicModel | None = None,
        finer: TopicModel | None = None,
        weights: Weights = WEIGHTS,
    ) -> None:
        self.catalogue = catalogue
        self._topics = catalogue.choices
        self._weights = weights
        self._model, self._finer = model, finer
        self.learned = frozenset(topic.slug for topic in self._topics if model and model.knows(topic))
        self._index = PhraseIndex(self._topics)
        asked = ((topic.slug, name, getattr(topic, name)) for topic in self._topics for name in QUERIES)
        self.queries = QuerySet({(slug, name): parse(text) for slug, name, text in asked if text})
        known = f"{catalogue.version} {model.version if model else ''}"
        self.version = hashlib.sha256(known.encode()).hexdigest()[:16]

    def match(self, paper: Paper) -> tuple[Match, ...]:
        """The topics ``paper`` belongs under, best score first (then by slug); empty where it belongs under none.

        A match of a topic is one of its parent too, unless the parent is a heading, was learned itself, or its ``unless`` holds.
        """
        weighed = self.weigh(paper)
        found = self._decided(paper, weighed)
        for slug, (score, reason) in list(found.items()):
            topic = self.catalogue.by_slug[slug]
            stopped = topic.parent in weighed and weighed[topic.parent].stopped
            if self._takes_from(topic) and not stopped and found.get(topic.parent, (0.0, ""))[0] < score * _PARENT_SHARE:
                found[topic.parent] = (round(score * _PARENT_SHARE, 3), f"{topic.name('en')}, {reason}")
        matches = [Match(paper.ref, slug, score, reason) for slug, (score, reason) in found.items()]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.topic)))

    def _decided(self, paper: Paper, weighed: Mapping[str, Weighing]) -> dict[str, tuple[float, str]]:
        """Score and reason of each topic that the model, or for others the phrases, find the paper under."""
        found = {slug: (one.score, one.reason) for slug, one in weighed.items() if one.matches and slug not in self.learned}
        for slug, verdict in self.judge(paper, weighed).items():
            if verdict.matches:
                found[slug] = (verdict.score, reason_of(verdict, weighed.get(slug)))
        return found

    def judge(self, paper: Paper, weighed: Mapping[str, Weighing]) -> dict[str, Verdict]:
        """The model's verdict on each learned topic, those left out that are far from likely."""
        if self._model is None or not self.learned:
            return {}
        model = self._finer if self._finer and paper.vector else self._model
        return {slug: one for slug, one in model.judge(paper, weighed).items() if slug in self.learned}

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

    def _takes_from(self, topic: Topic) -> bool:
        """Whether what is under ``topic`` is under its parent as well."""
        parent = topic.parent
        return bool(parent) and parent not in self.learned and not is_heading(self.catalogue.by_slug[parent])


def reason_of(verdict: Verdict, weighing: Weighing | None) -> str:
    """Why a learned topic matched: the phrase that carries it, else the words that weighed most."""
    if weighing and weighing.matches and weighing.reason:
        return weighing.reason
    return verdict.reason or (weighing.reason if weighing and weighing.carried else "") or "its words and category together"


def _joined(topic: Topic, *places: Mapping[str, list[Evidence]]) -> list[Evidence]:
    return [one for place in places for one in place.get(topic.slug, ())]
