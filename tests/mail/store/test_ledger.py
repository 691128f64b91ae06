"""The promises of the ledger, on both databases."""

import datetime as dt
import threading

import pytest

from newsletter.db import Database
from newsletter.mail.deliveries import Outcome, PlannedDigest
from newsletter.mail.store import leases, ledger
from newsletter.operating import state
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow, SuppressionRow
from newsletter.values.mail import DeliveryState, MailKind
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber

LATER = NOW + dt.timedelta(seconds=31)
UNTIL = NOW + dt.timedelta(seconds=30)


def claim(database: Database, *, lease: str = "a", limit: int = 10) -> list[int]:
    with database.transaction() as session:
        return [delivery.id for delivery in leases.claim(session, lease=lease, until=UNTIL, limit=limit, now=NOW)]


def mark(database: Database, ids: list[int], *, lease: str = "a", now: dt.datetime = NOW) -> set[int]:
    with database.transaction() as session:
        return leases.mark_final_dot(session, ids, lease=lease, now=now)


def settle(database: Database, ids: list[int], state: DeliveryState = DeliveryState.SENT, *, lease: str = "a") -> int:
    outcomes = [Outcome(delivery, state, "dot", "250 ok", due_at=LATER) for delivery in ids]
    with database.transaction() as session:
        return leases.settle(session, outcomes, lease=lease, now=NOW)


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return [str(delivery.state) for delivery in ledger.deliveries(session)]


def cursor(database: Database, subscriber: int) -> int | None:
    with database.reading() as session:
        row = session.get(SubscriberRow, subscriber)
        assert row is not None
        return row.cursor


def test_a_digest_of_a_date_is_planned_once_however_often_it_is_tried(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        digest = PlannedDigest(subscriber, "2026-11-20", {"papers": []}, 3)
        first = ledger.plan_digests(session, [digest], priority=2, domain="example.org", now=NOW)
    with database.transaction() as session:
        again = ledger.plan_digests(session, [digest], priority=2, domain="example.org", now=NOW)
    assert (first, again, states(database)) == (1, 0, ["queued"])


def test_a_claimed_row_is_claimed_by_nobody_else(database: Database) -> None:
    with database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session))
    assert claim(database, lease="a") == [delivery]
    assert claim(database, lease="b") == []


def test_eight_threads_that_claim_at_once_share_the_rows_without_overlap(database: Database) -> None:
    with database.transaction() as session:
        wanted = {a_digest_row(session, a_subscriber(session)) for _ in range(40)}
    taken: list[int] = []
    lock = threading.Lock()

    def work(name: str) -> None:
        while got := claim(database, lease=name, limit=3):
            with lock:
                taken.extend(got)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(wanted)


def test_what_a_person_waits_for_is_claimed_first(database: Database) -> None:
    with database.transaction() as session:
        digest = a_digest_row(session, a_subscriber(session))
        letter = a_letter_row(session, a_subscriber(session, state="pending"), MailKind.CONFIRM)
    assert claim(database, limit=1) == [letter]
    assert claim(database, limit=1) == [digest]


@pytest.mark.parametrize("state", ["pending", "paused", "unsubscribed", "bounced", "complained"])
def test_no_digest_is_claimed_for_somebody_who_is_not_subscribed(database: Database, state: str) -> None:
    with database.transaction() as session:
        a_digest_row(session, a_subscriber(session, state=state))
    assert claim(database) == []
    with database.transaction() as session:
        assert ledger.skip_ineligible(session, now=NOW) == 1
        assert [(d.state, d.reason) for d in ledger.deliveries(session)] == [(DeliveryState.SKIPPED, state)]


def test_a_suppressed_address_is_never_claimed(database: Database) -> None:
    with database.transaction() as session:
        a_digest_row(session, a_subscriber(session, email="gone@example.org"))
        session.add(SuppressionRow(address_key="key-of-gone@example.org", reason="complained", at=NOW))
    assert claim(database) == []
    with database.transaction() as session:
        ledger.skip_ineligible(session, now=NOW)
        assert [d.reason for d in ledger.deliveries(session)] == ["suppressed"]


