"""Counts, for the page of each paper, in how many readers' digests of a day it stood and where. Tells nothing of any one reader.

A day is counted once it has ended in every time zone and what was put off has been sent, from the ledger, before its rows are
kept long enough.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from newsletter.mail.store.sent_papers import papers_sent
from newsletter.operating import state
from newsletter.papers.store import mailed as mailed_store
from newsletter.papers.store.mailed import Mailed

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# A day on which fewer readers got a paper is not counted, let alone shown.
LEAST_READERS = 5
# The last hour of a day has come everywhere within a day and a half; the rest is for servers that took a mail late.
ENDED = dt.timedelta(days=2)
# So many days are made up for after a standstill, or before the first count.
MOST_DAYS = 14


def count_mailed(services: Services, *, now: dt.datetime) -> list[dt.date]:
    """Counts each day that has ended and was not counted; gives these days."""
    last = (now.astimezone(dt.UTC) - ENDED).date()
    with services.database.reading() as session:
        counted = state.MAILED_COUNTED.read(session) or dt.date.min
    first = max(counted + dt.timedelta(days=1), last - dt.timedelta(days=MOST_DAYS - 1))
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    if days:
        with services.database.reading() as session:
            found = {day: places(papers_sent(session, day)) for day in days}
        with services.database.transaction() as session:
            for day in days:
                mailed_store.keep(session, told(found[day], day))
            state.MAILED_COUNTED.write(session, last, now=now)
    return days


def places(digests: Iterable[Sequence[int]]) -> dict[int, Counter[int]]:
    """How often each paper stood at each place, from 1 on, of digests given as the ids of their papers in order."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for papers in digests:
        for place, paper_id in enumerate(papers, start=1):
            found[paper_id][place] += 1
    return found


def told(found: Mapping[int, Counter[int]], day: dt.date) -> Iterator[Mailed]:
    """What may be told of ``day``: papers of at least `LEAST_READERS` digests, each with its place in the middle one."""
    for paper_id, counts in found.items():
        readers = counts.total()
        if readers >= LEAST_READERS:
            yield Mailed(paper_id, day, readers, middle(counts))


def middle(counts: Counter[int]) -> int:
    """The middle one of values that were counted, the lower of two; there is at least one."""
    below, half = 0, (counts.total() + 1) // 2
    for value in sorted(counts):
        below += counts[value]
        if below >= half:
            break
    return value
