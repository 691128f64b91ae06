"""The frozen values that travel between stages. No session, no I/O, no outside library in them.

The way of a paper: fetch -> enrich -> match -> translate -> select -> compose -> render -> send.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.showing import Announced, Because, Layout, Pick

ARXIV = "arxiv"
# Servers where a paper is posted any day, under a DOI; arXiv announces.
POSTING_SERVERS = ("biorxiv", "medrxiv")
# Licences of posted papers that allow a translation, as api.biorxiv.org names them; what is not named here does not. arXiv's
# metadata is CC0 (https://info.arxiv.org/help/api/tou.html).
TRANSLATABLE = ("cc0", "cc0_ng", "cc_by", "cc_by_nc", "cc_by_sa", "cc_by_nc_sa")


class LinkKind(StrEnum):
    """What a link of a paper leads to."""

    CODE = "code"
    PROJECT = "project"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A link found for a paper; ``source`` says where: ``comment``, ``abstract``, ``huggingface`` ..."""

    kind: LinkKind
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as announced, by base id. Text is plain Unicode with ``$...$`` kept; line breaks are folded.

    ``ref`` is the base id without version (``2606.26101``, ``hep-th/9901001``, ``biorxiv:10.64898/2026.06.11.731775``,
    ``sample-01``), ``source`` the server it comes from. ``submitted`` is the submission of v1 and ``updated`` that of
    ``version``, both aware UTC; ``announced_on`` is the announcement day (the UTC date of the 20:00 US Eastern announcement; on
    a server that posts, the day of v1), ``announced_estimated`` marks a day that the calendar gave. ``licence`` is as the server
    names it, "" for arXiv. ``id`` and ``number`` are 0 until the paper is stored; ``number`` is its place in the order of
    storing, which is also the order of commit.
    """

    ref: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    submitted: dt.datetime
    updated: dt.datetime
    announced_on: dt.date
    announced_estimated: bool = True
    comment: str = ""
    doi: str = ""
    journal_ref: str = ""
    licence: str = ""
    source: str = ARXIV
    links: tuple[PaperLink, ...] = ()
    withdrawn: bool = False
    id: int = 0
    number: int = 0

    @property
    def primary_category(self) -> str:
        return self.categories[0] if self.categories else ""

    @property
    def is_sample(self) -> bool:
        return self.source == "sample"


# ---------------------------------------------------------------- topics


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of the catalogue.

    ``names`` has at least en, zh-CN, zh-TW and ja, ``means`` (a sentence by language) en; ``parent`` is the slug of the upper
    level, empty for a top entry (a mere heading has no phrases and nothing matches it). ``strong`` phrases carry a match,
    ``in_title`` ones do in the title and only support it in the abstract, ``weak`` ones support it, ``exclude`` speaks against
    it; a paper that the ``query`` holds for is under it whatever the phrases say, one that ``unless`` holds for never is (empty
    for none); ``categories`` is where its papers are fetched from (arXiv's) and what speaks for a paper.
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

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def meaning(self, language: str) -> str:
        return self.means.get(language) or self.means.get("en", "")


@dataclass(frozen=True, slots=True)
class Match:
    """A paper belongs to a topic, or an own query (``q:ID``) holds for it.

    ``score`` > 0, larger is better; ``reason`` is for people: ``title: Gaussian Splatting``.
    """

    ref: str
    topic: str
    score: float
    reason: str


# ---------------------------------------------------------------- translation


class Field(StrEnum):
    """The texts of a paper that are translated."""

    TITLE = "title"
    ABSTRACT = "abstract"
    TLDR = "tldr"


@dataclass(frozen=True, slots=True)
class Translation:
    """One accepted translation. ``engine`` names what made it (``libre``, ``google``, ``sample`` ...)."""

    paper_id: int
    field: Field
    language: str
    text: str
    engine: str


# ---------------------------------------------------------------- readers and digests


@dataclass(frozen=True, slots=True)
class Reader:
    """What selection, composition and due times need to know of a subscriber.

    ``queries`` are the slugs of own queries (``q:ID``) that bring papers, in the reader's order, ``excluded`` of those that keep
    papers out; ``updates`` asks for new versions of papers received. ``cursor`` is the highest paper number a mail has covered,
    None where none did yet; ``hour`` is 0-23 in ``timezone`` (IANA name); ``weekdays`` holds 0 = Monday ... 6 = Sunday.
    ``mailed_at`` is when the last digest went out, ``paused_until`` the first local date with mail again; ``layout`` is how much
    of a paper a digest shows.
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


@dataclass(frozen=True, slots=True)
class Selection:
    """A frozen choice for one digest: ordered ``(paper id, slug it stands under)``, and how many ``more`` were left out.

    ``covers_to`` is the number where the reader's cursor goes once it is sent; ``because`` as in `Digest`.
    """

    papers: tuple[tuple[int, str], ...]
    more: int
    covers_to: int
    because: Mapping[int, Because] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it stands in a digest or on a page, in the reader's language.

    ``translated`` is False where ``title`` and ``abstract`` are the original for want of a translation (an English reader's
    entries are True with engine ""). ``topics`` are the names of all its topics, ``reason`` why it stands under ``topic``.
    ``tldr`` is what it says in one sentence, "" where nobody has summed it up yet.
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

    @property
    def written_in(self) -> str:
        """The language that title and abstract are in."""
        return self.language if self.translated else "en"


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one topic, in order."""

    slug: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """One reader's digest of one local date, ready to be rendered; ``groups`` is empty where no paper matched (welcome or picks).

    ``picks`` are new entries of the collection; ``because`` says by paper id why feedback of the reader moved a paper up.
    """

    date: dt.date
    language: str
    groups: tuple[Group, ...]
    more: int = 0
    welcome: bool = False
    layout: Layout = Layout.STANDARD
    picks: tuple[Pick, ...] = ()
    more_picks: int = 0
    because: Mapping[int, Because] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(len(group.entries) for group in self.groups)


# ---------------------------------------------------------------- mail


class MailKind(StrEnum):
    """The kinds of mail; each has a folder of templates of that name and rows of that kind in the ledger."""

    CONFIRM = "confirm"
    DIGEST = "digest"
    PREFERENCES = "preferences"
    GOODBYE = "goodbye"
    ADDRESS = "address"
    MOVED = "moved"
    EDITOR = "editor"


class DeliveryState(StrEnum):
    """Where a row of the ledger stands. ``unknown``: the dot was marked and no answer came; never sent again by itself."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """The links of one reader that a mail carries, absolute; ``one_click`` is the RFC 8058 target (HTTPS in production).

    ``token`` opens the reader's pages of feedback (22 characters); without one the cards have no links to them.
    """

    preferences: str
    unsubscribe: str
    one_click: str
    view: str = ""
    token: str = ""

    @property
    def pause(self) -> str:
        """The page that offers a week without mail."""
        return f"{self.preferences}/pause"


@dataclass(frozen=True, slots=True)
class Message:
    """A finished mail on its way to SMTP. ``data`` is the RFC 5322 message, CRLF only, neither dot-stuffed nor dotted."""

    delivery_id: int
    envelope_from: str
    recipient: str
    data: bytes = field(repr=False)
