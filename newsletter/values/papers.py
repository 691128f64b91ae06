"""A paper as it travels between stages, and its links. No session, no I/O, no outside library."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

ARXIV = "arxiv"


# Servers where a paper is posted any day, under a DOI; arXiv announces.
POSTING_SERVERS = ("biorxiv", "medrxiv")
# The source of what the feeds of journals and venues alone have.
VENUE = "venue"
# What comes any day, and has no announcement.
UNANNOUNCED = (*POSTING_SERVERS, VENUE)


# Licences of posted papers that allow a translation, as api.biorxiv.org names them; what is not named here does not. arXiv's
# metadata is CC0 (https://info.arxiv.org/help/api/tou.html).
TRANSLATABLE = ("cc0", "cc0_ng", "cc_by", "cc_by_nc", "cc_by_sa", "cc_by_nc_sa")


class LinkKind(StrEnum):
    """What a link of a paper leads to."""

    CODE = "code"
    PROJECT = "project"
    DATASET = "dataset"
    VENUE = "venue"


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
    names it, "" for arXiv. ``vector`` is what the language model made of title and abstract, empty where none is installed.
    ``id`` and ``number`` are 0 until the paper is stored; ``number`` is its place in the order of
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
    vector: bytes = field(default=b"", repr=False)
    id: int = 0
    number: int = 0

    @property
    def primary_category(self) -> str:
        return self.categories[0] if self.categories else ""

    @property
    def is_sample(self) -> bool:
        return self.source == "sample"
