"""Counts of days and the map of the site are kept in memory, and yet whatever happens to a paper shows at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from newsletter.archive.store.imports import Trace, TraceKind, remove
from newsletter.bootstrap import Services
from newsletter.daily.ingest import load_samples
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.changes import last_change
from newsletter.papers.store.feed_batches import make_exact
from newsletter.papers.store.venues import adopt
from newsletter.web.cached_counts import KeptForPapers
from tests.web.conftest import DAY, NOW, Site, paper

OLD, LATER = dt.date(2019, 5, 7), dt.date(2026, 6, 29)
OLDER = paper("1905.00001", announced_on=OLD, announced_estimated=True)
LISTED = paper("1905.00002", announced_on=OLD, announced_estimated=True)
AGAIN = replace(OLDER, version=2, updated=dt.datetime(2026, 6, 28, 9, tzinfo=dt.UTC))


def _id(session: Session, ref: str) -> int:
    found = papers_store.paper_by_ref(session, ref)
    assert found is not None
    return found.id


# What happens, how many papers the archive then has in the months of these days, and what the map then says of some papers.
STEPS: list[tuple[Callable[[Session], object], dict[str, int], dict[str, str]]] = [
    (lambda session: None, {"2026-06": 3}, {"2606.26101": str(DAY)}),
    (
        lambda session: papers_store.store_papers(session, [(OLDER, [])], now=NOW, new_to_readers=False),
        {"2026-06": 3, "2019-05": 1},
        {"1905.00001": "2026-06-25"},
    ),
    (
        lambda session: papers_store.store_papers(session, [(LISTED, [])], now=NOW, listed=True),
        {"2026-06": 3, "2019-05": 2},
        {"1905.00002": "2026-06-25"},
    ),
    (lambda session: papers_store.store_papers(session, [(AGAIN, [])], now=NOW), {"2019-05": 2}, {"1905.00001": "2026-06-28"}),
    (lambda session: make_exact(session, {"1905.00002": LATER}), {"2026-06": 4, "2019-05": 1}, {"1905.00002": str(LATER)}),
    (
        lambda session: adopt(session, {_id(session, "1905.00002"): ("1905.00003", "arxiv")}),
        {"2026-06": 4},
        {"1905.00002": "", "1905.00003": str(LATER)},
    ),
    (
        lambda session: remove(session, [Trace(_id(session, "1905.00001"), TraceKind.PAPER, "")]),
        {"2026-06": 4, "2019-05": 0},
        {"1905.00001": ""},
    ),
]


def test_what_comes_goes_moves_or_is_written_anew_shows_at_once(site: Site) -> None:
    client = site.client()
    for happens, months, mapped in STEPS:
        with site.services.database.transaction() as session:
            happens(session)
        for month, count in months.items():
            page = client.get(f"/archive?month={month}&lang=en").text
            shown = re.search(r'<h2 id="month">([^<]*) <span class="count">(\d+) papers?<', page)
            found = int(shown[2]) if shown and shown[1] == f"{dt.date.fromisoformat(month + '-01'):%B %Y}" else 0
            assert found == count, (month, months)
        the_map = client.get("/sitemap.xml").text
        changed = dict(re.findall(r"/papers/([\d.]+)</loc><lastmod>([\d-]+)<", the_map))
        assert {ref: changed.get(ref, "") for ref in mapped} == mapped


def test_what_is_kept_is_made_once_but_anew_for_another_question_and_after_a_while(small_site: Site) -> None:
    time, made = [0.0], []
    kept: KeptForPapers[int] = KeptForPapers(seconds=60, timer=lambda: time[0])

    def read(_: Session) -> int:
        made.append(1)
        return len(made)

    with small_site.services.database.reading() as session:
        assert [kept.value(session, read), kept.value(session, read)] == [1, 1]
        assert [kept.value(session, read, also="a"), kept.value(session, read, also="a")] == [2, 2]
        time[0] += 61
        assert kept.value(session, read, also="a") == 3


def test_samples_that_are_removed_are_a_change(database_url: str, make_services: Callable[..., Services]) -> None:
    services = make_services(database_url)
    load_samples(services, now=NOW)
    with services.database.transaction() as session:
        before = last_change(session)
        assert papers_store.remove_samples(session)
        assert last_change(session) != before
