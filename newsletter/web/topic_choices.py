"""What the part of a form shows in which topics are chosen: chosen and found ones and some to begin with, then the groups.

Each topic stands once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from newsletter.topics.catalogue import Catalogue
from newsletter.topics.categories import is_category
from newsletter.topics.finding import found
from newsletter.topics.saved_queries import searched
from newsletter.values.topics import Topic

# What most people choose elsewhere stands above the groups.
FIRST = frozenset({"llm", "agents", "mllm", "rag", "diffusion", "3dgs", "robotics", "medical"})
# So many topics make a sample of the mail.
SAMPLED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked for: the topics found, and a search of one's own, as a query, that may stand for it ("" for none)."""

    asked: str = ""
    topics: tuple[Topic, ...] = ()
    search: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """``searches`` are queries that were ticked; ``groups`` have a name and the topics that stand nowhere above, an upper one
    first; ``archives`` are the parts of the servers by which categories can be looked through.
    """

    chosen: tuple[Topic, ...]
    searches: tuple[str, ...]
    first: tuple[Topic, ...]
    finding: Finding
    groups: tuple[tuple[Topic, tuple[Topic, ...]], ...]
    archives: tuple[Topic, ...]


def finding_of(asked: str, offered: Mapping[str, Topic]) -> Finding:
    """What ``asked`` brings among the topics ``offered``; papers are English, so a search of one's own has Latin letters."""
    own = searched(asked) if any(sign.isascii() and sign.isalpha() for sign in asked) else None
    return Finding(asked, tuple(found(asked, offered)), own.text if own else "")


def shown(
    catalogue: Catalogue,
    offered: Mapping[str, Topic],
    *,
    ticked: Collection[str],
    searches: Sequence[str],
    asked: str,
    daily: Mapping[str, int],
    with_first: bool = True,
) -> Shown:
    """The parts for what is ``ticked`` and ``asked`` for; ``daily`` is how many papers a day a topic brings.

    Each topic of the catalogue stands in one part; the common ones apart from their groups ``with_first`` only.
    """
    chosen = tuple(topic for slug, topic in offered.items() if slug in ticked)
    finding = finding_of(asked, offered) if asked else Finding()
    above = {topic.slug for topic in (*chosen, *finding.topics)}
    common = _first(catalogue.choices, daily) if with_first else ()
    first = tuple(topic for topic in common if topic.slug not in above)
    left = offered.keys() - above - {topic.slug for topic in first}
    return Shown(chosen, tuple(searches), first, finding, _groups(catalogue, left), _archives(offered))


def _archives(offered: Mapping[str, Topic]) -> tuple[Topic, ...]:
    return tuple(topic for topic in offered.values() if is_category(topic) and not topic.parent)


def _groups(catalogue: Catalogue, left: Collection[str]) -> tuple[tuple[Topic, tuple[Topic, ...]], ...]:
    """The upper entries that have topics ``left``, with these."""
    groups = ((upper, tuple(one for one in (upper, *lower) if one.slug in left)) for upper, lower in catalogue.tree())
    return tuple((upper, topics) for upper, topics in groups if topics)


def _first(topics: Sequence[Topic], daily: Mapping[str, int]) -> list[Topic]:
    """The topics to begin with; of an operator's own catalogue, which may have none of ours, those that bring most papers."""
    ours = [topic for topic in topics if topic.slug in FIRST]
    return ours if len(ours) == len(FIRST) else sorted(topics, key=lambda topic: -daily.get(topic.slug, 0))[: len(FIRST)]


def sampled(topics: Iterable[Topic], daily: Mapping[str, int]) -> list[Topic]:
    """Three of ``topics`` for a sample of the mail: of each group the one that brings most papers."""
    best: dict[str, Topic] = {}
    for topic in sorted(topics, key=lambda topic: -daily.get(topic.slug, 0)):
        best.setdefault(topic.parent, topic)
    return list(best.values())[:SAMPLED]
