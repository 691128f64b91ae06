"""A tick looks at what is: it may be repeated, run twice at once, and lose one of its steps."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import scheduler
from newsletter.bootstrap import Services
from newsletter.mail.store import leases, ledger
from newsletter.operating import state
from newsletter.operating.redis_client import connect_redis
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.papers import FetchRecord
from newsletter.queues import MAIL, PAPERS, queue_of
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState
from newsletter.values.topics import Match
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.papers import paper_builder
from tests.services import services_over


@pytest.fixture
def services(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[Services]:
    made = services_over(database_url, tmp_path, REDIS_URL=redis_url, WORKERS="2")
    yield made
    made.database.close()


def waiting(services: Services, queue: str) -> list[str]:
    client = connect_redis(services.settings.redis_url.get_secret_value())
    try:
        return sorted(job_id.partition("-")[0] for job_id in queue_of(client, queue).job_ids)
    finally:
        client.close()


def a_paper(services: Services, topic: str) -> None:
    paper = paper_builder.paper(ref="2611.00001", announced_on=NOW.date())
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(paper, [Match(paper.ref, topic, 2.0, "title: thing")])], now=NOW)


def a_fetch(services: Services, at: dt.datetime) -> None:
    record = FetchRecord("arxiv", at, at, at.date(), at.date(), found=1, new=1, updated=0)
    with services.database.transaction() as session:
        papers_store.record_fetch(session, record)


def states(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        return ledger.counts_by_state(session)


def test_repeated_ticks_plan_one_digest_and_wake_one_sender(services: Services) -> None:
    a_paper(services, "3d")
    with services.database.transaction() as session:
        a_subscriber(session, "3d")
    for second in range(3):
        scheduler.tick(services, now=NOW + dt.timedelta(seconds=second))
    assert states(services) == {DeliveryState.QUEUED: 1}
    assert waiting(services, MAIL) == ["drain_job"]


def test_two_schedulers_at_once_plan_each_digest_once(services: Services) -> None:
    a_paper(services, "3d")
    with services.database.transaction() as session:
        for _ in range(20):
            a_subscriber(session, "3d")
    threads = [threading.Thread(target=scheduler.tick, args=(services,), kwargs={"now": NOW}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(services) == {DeliveryState.QUEUED: 20}


def test_rows_of_a_dead_worker_are_taken_up(services: Services) -> None:
    with services.database.transaction() as session:
        a_digest_row(session, a_subscriber(session, "3d"))
        leases.claim(session, lease="dead", until=NOW + dt.timedelta(seconds=30), limit=1, now=NOW)
    scheduler.tick(services, now=NOW + dt.timedelta(seconds=29))
    assert states(services) == {DeliveryState.SENDING: 1}
    scheduler.tick(services, now=NOW + dt.timedelta(seconds=31))
    assert states(services) == {DeliveryState.RETRY: 1}


def test_nobody_is_woken_to_send_while_sending_is_paused(services: Services) -> None:
    with services.database.transaction() as session:
        a_digest_row(session, a_subscriber(session, "3d"))
        state.pause(session, now=NOW)
    scheduler.tick(services, now=NOW)
    assert waiting(services, MAIL) == []


def test_a_step_that_fails_keeps_no_other_from_being_done(services: Services) -> None:
    with services.database.transaction() as session:
        # A time zone that no reader can have chosen breaks planning for everybody.
        subscriber = a_subscriber(session, "3d")
        session.get_one(SubscriberRow, subscriber).timezone = "No/Where"
        a_digest_row(session, a_subscriber(session, "3d"))
    scheduler.tick(services, now=NOW)
    assert waiting(services, MAIL) == ["drain_job"]
    assert waiting(services, PAPERS) == ["fetch_job"]


def test_a_tick_harms_nobody_where_redis_is_away(database_url: str, tmp_path: Path) -> None:
    services = services_over(database_url, tmp_path, REDIS_URL="unix:///nowhere/redis.sock")
    a_paper(services, "3d")
    with services.database.transaction() as session:
        a_subscriber(session, "3d")
    scheduler.tick(services, now=NOW)
    assert states(services) == {DeliveryState.QUEUED: 1}
    services.database.close()


def test_a_fetch_is_due_at_the_very_first(services: Services) -> None:
    assert scheduler.fetch_is_due(services, now=NOW)


@pytest.mark.parametrize(("minutes", "due"), [(29, False), (31, True)])
def test_a_fetch_that_brought_nothing_is_repeated_after_half_an_hour(services: Services, minutes: int, due: bool) -> None:
    a_fetch(services, NOW)
    assert scheduler.fetch_is_due(services, now=NOW + dt.timedelta(minutes=minutes)) is due


@pytest.mark.parametrize(("minutes", "due"), [(31, False), (59, False), (61, True)])
def test_a_fetch_is_hourly_once_the_newest_announcement_is_in(services: Services, minutes: int, due: bool) -> None:
    a_paper(services, "3d")
    a_fetch(services, NOW)
    assert scheduler.fetch_is_due(services, now=NOW + dt.timedelta(minutes=minutes)) is due


def test_translations_are_looked_for_after_each_fetch_and_now_and_then(services: Services) -> None:
    assert not scheduler.translation_is_due(services, now=NOW)
    a_fetch(services, NOW)
    assert scheduler.translation_is_due(services, now=NOW)
    with services.database.transaction() as session:
        looked = NOW + dt.timedelta(seconds=5)
        state.TRANSLATION_BEGAN_AT.write(session, looked, now=looked)
    assert not scheduler.translation_is_due(services, now=NOW + dt.timedelta(minutes=4))
    assert scheduler.translation_is_due(services, now=NOW + dt.timedelta(minutes=6))


class _SetAtTheSecondWait(threading.Event):
    """An event that notes how long it is waited for, and happens while it is."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == 2:
            self.set()
        return self.is_set()


def test_the_loop_ends_where_it_waits_for_its_next_tick(services: Services) -> None:
    ended = _SetAtTheSecondWait()
    scheduler.run(services, ended=ended)
    assert ended.waits == [scheduler.TICK_SECONDS] * 2
