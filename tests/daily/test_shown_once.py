"""No subscriber is ever shown a paper as new twice, and who never changes anything misses none: from arXiv's announcement to the mail.

Announcements, replacements, withdrawals, cross-lists and outages go through the real fetch, against servers that speak arXiv's
protocols; changes of mind through the real preferences; digests through the real planning and ledger.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.daily import plan
from newsletter.papers.calendar import announced_at
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import preferences
from newsletter.subscribers.choices import Choices
from newsletter.values.mail import DeliveryState
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.daily.ledgers import add, rows, settle
from tests.daily.test_arxiv import Outside, as_item
from tests.daily.test_arxiv_in_any_order import DAYS, World
from tests.papers.arxiv.fake_feeds import FakeFeeds
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.papers.paper_builder import match, paper
from tests.services import give_catalogue, services_over

CATALOGUE = """
- slug: things
  names: {en: Things, zh-CN: 物, zh-TW: 物, ja: 物}
  means: All papers of these tests.
  categories: [cs.CV, cs.LG, cs.RO, cs.SD]
  strong: [paper number]
- slug: robots
  names: {en: Robots, zh-CN: 机器人, zh-TW: 機器人, ja: ロボット}
  means: Those of one category.
  categories: [cs.RO]
  query: cat:cs.RO
