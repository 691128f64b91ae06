"""Jobs as a worker calls them: what fails within one is logged, and those who wait are woken all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from newsletter import jobs
from newsletter.bootstrap import Services
from newsletter.daily.rank import rank_readers
from newsletter.operating.redis_client import connect_redis
from newsletter.queues import MAIL, PAPERS, queue_of
from newsletter.subscribers import interests
from newsletter.tables.subscribers import RankingRow, TasteRow
from tests.daily.ledgers import add
from tests.factories import NOW
from tests.services import environment


@pytest.fixture
def worker(sqlite_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process as a worker of that database and Redis."""
    for name, value in (environment(sqlite_url, tmp_path) | {"REDIS_URL": redis_url}).items():
        monkeypatch.setenv(name, value)
    jobs._services.cache_clear()
    yield
    jobs._services().database.close()
    jobs._services.cache_clear()


@pytest.mark.usefixtures("worker")
def test_an_order_of_papers_that_cannot_be_worked_out_keeps_no_mail_back(
    sqlite_url: str, redis_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(sqlite_url)
    reader = add(services, cursor=0)
    interests.add_examples(services, reader, b"How whales sing.", now=NOW)
    assert rank_readers(services, now=NOW) == 1
    with services.database.transaction() as session:
        session.execute(update(TasteRow).values(model="{"))
        session.execute(update(RankingRow).values(choices="of another time"))
    with capture_logs() as logged:
        jobs.fetch_job()
    client = connect_redis(redis_url)
    waiting = {queue: queue_of(client, queue).job_ids for queue in (PAPERS, MAIL)}
    client.close()
    assert all(waiting.values())
    assert "readers not ranked" in [one["event"] for one in logged]
