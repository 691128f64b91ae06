"""How long a fetch of a day's announcement takes beyond what politeness to arXiv costs: requests x delay.

The feeds and the query API are the fakes of the tests, on loopback in this process, with a day of made-up papers.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import defaultdict
from collections.abc import Iterator

from bench.figures import Figure
from bench.places import SQLITE, a_place
from newsletter.daily import fetch
from newsletter.papers.calendar import announcement_day, last_announcement
from newsletter.papers.sample import sample_day
from newsletter.topics.catalogue import load
from tests.papers.arxiv.fake_feeds import FakeFeeds, FakeItem
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper

BEYOND = 5.0
# A Friday noon in UTC: the newest announcement was that of the evening before.
NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def measure(*, papers: int, milliseconds: int) -> Iterator[Figure]:
    """The first fetch, of ``papers`` in one announcement, with ``milliseconds`` between two requests."""
    made = _papers(papers)
    api, feeds = FakeArxiv(made), FakeFeeds(_items(made))
    delay = milliseconds / 1000
    with api as api_url, feeds as feed_url:
        given = {"ARXIV_API_URL": api_url, "ARXIV_FEED_URL": feed_url, "ARXIV_DELAY_SECONDS": str(delay)}
        with a_place(SQLITE, **given) as (services, _):
            started = time.perf_counter()
            report = fetch.fetch(services, now=NOW)
            took = time.perf_counter() - started
    asked = len(api.requests) + len(feeds.asked)
    if report.problem or report.new != len(made):
        yield Figure("a fetch of a day", None, note=f"brought {report.new} of {len(made)} papers; {report.problem}")
        return
    yield Figure(
        "a fetch of a day, beyond requests x delay",
        took - asked * delay,
        "s",
        at_most=BEYOND,
        note=f"{took:.1f} s for {report.new:,} papers by {asked} requests at {delay:.1f} s: stored, linked, matched and indexed",
    )


def _papers(count: int) -> list[FakePaper]:
    dice, categories = random.Random(7), load().categories  # noqa: S311
    texts = [sample.paper for sample in sample_day(dt.date(2026, 6, 26))]
    moment = NOW.replace(minute=0)
    while announcement_day(moment) != last_announcement(NOW):
        moment -= dt.timedelta(hours=1)
    return [
        FakePaper(
            ref=f"2611.{number:05d}",
            title=f"{dice.choice(texts).title} {number}",
            abstract=dice.choice(texts).abstract,
            submitted=moment - dt.timedelta(seconds=30 * (count - number)),
            categories=tuple(dict.fromkeys((dice.choice(categories), dice.choice(categories)))),
        )
        for number in range(1, count + 1)
    ]


def _items(papers: list[FakePaper]) -> dict[str, list[FakeItem]]:
    found: dict[str, list[FakeItem]] = defaultdict(list)
    for paper in papers:
        for place, category in enumerate(paper.categories):
            item = FakeItem(paper.ref, 1, "cross" if place else "new", paper.title, paper.abstract, categories=paper.categories)
            found[category].append(item)
    return found