def test_the_cursor_moves_when_a_digest_is_sent_and_not_before(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        delivery = a_digest_row(session, subscriber, covers_to=7)
    claim(database)
    mark(database, [delivery])
    assert cursor(database, subscriber) is None
    assert settle(database, [delivery]) == 1
    assert cursor(database, subscriber) == 7


def test_one_commit_settles_a_group_and_marks_the_next_of_those_still_held_and_subscribed(database: Database) -> None:
    with database.transaction() as session:
        readers = [a_subscriber(session) for _ in range(4)]
        sent, taken_over, marked, left = (a_digest_row(session, reader, covers_to=7) for reader in readers)
    claim(database)
    mark(database, [sent])
    with database.transaction() as session:
        session.get_one(SubscriberRow, readers[3]).state = "unsubscribed"
        session.get_one(DeliveryRow, taken_over).lease = "b"
    outcomes = [Outcome(delivery, DeliveryState.SENT, "dot", "250 ok\0") for delivery in (sent, taken_over)]
    with database.statement() as session:
        assert leases.settle_and_mark(session, outcomes, [marked, left], lease="a", now=NOW) == (1, {marked})
    assert [cursor(database, reader) for reader in readers] == [7, None, None, None]
    with database.transaction() as session:
        state.pause(session, now=NOW)
        found = ledger.deliveries(session)
    assert [(one.state, one.stage) for one in found] == [
        ("sent", "dot"),
        *[("sending", stage) for stage in ("claimed", "final_dot", "claimed")],
    ]
    with database.statement() as session:
        again = [Outcome(marked, DeliveryState.SENT, "dot", "250 ok")]
        assert leases.settle_and_mark(session, again, [left], lease="a", now=NOW) == (1, set())


@pytest.mark.parametrize("state", [DeliveryState.RETRY, DeliveryState.FAILED])
def test_the_cursor_stands_still_when_a_digest_was_not_delivered(database: Database, state: DeliveryState) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        delivery = a_digest_row(session, subscriber)
    claim(database)
    settle(database, [delivery], state)
    assert cursor(database, subscriber) is None


def test_of_two_digests_that_end_together_the_farther_one_counts(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        rows = [
            a_digest_row(session, subscriber, period=f"2026-11-{day}", covers_to=to) for day, to in ((20, 5), (21, 9), (22, 7))
        ]
    claim(database)
    mark(database, rows)
    assert settle(database, rows) == 3
    assert cursor(database, subscriber) == 9


def test_nothing_is_marked_while_sending_is_paused(database: Database) -> None:
    with database.transaction() as session:
        row = a_digest_row(session, a_subscriber(session))
        state.pause(session, now=NOW)
    claim(database)
    assert mark(database, [row]) == set()
    with database.transaction() as session:
        state.resume(session, now=NOW)
    assert mark(database, [row]) == {row}


def test_the_cursor_never_moves_back(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session, cursor=50)
        delivery = a_digest_row(session, subscriber, covers_to=7)
    claim(database)
    settle(database, [delivery])
    assert cursor(database, subscriber) == 50


def test_a_worker_that_lost_its_lease_can_neither_mark_nor_settle(database: Database) -> None:
    with database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session))
    claim(database, lease="slow")
    assert mark(database, [delivery], lease="slow", now=LATER) == set()
    with database.transaction() as session:
        assert leases.sweep(session, now=LATER).retried == 1
    assert mark(database, [delivery], lease="slow") == set()
    assert settle(database, [delivery], lease="slow") == 0
    assert states(database) == ["retry"]


def test_after_a_crash_an_unmarked_row_is_tried_again_and_a_marked_one_is_unknown(database: Database) -> None:
    with database.transaction() as session:
        subscribers = [a_subscriber(session) for _ in range(2)]
        _unmarked, marked = (a_digest_row(session, subscriber) for subscriber in subscribers)
    claim(database)
    mark(database, [marked])
    with database.transaction() as session:
        swept = leases.sweep(session, now=LATER)
    assert (swept.retried, swept.unknown) == (1, 1)
    assert states(database) == ["retry", "unknown"]
    assert [cursor(database, subscriber) for subscriber in subscribers] == [None, 7]


def test_a_confirmation_in_doubt_is_sent_again(database: Database) -> None:
    with database.transaction() as session:
        letter = a_letter_row(session, a_subscriber(session, state="pending"), MailKind.CONFIRM)
    claim(database)
    mark(database, [letter])
    with database.transaction() as session:
        leases.sweep(session, now=LATER)
    assert states(database) == ["retry"]


def test_a_heartbeat_keeps_the_rows_of_a_living_worker(database: Database) -> None:
    with database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session))
    claim(database)
    with database.transaction() as session:
        leases.renew(session, lease="a", until=LATER + dt.timedelta(seconds=30))
        assert leases.sweep(session, now=LATER).retried == 0
    assert mark(database, [delivery], now=LATER) == {delivery}


def test_a_worker_that_stops_gives_back_what_it_did_not_try(database: Database) -> None:
    with database.transaction() as session:
        tried, untried = (a_digest_row(session, a_subscriber(session)) for _ in range(2))
    claim(database)
    mark(database, [tried])
    with database.transaction() as session:
        assert leases.release(session, lease="a") == 1
    assert states(database) == ["sending", "queued"]
    assert claim(database, lease="b") == [untried]


def test_leaving_skips_the_digests_that_have_not_left_yet(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        a_digest_row(session, subscriber)
        assert ledger.skip_queued(session, subscriber, reason="unsubscribed", now=NOW) == 1
    assert states(database) == ["skipped"]


def test_a_digest_that_never_left_makes_way_for_the_next_one(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        late = a_digest_row(session, subscriber, period="2026-11-19")
        assert ledger.open_digests(session) == {subscriber: [(late, "2026-11-19")]}
        assert ledger.skip_late(session, [late], now=NOW) == 1
        assert [(d.state, d.reason) for d in ledger.deliveries(session)] == [(DeliveryState.SKIPPED, "late")]


def test_an_operator_resends_what_is_unknown_and_the_same_row_goes_out(database: Database) -> None:
    with database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session))
    claim(database)
    settle(database, [delivery], DeliveryState.UNKNOWN)
    with database.transaction() as session:
        assert ledger.resend(session, state=DeliveryState.UNKNOWN, period="2026-11-20", now=NOW) == 1
    assert claim(database) == [delivery]
