"""Planning writes in slices: others get their turn in between, and whatever happens there, no paper is lost or comes twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter.bootstrap import Services
from newsletter.daily import plan, sending_state
from newsletter.daily.write_plan import SLICE
from newsletter.db import connect
from newsletter.population.store import add_readers
from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, put, refs, rows, settle
from tests.factories import NOW

Make = Callable[..., Services]
READERS = 2 * SLICE + 50
TOPICS = ("nerf", "3dgs", "llm", "agents")


class _Watched:
    """A database that tells before each transaction how many there were, and notes how many rows of the ledger each left."""

    def __init__(self, services: Services, before: Callable[[int], None] = lambda _: None) -> None:
        self._database, self._before = services.database, before
        self.reading, self.engine = services.database.reading, services.database.engine
        self.rows_after: list[int] = []

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._before(len(self.rows_after))
        with self._database.transaction() as session:
            yield session
        with self._database.reading() as session:
            self.rows_after.append(session.scalar(select(func.count()).select_from(DeliveryRow)) or 0)

    def close(self) -> None:
        """The services of the test close it."""


def watched(services: Services, before: Callable[[int], None] = lambda _: None) -> tuple[Services, _Watched]:
    database = _Watched(services, before)
    return Services(services.settings, database), database  # type: ignore[arg-type]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


@pytest.fixture
def many(services: Services) -> Services:
    """So many readers that their digests take three slices, and papers for them."""
    add_readers(services, READERS, now=NOW, topics=8)
    for number, topic in enumerate(TOPICS, start=1):
        put(services, number, topic=topic)
    return services


def digests_of(services: Services) -> Counter[tuple[int, str]]:
    with services.database.reading() as session:
        return Counter(tuple(row) for row in session.execute(select(DeliveryRow.subscriber_id, DeliveryRow.period)))


def test_no_transaction_writes_more_than_a_slice(many: Services) -> None:
    watching, database = watched(many)
    report = plan.plan(watching, now=NOW, date=TODAY)
    added = [after - before for before, after in zip([0, *database.rows_after], database.rows_after, strict=False)]
    assert max(added) <= SLICE
    assert len([count for count in added if count]) >= READERS / SLICE > 1
    assert sum(added) == report.planned + report.empty == READERS


def test_a_planner_killed_between_two_slices_leaves_whole_ones_and_the_next_goes_on(many: Services) -> None:
    def die(transactions: int) -> None:
        if transactions == 2:
            raise KeyboardInterrupt

    watching, database = watched(many, die)
    with pytest.raises(KeyboardInterrupt):
        plan.plan(watching, now=NOW, date=TODAY)
    left = digests_of(many)
    assert len(left) == database.rows_after[-1] > 0
    plan.plan(many, now=NOW, date=TODAY)
    found = digests_of(many)
    assert set(found.values()) == {1}
    assert len(found) == READERS
    assert left.items() <= found.items()


def test_between_two_slices_another_writer_finds_the_database_free(many: Services) -> None:
    if many.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has as many writers as it likes")
    impatient = connect(many.settings.database_url.get_secret_value())
    turns = []

    def write(transactions: int) -> None:
        with impatient.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("ROLLBACK")
        turns.append(transactions)

    plan.plan(watched(many, write)[0], now=NOW, date=TODAY)
    impatient.close()
    assert len(turns) >= 3


@pytest.mark.parametrize("what", ["resent", "sent"])
def test_what_happens_before_a_slice_doubles_no_paper(services: Services, what: str) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.FAILED if what == "resent" else DeliveryState.RETRY)

    def meanwhile(transactions: int) -> None:
        if transactions == 1:  # the clock was noted, and the slice comes
            if what == "resent":
                sending_state.resend(services, which=DeliveryState.FAILED, date=None, now=NOW + DAY)
            settle(services, DeliveryState.SENT, now=NOW + DAY)

    plan.plan(watched(services, meanwhile)[0], now=NOW + DAY)
    plan.plan(services, now=NOW + DAY)
    assert [(row.state, refs(services, row)) for row in rows(services, reader)] == [("sent", {"1"})]


def test_a_digest_queued_again_before_a_slice_is_planned_for_anew(services: Services) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.FAILED)

    def meanwhile(transactions: int) -> None:
        if transactions == 1:
            assert sending_state.resend(services, which=DeliveryState.FAILED, date=None, now=NOW + DAY) == 1

    assert plan.plan(watched(services, meanwhile)[0], now=NOW + DAY).planned == 0
    put(services, 2)
    assert plan.plan(services, now=NOW + DAY).planned == 1
    assert [(row.state, refs(services, row)) for row in rows(services, reader)] == [("skipped", {"1"}), ("queued", {"1", "2"})]
