"""From a result of the ``arxiv`` package to a Paper. Pure; a result that can be no paper gives None."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from newsletter.errors import InputError
from newsletter.papers.calendar import announcement_day
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import canonical_category, parse_ref
from newsletter.text.paper_links import links_in
from newsletter.text.tex import clean
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from arxiv import Result

_THING = r"(?:paper|article|submission|manuscript|preprint|work|version)"
_WITHDRAWN = re.compile(
    rf"\b(?:this|the|our)\s+(?:arxiv\s+)?{_THING}\s+(?:has\s+been|have\s+been|is|was|is\s+being|had\s+been)\s+(?:\w+\s+)?withdrawn\b"
    rf"|^\W*(?:{_THING}\s+)?withdrawn\b|\bwithdrawn\s+(?:by|at\s+the\s+request\s+of)\s+(?:the\s+|its\s+)?(?:authors?|arxiv)\b"
    r"|^\W*(?:the\s+)?authors?\s+(?:have\s+|has\s+)?(?:withdrew|withdrawn)\b",
    re.IGNORECASE,
)
# Characters of an abstract that is a notice of withdrawal.
_NOTICE = 120
# arXiv began in August 1991; what lies outside is a fault of the answer, and no calendar can reckon with the year 1 or 9999.
YEARS = frozenset(range(1991, 2200))
_CATEGORY = re.compile(r"[a-z-]{1,20}(?:\.[A-Za-z-]{1,20})?")


def as_paper(result: Result) -> Paper | None:
    """The paper that an entry describes, its announcement day estimated; None without usable id, title or dates."""
    try:
        ref, version = parse_ref(result.entry_id)
    except InputError:
        return None
    title, abstract = clean(without_html(result.title)), clean(without_html(result.summary))
    comment = clean(result.comment or "")
    if not title or not {result.published.year, result.updated.year} <= YEARS:
        return None
    submitted, updated = result.published.astimezone(dt.UTC), result.updated.astimezone(dt.UTC)
    return Paper(
        ref=ref,
        version=version or 1,
        title=title,
        abstract=abstract,
        authors=tuple(name for author in result.authors if (name := clean(author.name))),
        categories=_categories(result),
        submitted=submitted,
        updated=updated,
        announced_on=announcement_day(submitted),
        comment=comment,
        doi=clean(result.doi or ""),
        journal_ref=clean(result.journal_ref or ""),
        links=links_in(comment, abstract),
        withdrawn=was_withdrawn(comment, abstract),
    )


def _categories(result: Result) -> tuple[str, ...]:
    """The categories by their one name, the primary one first; ACM and MSC classes, which stand among them, are left out."""
    named = (canonical_category(name) for name in (result.primary_category, *result.categories) if _CATEGORY.fullmatch(name))
    return tuple(dict.fromkeys(named))


def was_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the comment says so, or a notice in the place of the abstract; further down, its words are about other papers."""
    return is_withdrawal(comment) or is_withdrawal(abstract[:_NOTICE])


def is_withdrawal(comment: str) -> bool:
    """Whether a comment says that this paper was withdrawn; that another one was ("replaces the withdrawn ...") is not enough."""
    return _WITHDRAWN.search(comment) is not None
