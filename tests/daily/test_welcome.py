"""A first digest waits for a fetch that is under way: one mail, with all that it brought, in four minutes at most."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from newsletter import scheduler
from newsletter.bootstrap import Services
from newsletter.daily import fetch, fetch_schedule, plan, welcome
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import leases, ledger
from newsletter.mail.store import waiting as waiting_store
from newsletter.operating import state
from newsletter.papers.source_clients import SourceClients
from newsletter.papers.store import fetches
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import preferences, unsubscribe
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.tables.subscribers import SubscriberRow
from newsletter.topics.saved_queries import Kind, SavedQuery
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, fetched, put, refs, rows, settle
from tests.factories import NOW
from tests.papers.arxiv.fake_query_api import FakeArxiv, Fault
from tests.papers.paper_builder import match, sample
from tests.walk.papers import announced

Make = Callable[..., Services]
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
FOUR_MINUTES = 4 * MINUTE


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def confirm(services: Services, reader: int, *, now: dt.datetime = NOW, greeting: bool = True) -> int | None:
    with services.database.transaction() as session:
        return welcome.plan_welcome(services, session, reader, now=now, greeting=greeting)


def begins(services: Services, run: str = "one", *, now: dt.datetime = NOW, until: dt.timedelta = DAY) -> None:
    """A fetch is under way that goes on saying so, until it ends."""
    fetched(services, now=now)
    with services.database.transaction() as session:
        fetches.keep_running(session, run, until=now + until, now=now)


def ends(services: Services, run: str = "one", *, now: dt.datetime = NOW) -> None:
    fetched(services, now=now)
    with services.database.transaction() as session:
        fetches.end_running(session, run)


def choose(services: Services, *, after: dt.timedelta = dt.timedelta(), patient: bool = True) -> int:
    return welcome.choose_welcomes(services, now=NOW + after, patient=patient)


def claimed(services: Services, *, after: dt.timedelta = dt.timedelta()) -> list[Delivery]:
    with services.database.transaction() as session:
        return leases.claim(session, lease="w", until=NOW + DAY, limit=9, now=NOW + after)


def due(services: Services, *, after: dt.timedelta = dt.timedelta()) -> int:
    with services.database.reading() as session:
        return ledger.due_count(session, now=NOW + after)


# ---------------------------------------------------------------- one mail at the end


def test_what_a_fetch_brings_after_the_click_is_in_the_one_mail_at_its_end(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    begins(services)
    confirm(services, reader)
    assert choose(services, after=MINUTE) == 0
    assert claimed(services, after=MINUTE) == []
    put(services, 2, 3)
    ends(services, now=NOW + MINUTE)
    assert choose(services, after=MINUTE) == 1
    [row] = rows(services)
    assert (refs(services, row), row.contents["welcome"], row.due_at, row.reason) == ({"1", "2", "3"}, True, NOW + MINUTE, "")
    settle(services, DeliveryState.SENT, now=NOW + MINUTE)
    assert plan.plan(services, now=NOW + 2 * MINUTE, date=TODAY).planned == 0
    assert choose(services, after=2 * MINUTE) == 0


def test_a_new_announcement_that_the_fetch_brings_is_the_one_shown(services: Services) -> None:
    put(services, 1, day=TODAY - DAY)
    begins(services)
    confirm(services, add(services))
    put(services, 2, 3)
    ends(services)
    choose(services)
    assert refs(services, rows(services)[0]) == {"2", "3"}


@pytest.mark.parametrize("minutes", [0, 1, 3])
def test_nothing_of_a_digest_leaves_while_a_fetch_is_under_way(services: Services, minutes: int) -> None:
    put(services, 1)
    begins(services)
    confirm(services, add(services))
    at = minutes * MINUTE
    choose(services, after=at)
    plan.plan(services, now=NOW + at, date=TODAY)
    with services.database.transaction() as session:
        waiting_store.bring_forward(session, now=NOW + at)
    assert (due(services, after=DAY), claimed(services, after=DAY)) == (0, [])


def test_a_fetch_that_hangs_is_waited_for_less_than_four_minutes_then_what_is_there_leaves(services: Services) -> None:
    put(services, 1)
    begins(services)
    confirm(services, add(services))
    put(services, 2)
    assert choose(services, after=3 * MINUTE + 30 * SECOND) == 0
    assert choose(services, after=FOUR_MINUTES - 15 * SECOND) == 1
    [row] = claimed(services, after=FOUR_MINUTES - 15 * SECOND)
    assert refs(services, row) == {"1", "2"}


def test_a_killed_fetch_is_waited_for_no_longer_than_it_counts_as_alive(services: Services) -> None:
    put(services, 1)
    begins(services, until=30 * SECOND)
    confirm(services, add(services))
    assert (choose(services, after=29 * SECOND), choose(services, after=30 * SECOND)) == (0, 1)


def test_of_two_fetches_at_once_the_last_one_is_waited_for(services: Services) -> None:
    put(services, 1)
    begins(services)
    begins(services, "two")
    confirm(services, add(services))
    ends(services)
    assert choose(services) == 0
    ends(services, "two")
    assert choose(services) == 1


def test_before_the_very_first_fetch_has_begun_it_is_waited_for(services: Services) -> None:
    confirm(services, add(services))
    assert choose(services) == 0
    put(services, 1)
    fetched(services)
    assert choose(services) == 1
    assert refs(services, rows(services)[0]) == {"1"}


def test_a_fetch_that_is_due_is_waited_for_on_any_day(services: Services) -> None:
    put(services, 1)
    fetched(services, now=NOW - 2 * fetch_schedule.FETCH_ROUTINE)
    confirm(services, add(services))
    assert choose(services) == 0


def test_where_no_fetch_is_under_way_the_first_digest_leaves_at_once(services: Services) -> None:
    put(services, 1)
    fetched(services)
    confirm(services, add(services))
    assert [row.waits_until for row in rows(services)] == [None]
    assert len(claimed(services)) == 1


def test_whoever_works_without_a_scheduler_has_them_chosen_at_once(services: Services) -> None:
    put(services, 1)
    begins(services)
    confirm(services, add(services, language="ja"))
    assert choose(services, patient=False) == 1
    assert len(claimed(services)) == 1


def test_two_processes_at_once_choose_once(services: Services) -> None:
    put(services, 1)
    begins(services)
    readers = [add(services) for _ in range(120)]
    for reader in readers:
        confirm(services, reader)
    ends(services)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(choose(services))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    choose(services)
    assert [row.subscriber_id for row in rows(services)] == readers
    assert all(refs(services, row) == {"1"} and row.waits_until is None for row in rows(services))
    assert sum(counts) <= len(readers)


def test_what_is_chosen_stays_as_it_is(services: Services) -> None:
    begins(services)
    delivery = confirm(services, add(services))
    assert delivery is not None
    given = [{"papers": [[number, "nerf"]], "more": 0} for number in (1, 2)]
    for contents, first in zip(given, (True, False), strict=True):
        with services.database.transaction() as session:
            frozen = waiting_store.freeze(session, delivery, contents=contents, covers_to=9, due_at=NOW, now=NOW)
        assert frozen is first
    assert rows(services)[0].contents == given[0]


# ---------------------------------------------------------------- translations


def test_translations_of_what_the_fetch_brought_are_waited_for_a_little(services: Services) -> None:
    begins(services)
    confirm(services, add(services, language="ja"))
    put(services, 1)
    ends(services, now=NOW + MINUTE)
    choose(services, after=MINUTE)
    assert [row.due_at for row in rows(services)] == [NOW + MINUTE + welcome.WELCOME_WAIT]
    with services.database.transaction() as session:
        assert waiting_store.bring_forward(session, now=NOW) == 0, "a look that began before knows nothing of these papers"
        assert waiting_store.bring_forward(session, now=NOW + MINUTE) == 1


def test_translations_are_asked_for_again_where_a_first_digest_got_its_papers_while_others_were_being_made(
    services: Services,
) -> None:
    def looked(at: dt.timedelta) -> None:
        with services.database.transaction() as session:
            state.TRANSLATION_BEGAN_AT.write(session, NOW + at, now=NOW + at)

    begins(services)
    confirm(services, add(services, language="ja"))
    put(services, 1)
    ends(services, now=NOW + MINUTE)
    looked(MINUTE + SECOND)
    assert not scheduler.translation_is_due(services, now=NOW + MINUTE + SECOND)
    choose(services, after=MINUTE + 2 * SECOND)
    assert scheduler.translation_is_due(services, now=NOW + MINUTE + 3 * SECOND)
    looked(MINUTE + 4 * SECOND)
    assert not scheduler.translation_is_due(services, now=NOW + MINUTE + 5 * SECOND)


def test_translations_are_waited_for_within_the_four_minutes(services: Services) -> None:
    begins(services)
    confirm(services, add(services, language="ja"))
    put(services, 1)
    ends(services, now=NOW + 3 * MINUTE + 20 * SECOND)
    choose(services, after=3 * MINUTE + 20 * SECOND)
    [row] = rows(services)
    assert NOW + 3 * MINUTE + 20 * SECOND < row.due_at < NOW + FOUR_MINUTES


# ---------------------------------------------------------------- changes of mind


def test_the_newest_choice_counts(services: Services) -> None:
    begins(services)
    reader = add(services, "nerf")
    confirm(services, reader)
    put(services, 1, topic="nerf")
    put(services, 2, topic="llm")
    with services.database.transaction() as session:
        subscribers.replace_topics(session, reader, {"llm"})
    ends(services)
    choose(services)
    assert refs(services, rows(services)[0]) == {"2"}


@pytest.mark.parametrize("how", ["leaves", "pauses", "pauses for a week"])
def test_who_leaves_or_pauses_meanwhile_gets_nothing(services: Services, how: str) -> None:
    begins(services)
    reader = add(services)
    confirm(services, reader)
    if how == "leaves":
        unsubscribe.leave(services, reader, now=NOW, origin="test")
    else:
        preferences.pause(services, reader, until=TODAY + 7 * DAY if "week" in how else None, now=NOW)
    put(services, 1)
    ends(services)
    assert choose(services) == 0
    digest = rows(services, reader)[0]
    assert (digest.state, digest.reason) == (DeliveryState.SKIPPED, "unsubscribed" if how == "leaves" else "paused")


def test_who_may_get_no_mail_meanwhile_may_again_and_is_told_of_in_the_ledger_after_it(services: Services) -> None:
    put(services, 1)
    begins(services)
    blocked = add(services)
    confirm(services, blocked)
    with services.database.transaction() as session:
        subscribers.suppress(session, session.get_one(SubscriberRow, blocked).address_key, reason="complained", now=NOW)
    ends(services)
    assert choose(services) == 0
    assert rows(services)[0].state == DeliveryState.QUEUED
    choose(services, after=FOUR_MINUTES)
    assert [(row.state, row.reason) for row in rows(services)] == [(DeliveryState.SKIPPED, "suppressed")]


def test_who_moved_waits_too_and_where_nothing_is_new_the_date_is_free_again(services: Services) -> None:
    put(services, 1)
    with services.database.reading() as session:
        cursor = papers_store.highest_number(session)
    has_it, new_to = add(services, cursor=cursor, hour=10), add(services, cursor=cursor - 1)
    begins(services)
    for reader in (has_it, new_to):
        confirm(services, reader, greeting=False)
    ends(services)
    assert choose(services) == 1
    assert [(row.subscriber_id, row.contents.get("welcome")) for row in rows(services)] == [(new_to, None)]
    put(services, 2)
    assert plan.plan(services, now=NOW + 3 * 60 * MINUTE).planned == 1
    assert refs(services, rows(services, has_it)[0]) == {"2"}


def test_who_confirms_twice_meanwhile_gets_one(services: Services) -> None:
    begins(services)
    reader = add(services)
    first = confirm(services, reader)
    assert first is not None
    assert confirm(services, reader) is None
    assert confirm(services, reader, now=NOW + DAY) is None, "also over midnight"


def test_over_midnight_the_coming_date_brings_no_second_mail(services: Services) -> None:
    late = NOW.replace(hour=23, minute=59)
    put(services, 1, now=late)
    begins(services, now=late)
    reader = add(services, hour=0, confirmed_at=late)
    confirm(services, reader, now=late)
    put(services, 2, now=late)
    assert plan.plan(services, now=late + 2 * MINUTE).planned == 0
    ends(services, now=late + 2 * MINUTE)
    welcome.choose_welcomes(services, now=late + 2 * MINUTE)
    settle(services, DeliveryState.SENT, now=late + 2 * MINUTE)
    plan.plan(services, now=late + 3 * MINUTE)
    [row] = rows(services, reader)
    assert (row.period, refs(services, row)) == (TODAY.isoformat(), {"1", "2"})


def test_what_an_saved_query_finds_is_in_the_first_digest(services: Services) -> None:
    begins(services)
    reader = add(services, "robotics")
    with services.database.transaction() as session:
        replace_own(session, reader, [SavedQuery(Kind.QUERY, 'ti:"number 1"'), SavedQuery(Kind.QUERY, "ti:paper")], now=NOW)
    confirm(services, reader)
    put(services, 1)
    ends(services)
    assert choose(services) == 1
    assert refs(services, rows(services)[0]) == {"1"}


def test_a_second_subscription_is_shown_nothing_twice_after_waiting(services: Services) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    with services.database.transaction() as session:
        session.get_one(SubscriberRow, reader).cursor = None  # as confirming anew does
    begins(services, now=NOW + DAY)
    confirm(services, reader, now=NOW + DAY)
    put(services, 2)
    ends(services, now=NOW + DAY)
    choose(services, after=DAY)
    assert [refs(services, row) for row in rows(services, reader)] == [{"1"}, {"2"}]


# ---------------------------------------------------------------- fetches


def test_a_fetch_says_that_it_is_under_way_until_its_end(services: Services) -> None:
    fetched(services)
    with fetch_schedule.under_way(services, now=NOW), services.database.reading() as session:
        assert fetch_schedule.papers_expected(session, now=NOW + 20 * SECOND)
        assert not fetch_schedule.papers_expected(session, now=NOW + 31 * SECOND), "unless it says so again"
    with services.database.reading() as session:
        assert not fetch_schedule.papers_expected(session, now=NOW)


def test_a_back_fill_is_waited_for_by_nobody(sqlite_url: str, make_services: Make) -> None:
    seen: list[bool] = []
    arxiv = FakeArxiv(announced(NOW))
    with arxiv as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        fetched(services)

        def look() -> None:
            with services.database.reading() as session:
                seen.append(fetches.is_running(session, now=NOW))

        fetch.fetch(_Looking(services, look), now=NOW, since=TODAY - 3 * DAY)  # type: ignore[arg-type]
        fetch.fetch(_Looking(services, look), now=NOW)  # type: ignore[arg-type]
    assert seen[0] is False
    assert seen[-1] is True


class _Looking(Services):
    """Services that look at what is when a client of a source is asked for."""

    def __init__(self, services: Services, look: Callable[[], None]) -> None:
        super().__init__(services.settings, services.database)
        object.__setattr__(self, "look", look)

    @property
    def clients(self) -> SourceClients:  # type: ignore[override]
        self.look()  # type: ignore[attr-defined]
        return super().clients


def test_the_next_fetch_after_a_failing_first_one_is_soon_then_at_growing_distances(services: Services) -> None:
    def pause() -> dt.timedelta:
        with services.database.reading() as session:
            last = papers_store.last_fetch(session)
            assert last is not None
            return fetch_schedule.next_fetch(session, now=last.ended_at) - last.ended_at

    fetched(services, error="503")
    pauses = [pause()]
    at = NOW
    while pauses[-1] < fetch_schedule.FETCH_AGAIN:
        at += pauses[-1]
        fetched(services, now=at, error="503")
        pauses.append(pause())
    assert pauses[0] < MINUTE
    assert pauses == sorted(pauses)
    assert pauses[-1] == fetch_schedule.FETCH_AGAIN
    fetched(services, now=at)
    fetched(services, now=at + SECOND, error="503")
    assert pause() == fetch_schedule.FETCH_AGAIN, "one that ended well is no beginning any more"


def test_a_source_that_asks_for_a_pause_at_first_brings_no_samples_but_another_try(sqlite_url: str, make_services: Make) -> None:
    arxiv = FakeArxiv(announced(NOW), faults=[Fault.UNAVAILABLE])
    with arxiv as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        reader = add(services, "nerf")
        confirm(services, reader)
        refused = fetch.fetch(services, now=NOW, attempts=1, routine=True)
        assert (refused.samples, bool(refused.problem)) == (0, True)
        assert choose(services, after=SECOND) == 0, "the next try is waited for"
        with services.database.reading() as session:
            again = fetch_schedule.next_fetch(session, now=NOW)
        assert again - NOW < MINUTE
        fetch.fetch(services, now=again, attempts=1, routine=True)
        assert welcome.choose_welcomes(services, now=again) == 1
    assert len(rows(services)[0].contents["papers"]) == 1


def test_samples_stand_in_where_a_source_goes_on_asking_for_pauses(sqlite_url: str, make_services: Make) -> None:
    arxiv = FakeArxiv(announced(NOW), faults=[Fault.UNAVAILABLE] * 9)
    with arxiv as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        samples = [fetch.fetch(services, now=NOW + n * MINUTE / 2, attempts=1, routine=True).samples for n in range(3)]
    assert samples[:2] == [0, 0]
    assert samples[2] >= 40
    confirm(services, add(services, "3d"), now=NOW + MINUTE)
    assert welcome.choose_welcomes(services, now=NOW + MINUTE) + len(claimed(services, after=2 * MINUTE)) == 1


def test_a_first_digest_of_samples_that_has_not_left_waits_for_the_real_papers(services: Services) -> None:
    with services.database.transaction() as session:
        one = sample(1, announced_on=TODAY)
        papers_store.store_papers(session, [(one, [match(one)])], now=NOW)
    fetched(services, error="no connection")
    reader = add(services)
    confirm(services, reader)
    begins(services)
    with FakeArxiv(announced(NOW)) as url:
        real = Services(services.settings.model_copy(update={"arxiv_api_url": url}), services.database)
        fetch.fetch(real, now=NOW)
    [row] = rows(services)
    assert row.waits_until is not None
    assert claimed(services, after=DAY) == []
    ends(services)
    assert choose(services) == 1
    [row] = rows(services)
    assert row.contents["welcome"] is True
    with services.database.reading() as session:
        shown = papers_store.papers_by_ids(session, [paper for paper, _ in row.contents["papers"]]).values()
    assert [paper.is_sample for paper in shown] == [False]
