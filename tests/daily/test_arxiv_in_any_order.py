"""Over any sequence of announcements, replacements, cross-lists and outages: nothing twice, nothing lost, no day moved once exact."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.papers.calendar import announcement_day, announces_on
from newsletter.values.papers import Paper
from tests.daily.test_arxiv import CATALOGUE, CATEGORIES, Outside, as_item, on
from tests.papers.arxiv.fake_feeds import FakeFeeds
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper, Fault
from tests.services import give_catalogue, services_over

DAYS = [day for day in (dt.date(2026, 6, 8) + dt.timedelta(days=n) for n in range(40)) if announces_on(day)]
DAY = st.fixed_dictionaries(
    {
        "new": st.integers(0, 7),
        "held": st.integers(0, 2),
        "trailing": st.booleans(),
        "replaced": st.integers(0, 2),
        "crossed": st.integers(0, 2),
        "fetches": st.lists(st.sampled_from(["both", "feeds only", "api only", "neither", "routine"]), max_size=3),
    }
)


class World:
    """What arXiv announced so far, and what it showed us of that."""

    def __init__(self, outside: Outside, seed: int) -> None:
        self.outside, self.chance = outside, random.Random(seed)
        self.count = 0
        self.papers: dict[str, FakePaper] = {}
        self.trailing: list[FakePaper] = []
        self.shown: set[str] = set()
        self.exact: dict[str, dt.date] = {}
        self.numbers: dict[str, int] = {}

    def announce(self, day: dt.date, plan: dict[str, object]) -> None:
        outside = self.outside
        outside.arxiv.papers += self.trailing
        self.trailing = []
        old = list(self.papers.values())
        fresh = [self._paper(day, held=number < plan["held"]) for number in range(plan["new"])]  # type: ignore[operator,call-overload]
        replaced = [replace(one, version=one.version + 1) for one in self.chance.sample(old, min(len(old), plan["replaced"]))]  # type: ignore[call-overload]
        crossed = [replace(one, categories=("cs.SD",)) for one in self.chance.sample(old, min(len(old), plan["crossed"]))]  # type: ignore[call-overload]
        for paper in replaced:
            self.papers[paper.ref] = paper
            outside.arxiv.papers = [one for one in outside.arxiv.papers if one.ref != paper.ref] + [paper]
        self.papers |= {paper.ref: paper for paper in fresh}
        others = [as_item(paper, "replace") for paper in replaced] + [as_item(paper, "cross") for paper in crossed]
        outside.announce(*fresh, in_api=not plan["trailing"], others=tuple(others))
        self.trailing = fresh if plan["trailing"] else []

    def _paper(self, day: dt.date, *, held: bool) -> FakePaper:
        categories = tuple(self.chance.sample(CATEGORIES, self.chance.randint(1, 3)))
        self.count += 1
        return on(day, self.count, held=dt.timedelta(days=3 * held), categories=categories)

    def fetch(self, day: dt.date, hours: float, how: str) -> None:
        outside = self.outside
        outside.feeds.faults["*"] = [503] * 50 if how in ("api only", "neither") else []
        outside.arxiv.faults = [Fault.UNAVAILABLE] * 50 if how in ("feeds only", "neither") else []
        outside.fetch(day, hours, routine=how == "routine")
        if how not in ("api only", "neither"):
            asked = set(outside.feeds.asked)
            items = [item for category in asked for item in outside.feeds.items.get(category, [])]
            self.shown |= {item.ref for item in items if item.type in ("new", "cross")}
        if outside.arxiv.requests and how not in ("feeds only", "neither"):
            since = day - dt.timedelta(days=14)
            self.shown |= {paper.ref for paper in outside.arxiv.papers if paper.submitted.date() > since}
        self.check()

    def check(self) -> None:
        stored = {ref: paper for ref in self.papers if (paper := self.outside.stored(ref)) is not None and not paper.is_sample}
        assert self.shown <= set(stored), "shown by a road and not stored"
        for ref, paper in stored.items():
            assert self.numbers.setdefault(ref, paper.number) == paper.number, "a stored paper became new"
            if not paper.announced_estimated:
                assert self.exact.setdefault(ref, paper.announced_on) == paper.announced_on, "an exact day moved"
        self._check_estimates(stored)

    def _check_estimates(self, stored: dict[str, Paper]) -> None:
        for ref, paper in stored.items():
            if paper.announced_estimated:
                assert paper.announced_on == announcement_day(self.papers[ref].submitted)


@settings(max_examples=16)
@given(plans=st.lists(DAY, min_size=1, max_size=6), seed=st.integers(0, 10**6))
def test_no_sequence_stores_a_paper_twice_or_loses_one(sqlite_template: Path, plans: list[dict[str, object]], seed: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="nl-roads-"))
    shutil.copy(sqlite_template, folder / "newsletter.db")
    arxiv, feeds = FakeArxiv([]), FakeFeeds({})
    with arxiv as api_url, feeds as feed_url:
        services = services_over(f"sqlite:///{folder / 'newsletter.db'}", folder, ARXIV_API_URL=api_url, ARXIV_FEED_URL=feed_url)
        try:
            give_catalogue(services, CATALOGUE)
            world = World(Outside(arxiv, feeds, services), seed)
            for day, plan in zip(DAYS, plans, strict=False):
                world.announce(day, plan)
                for place, how in enumerate(plan["fetches"]):  # type: ignore[arg-type,var-annotated]
                    world.fetch(day, 1 + 4 * place, how)
        finally:
            services.database.close()
            shutil.rmtree(folder)
