"""From a record of api.biorxiv.org to a Paper, and from the versions posted to the papers that are stored. Pure.

Each version of a paper is a record of its own with the day that this version was posted. A new version of a paper that was never
stored here is no new paper.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from newsletter.papers.arxiv.entries import is_withdrawal
from newsletter.text.html_text import without_html
from newsletter.text.paper_links import links_in
from newsletter.text.preprint_identifiers import preprint_category, preprint_ref
from newsletter.text.tex import clean
from newsletter.values.papers import Paper

ONE_DAY = dt.timedelta(days=1)
# bioRxiv opened in November 2013; what lies outside is a fault of the answer.
YEARS = range(2013, 2200)
# A notice of withdrawal takes the place of the abstract; further down, the words are about other papers.
NOTICE = 300
_WITHDRAWN = re.compile(r"\W*(?:WITHDRAWN|RETRACTED)\b\s*[:\-]")
_LICENCE = re.compile(r"[a-z0-9_]{1,30}")


def as_posting(server: str, record: Any) -> Paper | None:
    """The version of a paper that ``record`` describes, its first day being its own; None without usable DOI, title or date."""
    if not isinstance(record, dict):
        return None
    ref = preprint_ref(server, _field(record, "doi"))
    title, abstract = _prose(record, "title"), _prose(record, "abstract")
    posted, version = _day(_field(record, "date")), _version(_field(record, "version"))
    if ref is None or not title or posted is None or version is None:
        return None
    at = dt.datetime.combine(posted, dt.time(), dt.UTC)
    category = preprint_category(server, _field(record, "category"))
    return Paper(
        ref=ref,
        version=version,
        title=title,
        abstract=abstract,
        authors=tuple(name for text in _prose(record, "authors").split(";") if (name := _name(text))),
        categories=(category,) if category else (),
        submitted=at,
        updated=at,
        announced_on=posted,
        announced_estimated=False,
        doi=_published(record),
        licence=_licence(record),
        source=server,
        links=links_in("", abstract),
        withdrawn=_WITHDRAWN.match(title) is not None or is_withdrawal(abstract[:NOTICE]),
    )


def merged(postings: Iterable[Paper], known: Mapping[str, Paper], *, today: dt.date) -> list[Paper]:
    """The papers that these postings come to, each once in its newest version and under the day of its first; in that order.

    Left out: new versions of papers that are neither among them nor ``known`` (by ref), and what is dated beyond tomorrow.
    """
    papers: dict[str, Paper] = {}
    first = dict(known)
    for posting in sorted(postings, key=lambda posting: (posting.ref, posting.version)):
        origin = first.setdefault(posting.ref, posting) if posting.version == 1 else first.get(posting.ref)
        if origin is not None and posting.announced_on <= today + ONE_DAY:
            papers[posting.ref] = replace(posting, submitted=origin.submitted, announced_on=origin.announced_on)
    return sorted(papers.values(), key=lambda paper: (paper.announced_on, paper.ref))


def slices(since: dt.date, until: dt.date, *, days: int) -> Iterator[tuple[dt.date, dt.date]]:
    """The days ``since`` to ``until`` (inclusive) in windows of at most ``days``, oldest first."""
    while since <= until:
        last = min(since + (days - 1) * ONE_DAY, until)
        yield since, last
        since = last + ONE_DAY


def _field(record: Mapping[str, Any], name: str) -> str:
    """A field as text: the API writes figures now as numbers, now in quotes."""
    value = record.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _prose(record: Mapping[str, Any], name: str) -> str:
    return clean(without_html(_field(record, name)))


def _name(text: str) -> str:
    """``Lovelace, A. K.`` as it stands on papers, ``A. K. Lovelace``; a name without comma stays."""
    surname, _, given = text.strip().partition(",")
    return f"{given.strip()} {surname.strip()}".strip()


def _day(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) <= 4 and int(text) else None


def _published(record: Mapping[str, Any]) -> str:
    """The DOI of the journal's version; the API writes NA where there is none."""
    doi = clean(_field(record, "published"))
    return doi if doi.startswith("10.") and len(doi) <= 200 and " " not in doi else ""


def _licence(record: Mapping[str, Any]) -> str:
    licence = _field(record, "license").lower()
    return licence if _LICENCE.fullmatch(licence) else ""
