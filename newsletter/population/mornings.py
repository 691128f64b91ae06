"""A few mornings lived through at once: sample papers, made-up readers, digests planned and sent. For the demo.

It sends where the services send, which is for the caller to make sure of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from newsletter.daily import ingest, plan, send
from newsletter.papers.sample import sample_day
from newsletter.population.store import add_readers
from newsletter.search.store import index_new

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# All that pages and mails speak.
LANGUAGES = ("en", "zh-CN", "ja", "ar", "zh-TW")


def live_through(
    services: Services,
    *,
    readers: int,
    days: int,
    now: dt.datetime,
    tell: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """The last ``days`` up to ``now`` in a database that holds nothing: gives how many digests were sent.

    Each day brings its share of the sample papers. ``tell`` is given the number of each day, from 1, when it begins; ``stop``
    ends it early.
    """
    sent = 0
    for day in range(1, days + 1):
        if stop():
            break
        tell(day)
        at = now - dt.timedelta(days=days - day)
        ingest.add_samples(services, sample_day(at.date())[day - 1 :: days], now=at)
        if day == 1:
            add_readers(services, readers, now=at, languages=LANGUAGES)
        sent += _send(services, at, stop)
    index_new(services.database)
    return sent


def _send(services: Services, at: dt.datetime, stop: Callable[[], bool]) -> int:
    plan.plan(services, now=at, date=at.date())
    return send.drain(services, now=lambda: at, stop=stop).by_state.get("sent", 0)
