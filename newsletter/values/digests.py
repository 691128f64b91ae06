"""A digest as a reader sees it: entries in groups, ready to be rendered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.values.mail import MailKind
from newsletter.values.papers import Paper
from newsletter.values.readers import Explanation, Layout


class Announced(StrEnum):
    """In which way a paper came to its reader: new in its own category, new to one of the topic's, or in a new version."""

    NEW = "new"
    CROSS_LISTED = "cross-listed"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry of the collection as a digest shows it.

    ``dated`` is a date or venue as written, ``picked_by`` a name; either, and ``note`` (plain lines), may be "". ``url`` leads to
    what it is about, "" where there is nothing; ``page`` is its page here.
    """

    title: str
    url: str
    page: str
    dated: str = ""
    picked_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it stands in a digest or on a page, in the reader's language.

    ``translated`` is False where ``title`` and ``abstract`` are the original for want of a translation (an English reader's
    entries are True with engine ""). ``topics`` are the names of all its topics, ``reason`` why it stands under ``topic``.
    ``tldr`` is what it says in one sentence, "" where nobody has summed it up yet; ``venue`` where it appeared ("CVPR 2026"), ""
    where its authors do not say. ``followed`` are those of its authors whom the reader follows, spelt as on the paper.
    """

    paper: Paper
    language: str
    title: str
    abstract: str
    translated: bool
    engine: str
    topic: str
    topics: tuple[str, ...]
    reason: str
    announced: Announced = Announced.NEW
    tldr: str = ""
    venue: str = ""
    followed: tuple[str, ...] = ()

    @property
    def written_in(self) -> str:
        """The language that title and abstract are in."""
        return self.language if self.translated else "en"


@dataclass(frozen=True, slots=True)
class Group:
    """A section of a digest: the entries of one topic (or of what ``slug`` names besides topics), in order.

    ``found`` is how many papers there were for it, 0 where nobody counted: then there are no more than ``entries``.
    """

    slug: str
    name: str
    entries: tuple[Entry, ...]
    found: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """One reader's digest of one local date, ready to be rendered; ``groups`` is empty where no paper matched (welcome or picks).

    ``picks`` are new entries of the collection; ``explanations`` says by paper id why feedback of the reader moved a paper up.
    ``top`` are the ids of the papers that matter most to this reader, the best first; each stands in its group too,
    unless it is gone. ``occasion`` is the kind of mail: a day's digest, the best of a week, or the reader's own list.
    """

    date: dt.date
    language: str
    groups: tuple[Group, ...]
    more: int = 0
    welcome: bool = False
    layout: Layout = Layout.STANDARD
    picks: tuple[Pick, ...] = ()
    more_picks: int = 0
    explanations: Mapping[int, Explanation] = field(default_factory=dict)
    top: tuple[int, ...] = ()
    occasion: MailKind = MailKind.DIGEST

    @property
    def count(self) -> int:
        return sum([len(group.entries) for group in self.groups])