"""
OWN = (
    SavedQuery(Kind.QUERY, "cat:cs.SD"),
    SavedQuery(Kind.QUERY, "paper AND NOT cat:cs.LG"),
    SavedQuery(Kind.AUTHOR, 'au:"Alan M. Turing"'),
    SavedQuery(Kind.EXCLUDE, "cat:cs.LG"),
)
STATES = (DeliveryState.SENT, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.RETRY, None)
CHANGE = st.tuples(
    st.integers(1, 3),
    st.sets(st.sampled_from(["things", "robots"]), min_size=1),
    st.lists(st.sampled_from(OWN), unique=True, max_size=3),
    st.booleans(),
    st.sampled_from([0, 6, 20]),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles"]),
)
DAY = st.fixed_dictionaries(
    {
        "new": st.integers(0, 4),
        "held": st.integers(0, 1),
        "trailing": st.booleans(),
        "replaced": st.integers(0, 2),
        "crossed": st.integers(0, 1),
        "withdrawn": st.integers(0, 1),
        "fetches": st.lists(st.sampled_from(["both", "feeds only", "api only", "neither", "routine"]), max_size=2),
        "changes": st.lists(CHANGE, max_size=2),
        "mornings": st.lists(st.sampled_from(STATES), min_size=1, max_size=2),
    }
)
QUIET = {"new": 1, "held": 0, "trailing": False, "replaced": 1, "crossed": 1, "withdrawn": 0, "fetches": ["both"], "changes": []}


class Story(World):
    """A world with readers in it; the first of them never changes anything."""

    def __init__(self, outside: Outside, seed: int) -> None:
        super().__init__(outside, seed)
        self.now = announced_at(DAYS[0])
        # With a real paper there, an outage of the first hour brings no samples, whose readers begin anew.
        seed_paper = replace(paper(99_990, announced_on=DAYS[0] - dt.timedelta(days=1)), title="Paper number 99990")
        with outside.services.database.transaction() as session:
            papers_store.store_papers(session, [(seed_paper, [match(seed_paper, "things")])], now=self.now)
        self.readers = [
            add(outside.services, *topics, cursor=0, hour=6, max_papers=100, updates=bool(number % 2), confirmed_at=self.now)
            for number, topics in enumerate((("things",), ("things", "robots"), ("robots",), ("things",)))
        ]
        self.withdrawn: set[str] = set()

    def withdraw(self, count: int) -> None:
        arxiv = self.outside.arxiv
        for one in self.chance.sample(arxiv.papers, min(count, len(arxiv.papers))):
            gone = replace(one, version=one.version + 1, comment="This paper has been withdrawn by the author")
            arxiv.papers = [gone if known.ref == one.ref else known for known in arxiv.papers]
            self.papers[one.ref] = gone
            self.withdrawn.add(one.ref)
            for category in one.categories[:1]:
                self.outside.feeds.items.setdefault(category, []).append(as_item(gone, "replace"))

    def change(self, who: int, topics: set[str], own: list[SavedQuery], updates: bool, hour: int, zone: str) -> None:
        chosen = Choices(tuple(topics), "en", zone, hour, 50, tuple(own), updates)
        preferences.change(self.outside.services, self.readers[who], chosen, pause_until=None, now=self.now)

    def morning(self, at: dt.datetime, state: DeliveryState | None) -> None:
        """Digests are planned and, unless nobody sends, settled; an hour later what is to be tried again is sent."""
        self.now = at
        plan.plan(self.outside.services, now=at)
        self.nothing_withdrawn_is_planned()
        if state is not None:
            settle(self.outside.services, state, now=at)
        if state is DeliveryState.RETRY:
            settle(self.outside.services, DeliveryState.SENT, now=at + dt.timedelta(hours=2))

    def nothing_withdrawn_is_planned(self) -> None:
        planned_now = [row for row in rows(self.outside.services) if row.planned_at == self.now]
        with self.outside.services.database.reading() as session:
            ids = {paper_id for row in planned_now for paper_id, _ in row.contents.get("papers", ())}
            assert not any(paper.withdrawn for paper in papers_store.papers_by_ids(session, ids).values())

    def live(self, day: dt.date, plan: dict[str, object]) -> None:
        self.announce(day, plan)
        self.withdraw(plan.get("withdrawn", 0))  # type: ignore[arg-type]
        for place, how in enumerate(plan["fetches"]):  # type: ignore[arg-type,var-annotated]
            self.fetch(day, 1 + 3 * place, how)
        for change in plan["changes"]:  # type: ignore[attr-defined]
            self.change(*change)
        for place, state in enumerate(plan["mornings"]):  # type: ignore[arg-type,var-annotated]
            self.morning(announced_at(day) + dt.timedelta(hours=8 + 6 * place), state)

    def end_well(self, day: dt.date) -> None:
        """A day on which all answer, and mornings on which all is sent."""
        self.fetch(day, 22, "both")
        for hours in (24, 36, 48, 60):
            self.morning(announced_at(day) + dt.timedelta(hours=hours), DeliveryState.SENT)

    def check_shown(self) -> None:
        for place, reader in enumerate(self.readers):
            left = [r for r in rows(self.outside.services, reader) if r.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)]
            pairs = [(paper_id, topic) for row in left for paper_id, topic in row.contents.get("papers", ())]
            new = Counter(paper_id for paper_id, topic in pairs if topic != ":updated")
            assert max(new.values(), default=1) == 1, f"reader {place} was shown a paper as new twice"
            assert {paper_id for paper_id, topic in pairs if topic == ":updated"} <= set(new), "an update of what never came"
        self._misses_nothing(self.readers[0])

    def _misses_nothing(self, reader: int) -> None:
        left = [r for r in rows(self.outside.services, reader) if r.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)]
        with self.outside.services.database.reading() as session:
            stored = papers_store.papers_after(session, 0)
        shown = {paper_id for row in left for paper_id, _ in row.contents.get("papers", ())}
        missed = [paper.ref for paper in stored if paper.id not in shown and paper.ref not in self.withdrawn]
        assert missed == []


@settings(max_examples=8)
@example(plans=[{**QUIET, "mornings": [DeliveryState.UNKNOWN]}, {**QUIET, "mornings": [DeliveryState.SENT, None]}], seed=1)
@example(
    plans=[
        {**QUIET, "mornings": [DeliveryState.SENT]},
        {**QUIET, "changes": [(1, {"robots"}, [OWN[1], OWN[2]], True, 20, "Asia/Tokyo")], "mornings": [DeliveryState.FAILED]},
        {**QUIET, "changes": [(1, {"things"}, [], True, 0, "UTC")], "mornings": [DeliveryState.SENT, DeliveryState.SENT]},
    ],
    seed=2,
)
@given(plans=st.lists(DAY, min_size=1, max_size=5), seed=st.integers(0, 10**6))
def test_no_reader_is_shown_a_paper_as_new_twice_and_none_is_missed(
    sqlite_template: Path, plans: list[dict[str, object]], seed: int
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="nl-once-"))
    shutil.copy(sqlite_template, folder / "newsletter.db")
    arxiv, feeds = FakeArxiv([]), FakeFeeds({})
    with arxiv as api_url, feeds as feed_url:
        services = services_over(f"sqlite:///{folder / 'newsletter.db'}", folder, ARXIV_API_URL=api_url, ARXIV_FEED_URL=feed_url)
        try:
            give_catalogue(services, CATALOGUE)
            story = Story(Outside(arxiv, feeds, services), seed)
            for day, plan in zip(DAYS, plans, strict=False):
                story.live(day, plan)
            story.end_well(DAYS[len(plans) - 1])
            story.check_shown()
        finally:
            services.database.close()
            shutil.rmtree(folder)
