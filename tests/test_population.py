"""Mornings of made-up readers, lived through at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.mail.store import ledger
from newsletter.papers.sample import sample_day
from newsletter.papers.store import papers as papers_store
from newsletter.population import mornings
from tests.services import services_over
from tests.smtp_sink import Sink

NOW = dt.datetime(2026, 6, 26, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path) -> Iterator[Services]:
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        made = services_over(sqlite_url, tmp_path, SMTP_URL=sink.url)
        yield made
        made.database.close()


def test_each_morning_has_its_share_of_the_papers_and_its_own_digests(services: Services) -> None:
    told: list[int] = []
    sent = mornings.live_through(services, readers=5, days=3, now=NOW, tell=told.append)
    with services.database.reading() as session:
        rows = list(ledger.deliveries(session))
        papers = [papers_store.paper_by_ref(session, sample.paper.ref) for sample in sample_day(NOW.date())]
    assert told == [1, 2, 3]
    assert sent == sum(row.state == "sent" for row in rows) > 10
    assert {row.period for row in rows} == {"2026-06-24", "2026-06-25", "2026-06-26"}
    days = [paper.announced_on.isoformat() for paper in papers if paper]
    assert len(days) == len(papers)
    assert all(days.count(day) >= len(papers) // 3 for day in ("2026-06-24", "2026-06-25", "2026-06-26"))


def test_it_ends_early_when_it_is_asked_to(services: Services) -> None:
    told: list[int] = []
    mornings.live_through(services, readers=5, days=3, now=NOW, tell=told.append, stop=lambda: len(told) == 1)
    assert told == [1]
