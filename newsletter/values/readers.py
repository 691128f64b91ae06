"""A reader as selection, composition and due times see one, and what was selected for a digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Layout(StrEnum):
    """How much of a digest a reader wants: its contents only, cards, cards with the whole abstract, or cards in two languages."""

    BRIEF = "brief"
    STANDARD = "standard"
    WHOLE = "whole"
    BILINGUAL = "bilingual"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper stands higher than it would: it is ``like`` a paper of this title that the reader knows, or has their words.

    ``word`` is one word of theirs, or a few with commas, and ``count`` how many papers that they like have the first; "" and 0
    where ``like`` says it.
    """

    word: str
    count: int
    like: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What selection, composition and due times need to know of a subscriber.

    ``queries`` are the slugs of saved queries (``q:ID``) that bring papers, in the reader's order, ``excluded`` those of queries
    that keep papers out; ``updates`` asks for new versions of papers received. ``cursor`` is the highest paper number that a mail
    has covered, None where none did yet; ``hour`` is 0-23 in ``timezone`` (IANA name); ``weekdays`` holds 0 = Monday ... 6 =
    Sunday. ``mailed_at`` is when the last digest went out, ``paused_until`` the first local date with mail again; ``layout`` is
    how much of a paper a digest shows. A ``choosy`` reader wants only what is much like what they like.
    ``weekly`` asks for the mail of the week, ``reading_mail`` for that of their own list.
    """

    id: int
    language: str
    timezone: str
    hour: int
    topics: tuple[str, ...]
    queries: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    updates: bool = False
    cursor: int | None = None
    max_papers: int = 20
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    confirmed_at: dt.datetime | None = None
    mailed_at: dt.datetime | None = None
    last_period: dt.date | None = None
    paused_until: dt.date | None = None
    layout: Layout = Layout.STANDARD
    choosy: bool = False
    weekly: bool = False
    reading_mail: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A frozen choice for one digest: ordered ``(paper id, slug it stands under)``, and how many ``more`` were left out.

    ``covers_to`` is the number where the reader's cursor goes once it is sent; ``explanations`` and ``top`` as in `Digest`;
    ``found`` is how many papers were new under each slug that has any among ``papers``.
    """

    papers: tuple[tuple[int, str], ...]
    more: int
    covers_to: int
    explanations: Mapping[int, Explanation] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    top: tuple[int, ...] = ()
