"""Makes papers out of what an imported list says of them, for papers that are not stored yet. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from newsletter.archive.formats.document import Block, Item
from newsletter.archive.formats.items import merged
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import canonical_category
from newsletter.text.tex import clean
from newsletter.values.papers import ARXIV, POSTING_SERVERS, Paper

_NEW_ID = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_OLD_ID = re.compile(r"[\w.-]+/(\d\d)(\d\d)\d{3}")
# arXiv's first month.
FIRST = dt.date(1991, 8, 1)


def items_by_ref(blocks: Iterable[Block]) -> dict[str, Item]:
    """What all blocks together say of each paper, in the order in which the papers come."""
    found: dict[str, Item] = {}
    for block in blocks:
        item = block.item
        if item is not None and item.ref:
            found[item.ref] = merged(found[item.ref], item) if item.ref in found else item
    return found


def paper_of(item: Item, *, today: dt.date) -> Paper:
    """``item`` as a paper of the day that the list gives, else of the month of its id; the announcement is marked as estimated.

    A title that the list has in another language only stands in for the original until somebody knows better.
    """
    day = _day_of(item, today)
    time = dt.datetime.combine(day, dt.time(), dt.UTC)
    translated = next((text for name, _, text in item.texts if name == "title"), "")
    server = item.ref.partition(":")[0]
    return Paper(
        ref=item.ref,
        version=item.version or 1,
        title=clean(item.title) or clean(translated) or item.ref,
        abstract=clean(without_html(item.abstract)),
        authors=tuple(filter(None, map(clean, item.authors))),
        categories=tuple(dict.fromkeys(map(canonical_category, item.categories))),
        comment=clean(item.comment),
        submitted=time,
        updated=time,
        announced_on=day,
        announced_estimated=True,
        source=server if server in POSTING_SERVERS else ARXIV,
    )


def _day_of(item: Item, today: dt.date) -> dt.date:
    if item.date is not None and FIRST <= item.date <= today:
        return item.date
    return min(month_of(item.ref), today)


def month_of(ref: str) -> dt.date:
    """The first day of the month in which the id was given out; that of arXiv's first month for an id that tells none."""
    found = _NEW_ID.fullmatch(ref) or _OLD_ID.fullmatch(ref)
    if found is None or not 1 <= int(found[2]) <= 12:
        return FIRST
    year = int(found[1])
    return dt.date(year + (1900 if year >= 91 else 2000), int(found[2]), 1)
