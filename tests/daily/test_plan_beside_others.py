"""Planning while others send, plan, store or resend: no paper comes twice, and none is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import ingest, plan, send
from newsletter.daily.welcome import choose_welcomes
from newsletter.mail.deliveries import Outcome
from newsletter.mail.store import leases, ledger
from newsletter.papers.store import papers as papers_store
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, cursor, put, refs, rows, settle, welcome
from tests.factories import NOW
from tests.papers.paper_builder import match, paper, sample
from tests.smtp_sink import Sink

Make = Callable[..., Services]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


# ---------------------------------------------------------------- beside others


class _Meanwhile:
    """A database whose first transaction comes after something else was done: what another process does between two steps."""

    def __init__(self, services: Services, act: Callable[[], None]) -> None:
        self._database, self._act = services.database, act
        self.reading = services.database.reading

    def transaction(self) -> object:
        act, self._act = self._act, lambda: None
        act()
        return self._database.transaction()

    def close(self) -> None:
        """The services of the test close it."""


def beside(services: Services, act: Callable[[], None]) -> Services:
    return Services(services.settings, _Meanwhile(services, act))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [None, DeliveryState.SENT, DeliveryState.UNKNOWN])
def test_a_digest_that_leaves_while_the_next_is_planned_is_not_doubled(services: Services, state: DeliveryState | None) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    tomorrow = NOW + DAY

    def leave() -> None:
        if state is not None:
            settle(services, state, now=tomorrow)
        else:
            with services.database.transaction() as session:
                leases.claim(session, lease="w", until=tomorrow + DAY, limit=9, now=tomorrow)

    plan.plan(beside(services, leave), now=tomorrow)
    assert [refs(services, row) for row in rows(services, reader)] == [{"1"}]


def test_two_planners_at_once_plan_each_digest_once(services: Services) -> None:
    put(services, 1)
    for _ in range(30):
        add(services)
    threads = [threading.Thread(target=plan.plan, args=(services,), kwargs={"now": NOW}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(services)) == 30


def test_papers_that_come_while_planning_wait_for_the_next_digest(services: Services) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(beside(services, lambda: put(services, 2)), now=NOW)
    settle(services, DeliveryState.SENT)
    plan.plan(services, now=NOW + DAY)
    assert [refs(services, row) for row in rows(services, reader)] == [{"1"}, {"2"}]


# ---------------------------------------------------------------- by hand


def test_what_an_operator_sends_again_is_not_skipped_for_the_next_digest(services: Services) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.UNKNOWN)
    with services.database.transaction() as session:
        ledger.resend(session, state=DeliveryState.UNKNOWN, period=None, now=NOW)
    put(services, 2)
    plan.plan(services, now=NOW + DAY)
    assert [(row.state, refs(services, row)) for row in rows(services, reader)] == [("queued", {"1"}), ("queued", {"2"})]


@pytest.mark.parametrize("sent", [True, False])
def test_a_failed_digest_is_not_sent_again_once_a_later_one_shows_its_papers(services: Services, *, sent: bool) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.FAILED)
    with services.database.transaction() as session:
        assert ledger.resend(session, state=DeliveryState.FAILED, period=None, now=NOW) == 1
    settle(services, DeliveryState.FAILED)
    plan.plan(services, now=NOW + DAY)
    if sent:
        settle(services, DeliveryState.SENT, now=NOW + DAY)
    with services.database.transaction() as session:
        assert ledger.resend(session, state=DeliveryState.FAILED, period=None, now=NOW + DAY) == 0
    assert [row.state for row in rows(services, reader)] == ["failed", "sent" if sent else "queued"]


# ---------------------------------------------------------------- sample papers


@pytest.fixture
def with_samples(services: Services) -> Iterator[tuple[Services, int]]:
    with services.database.transaction() as session:
        samples = [sample(number, announced_on=TODAY) for number in (1, 2)]
        papers_store.store_papers(session, [(one, [match(one)]) for one in samples], now=NOW)
    return services, add(services)  # type: ignore[return-value]


def arrive(services: Services) -> None:
    title = "Neural radiance fields (NeRF) for outdoor scenes"
    real = [
        paper(1, title=title, announced_on=TODAY - DAY),
        paper(2, title=title, announced_on=TODAY),
    ]
    ingest.store_batch(services, real, now=NOW)


def test_a_digest_of_samples_that_has_not_left_makes_way_for_one_of_real_papers(with_samples: tuple[Services, int]) -> None:
    services, reader = with_samples
    welcome(services, reader)
    arrive(services)
    assert plan.plan(services, now=NOW).planned == 0
    assert choose_welcomes(services, now=NOW) == 1
    assert [refs(services, row) for row in rows(services, reader)] == [{"2"}]


@pytest.mark.parametrize("settled_first", [True, False])
def test_a_digest_of_samples_moves_no_cursor_over_real_papers(with_samples: tuple[Services, int], *, settled_first: bool) -> None:
    services, reader = with_samples
    welcome(services, reader)
    if settled_first:
        settle(services, DeliveryState.SENT)
        arrive(services)
    else:
        with services.database.transaction() as session:
            claimed = leases.claim(session, lease="w", until=NOW + DAY, limit=9, now=NOW)
        arrive(services)
        with services.database.transaction() as session:
            outcome = Outcome(claimed[0].id, DeliveryState.SENT, "dot", "250")
            assert leases.settle(session, [outcome], lease="w", now=NOW) == 1
    assert cursor(services, reader) is None
    plan.plan(services, now=NOW + DAY)
    assert refs(services, rows(services, reader)[-1]) == {"2"}


def test_a_digest_of_samples_in_hand_when_real_papers_come_is_not_sent_empty(
    with_samples: tuple[Services, int], make_services: Make
) -> None:
    services, reader = with_samples
    welcome(services, reader)
    with Sink() as sink:
        sender = make_services(services.settings.database_url.get_secret_value(), SMTP_URL=sink.url)
        with services.database.transaction() as session:
            leases.claim(session, lease="w", until=NOW + DAY, limit=9, now=NOW)
        arrive(services)
        with services.database.transaction() as session:
            leases.release(session, lease="w")
        send.drain(sender, now=lambda: NOW)
    assert sink.taken == []
    assert [(row.state, row.reason) for row in rows(services)] == [(DeliveryState.SKIPPED, "its papers are gone")]
