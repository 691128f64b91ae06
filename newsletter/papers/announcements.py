"""What the announcement feeds name, and what follows from it: pure decisions over values, without network or database.

A feed holds one announcement of a category. Its dates are not believed: a feed was seen to stand at yesterday's batch while they
said today. What is new is decided by ids that the category's feed did not show before, and the day by the calendar, held against
the times of submission that the query API knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from newsletter.papers.calendar import announcement_day, deadline_of, last_announcement
from newsletter.values.papers import Paper

# A batch that was announced is asked for so many categories first: where none of them has changed, no other will have.
PROBES = 3
# Fewer known times of submission than this say nothing about the day of a batch.
ENOUGH_SUBMISSIONS = 5
NEVER = dt.date.min


class AnnounceType(StrEnum):
    """Why a feed names a paper: https://info.arxiv.org/help/rss_specifications.html"""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


@dataclass(frozen=True, slots=True)
class Item:
    """One paper as a feed names it, its text cleaned; there is neither a comment nor a time of submission."""

    ref: str
    version: int
    type: AnnounceType
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.ref}v{self.version} {self.type}"

    @property
    def brings_a_paper(self) -> bool:
        """True for a new paper and for one that is new to the category; False for a new version of one."""
        return self.type in (AnnounceType.NEW, AnnounceType.CROSS)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the feed of a category shows now; no ``items`` on a day without announcement, ``etag`` "" where none was sent."""

    items: tuple[Item, ...]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The last announcement that a category's feed brought: its day, the keys of its items, and the feed's ETag then."""

    category: str
    day: dt.date = NEVER
    keys: frozenset[str] = frozenset()
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper that a feed names as new or cross-listed, on its announcement day."""

    item: Item
    day: dt.date


@dataclass(frozen=True, slots=True)
class Decision:
    """What the feeds say together: papers by ref, the highest version of each replaced one, and the batches to remember."""

    listed: Mapping[str, Listed] = field(default_factory=dict)
    replaced: Mapping[str, Item] = field(default_factory=dict)
    batches: tuple[Batch, ...] = ()

    def days(self, kind: AnnounceType) -> dict[str, dt.date]:
        """The announcement days, by ref, of the papers listed as ``kind`` (new or cross-listed)."""
        return {ref: listed.day for ref, listed in self.listed.items() if listed.item.type is kind}


@dataclass(frozen=True, slots=True)
class _News:
    """What a feed shows beside what it showed last: ``unseen`` are the items that were not there then."""

    last: Batch
    shown: Shown
    unseen: tuple[Item, ...]

    @classmethod
    def of(cls, last: Batch, shown: Shown) -> _News:
        return cls(last, shown, tuple(item for item in shown.items if item.key not in last.keys))

    def remembered(self, turned_to: dt.date | None) -> Batch:
        """The batch to remember: the new one of that day, or the last one with what was added to it since."""
        keys = frozenset(item.key for item in self.shown.items)
        if turned_to is None:
            return replace(self.last, keys=self.last.keys | keys, etag=self.shown.etag)
        return Batch(self.last.category, max(turned_to, self.last.day), keys, self.shown.etag)


def pending(batches: Mapping[str, Batch], categories: Iterable[str], *, now: dt.datetime) -> list[str]:
    """The categories whose feed has not brought the newest announcement yet, those with the most papers first."""
    newest = last_announcement(now)
    waiting = [category for category in categories if _batch(batches, category).day < newest]
    return sorted(waiting, key=lambda category: (-len(_batch(batches, category).keys), category))


def has_turned(batch: Batch, items: Sequence[Item]) -> bool:
    """Whether a feed shows another announcement than the last time: most of its items were not in that one.

    An empty feed has not turned; nor has yesterday's with an item more or less.
    """
    unseen = sum(item.key not in batch.keys for item in items)
    return 2 * unseen > len(items)


def decide(
    shown: Mapping[str, Shown], batches: Mapping[str, Batch], *, submitted: Mapping[str, dt.datetime], now: dt.datetime
) -> Decision:
    """What follows from the feeds of the asked categories; ``submitted`` are the times that are known of papers by ref.

    Of two categories that name a paper, the one that calls it new counts; of two days the earlier.
    """
    news = [_News.of(_batch(batches, category), feed) for category, feed in shown.items()]
    turned = {one.last.category: one.unseen for one in news if has_turned(one.last, one.shown.items)}
    turned_to = batch_days(turned, submitted, now=now)
    listed: dict[str, Listed] = {}
    replaced: dict[str, Item] = {}
    for one in news:
        # What a feed adds to a batch that was seen already was announced on the day of that batch.
        day = turned_to.get(one.last.category, one.last.day)
        for item in one.unseen:
            if item.brings_a_paper:
                listed[item.ref] = _better(listed.get(item.ref), Listed(item, day))
            else:
                replaced[item.ref] = max(replaced.get(item.ref, item), item, key=lambda each: each.version)
    return Decision(listed, replaced, tuple(one.remembered(turned_to.get(one.last.category)) for one in news))


def batch_days(
    batches: Mapping[str, Sequence[Item]], submitted: Mapping[str, dt.datetime], *, now: dt.datetime
) -> dict[str, dt.date]:
    """The announcement days of batches that were not shown before: the newest announcement that has happened.

    Where all new papers of one whose time of submission is known would have gone out earlier, the feed is late, and the batch is
    that earlier one. All categories are announced at once, so one with too few such papers to tell goes by the others.
    """
    newest = last_announcement(now)
    told, last = {}, {}
    for category, items in batches.items():
        known = [submitted[item.ref] for item in items if item.type is AnnounceType.NEW and item.ref in submitted]
        last[category] = min(newest, announcement_day(max(known))) if known else dt.date.min
        if len(known) >= ENOUGH_SUBMISSIONS:
            told[category] = last[category]
    others = max(told.values(), default=newest)
    return {category: told.get(category, max(others, last[category])) for category in batches}


def _batch(batches: Mapping[str, Batch], category: str) -> Batch:
    return batches.get(category) or Batch(category)


def _better(one: Listed | None, other: Listed) -> Listed:
    if one is None:
        return other
    first, second = sorted((one, other), key=lambda each: (each.item.type is not AnnounceType.NEW, each.day))
    return first if first.day <= second.day else Listed(first.item, second.day)


def paper_of(listed: Listed) -> Paper:
    """The paper as far as a feed tells it: submitted at the deadline of its announcement, until the query API says when."""
    item, submitted = listed.item, deadline_of(listed.day)
    return Paper(
        ref=item.ref,
        version=item.version,
        title=item.title,
        abstract=item.abstract,
        authors=item.authors,
        categories=item.categories,
        submitted=submitted,
        updated=submitted,
        announced_on=listed.day,
        announced_estimated=False,
    )


def new_version_of(known: Paper, item: Item, *, now: dt.datetime) -> Paper | None:
    """The stored paper with the text of a replacement, its day and all that a feed does not tell as they were; None where the
    stored one is as new.
    """
    if item.version <= known.version:
        return None
    return replace(
        known,
        version=item.version,
        title=item.title,
        abstract=item.abstract or known.abstract,
        authors=item.authors or known.authors,
        categories=item.categories or known.categories,
        updated=now,
    )
