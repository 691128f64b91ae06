"""Sign-up: the wish that is kept, the mails that are planned, and that nobody learns who is known here."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, insert, select

from newsletter.bootstrap import Services
from newsletter.daily.form_requests import do_what_forms_asked
from newsletter.db import Database
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import choices, confirm, form_requests, preferences, unsubscribe
from newsletter.subscribers.faults import ChoicesError
from newsletter.subscribers.signup import ask_to_sign_up, browser_mark, checked_request
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.form_requests import Form
from newsletter.subscribers.subscriber import State
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import FormRequestRow, SubscriberRow, SuppressionRow
from newsletter.values.mail import MailKind
from tests.services import within
from tests.subscribers.subscriber_builder import (
    DAY,
    HOUR,
    NOW,
    TOPICS,
    a_reader,
    ask,
    ask_for_link,
    key_of,
    mails,
    mint_of,
    person,
    request,
    settle_all,
)

CONFIRM, PREFERENCES = MailKind.CONFIRM, MailKind.PREFERENCES


def test_a_sign_up_keeps_the_wish_as_pending_and_plans_one_confirmation(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config, email=" Ada@Example.ORG ")
    with database.reading() as session:
        found = person(session)
        assert found.email == "Ada@example.org"
        assert (found.state, found.topics, found.language) == (State.PENDING, ("nerf", "slam"), "zh-CN")
        assert (found.timezone, found.hour, found.cursor, found.address_key) == (
            "Asia/Shanghai",
            7,
            None,
            key_of("ada@example.org"),
        )
        [mail] = mails(session, CONFIRM)
        assert (mail.period, mail.due_at, mail.email) == ("1", NOW, "Ada@example.org")
        assert mail.message_id.endswith("@example.org>")
        assert [row["action"] for row in subscribers_store.consents(session, found.id)] == ["asked"]


def test_all_faults_of_a_wish_are_told_at_once_by_field() -> None:
    bad = request(email="ada", topics=(), language="tlh", timezone="Mars/Olympus", hour=24)
    with pytest.raises(ChoicesError) as caught:
        checked_request(bad, known=TOPICS)
    assert set(caught.value.faults) == {"email", "topics", "language", "timezone", "hour"}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"topics": ("nerf", "astrology")}, {"topics": choices.UNKNOWN_TOPIC}),
        ({"topics": ("nerf\x00",)}, {"topics": choices.UNKNOWN_TOPIC}),
        ({"language": ""}, {"language": choices.UNKNOWN_LANGUAGE}),
        ({"language": "zh"}, {"language": choices.UNKNOWN_LANGUAGE}),
        ({"timezone": "../../etc/passwd"}, {"timezone": choices.UNKNOWN_ZONE}),
        ({"timezone": "europe/berlin"}, {"timezone": choices.UNKNOWN_ZONE}),
        ({"hour": -1}, {"hour": choices.WRONG_HOUR}),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_field(changes: dict[str, object], faults: dict[str, str]) -> None:
    with pytest.raises(ChoicesError) as caught:
        checked_request(request(**changes), known=TOPICS)
    assert caught.value.faults == faults


def test_an_empty_time_zone_means_utc_and_a_topic_counts_once() -> None:
    kept = checked_request(request(timezone="", topics=("slam", "nerf", "slam")), known=TOPICS)
    assert (kept.choices.timezone, kept.choices.topics) == ("UTC", ("slam", "nerf"))


def test_a_refused_wish_leaves_nothing_behind(database: Database, config: Settings) -> None:
    with pytest.raises(ChoicesError), database.transaction() as session:
        ask(session, config, hour=99)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 0


def test_one_confirmation_leaves_in_24_hours_and_three_in_30_days(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        for hours in range(0, 24 * 31, 6):
            ask(session, config, now=NOW + hours * HOUR)
            settle_all(session)
        planned = [mail.planned_at for mail in mails(session, CONFIRM)]
    assert planned == [NOW, NOW + DAY, NOW + 2 * DAY, NOW + 30 * DAY]


def test_no_second_confirmation_is_planned_while_the_first_waits_to_be_sent(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        ask(session, config, now=NOW + 3 * DAY)
        assert len(mails(session, CONFIRM)) == 1


def test_what_somebody_else_types_before_the_click_changes_nothing(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config, browser="mine")
        for browser in ("", "theirs"):
            ask(session, config, topics=("llm",), language="en", timezone="UTC", hour=9, now=NOW + HOUR, browser=browser)
        [mail] = mails(session, CONFIRM)
        done = confirm.confirm(session, mint_of(session, mail), now=NOW + 2 * HOUR).subscriber
    assert (done.topics, done.language, done.timezone, done.hour) == (("nerf", "slam"), "zh-CN", "Asia/Shanghai", 7)


def test_the_browser_that_signed_up_corrects_what_waits_within_the_day(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config, browser="mine")
        settle_all(session)
        [mail] = mails(session, CONFIRM)
        raw = mint_of(session, mail)
        ask(session, config, topics=("llm",), language="en", timezone="UTC", hour=9, now=NOW + 23 * HOUR, browser="mine")
        done = confirm.confirm(session, raw, now=NOW + DAY).subscriber
        assert len(mails(session, CONFIRM)) == 1
    assert (done.topics, done.language, done.timezone, done.hour) == (("llm",), "en", "UTC", 9)


def test_an_older_wish_that_another_process_does_later_replaces_no_newer_one(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config, browser="mine", topics=("llm",), now=NOW + HOUR)
        ask(session, config, browser="mine", now=NOW)
        assert [mail.contents["wish"]["topics"] for mail in mails(session, CONFIRM)] == [["llm"]]
        ask(session, config, browser="mine", topics=("slam",), now=NOW + 2 * HOUR)
        ask(session, config, browser="mine", topics=("diffusion",), now=NOW + HOUR)
        assert [mail.contents["wish"]["topics"] for mail in mails(session, CONFIRM)] == [["slam"]]


def test_a_request_that_nobody_understands_keeps_only_itself_waiting(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        values = {"form": "of a later version", "email": "b@example.org", "contents": {}, "asked_at": NOW}
        session.execute(insert(FormRequestRow).values(values))
        ask(session, config)
        assert len(mails(session, CONFIRM)) == 1
        assert session.scalar(select(func.count()).select_from(FormRequestRow)) == 1


def test_each_link_confirms_what_was_typed_with_it(database: Database, config: Settings) -> None:
    for which, topics in ((0, ("nerf", "slam")), (1, ("llm",))):
        with database.transaction() as session:
            ask(session, config, browser="mine")
            settle_all(session)
            ask(session, config, topics=("llm",), now=NOW + DAY, browser="theirs")
            raw = mint_of(session, mails(session, CONFIRM)[which], now=NOW + DAY)
            done = confirm.confirm(session, raw, now=NOW + DAY)
            assert (done.subscriber.topics, done.by) == (topics, browser_mark(("mine", "theirs")[which])), which
            session.rollback()


@pytest.mark.parametrize("paused", [False, True])
def test_typing_a_readers_address_changes_nothing_and_mails_the_link_once_a_day(
    database: Database, config: Settings, paused: bool
) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        if paused:
            preferences.pause(within(session, config), reader.id, until=None, now=NOW)
        before = person(session)
        for hours in (1, 2, 30):
            ask(session, config, email="ADA@example.org", topics=("llm",), language="en", now=NOW + hours * HOUR)
        assert person(session) == before
        assert [mail.period for mail in mails(session, PREFERENCES)] == ["2026-11-20", "2026-11-21"]
        assert len(mails(session, CONFIRM)) == 1


def test_who_left_and_signs_up_again_keeps_the_old_choices_until_the_new_ones_are_confirmed(
    database: Database, config: Settings
) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="test")
        settle_all(session)
        later = NOW + 2 * DAY
        ask(session, config, topics=("llm",), language="en", timezone="", hour=5, now=later)
        waiting = person(session)
        assert (waiting.state, waiting.topics, waiting.language) == (State.UNSUBSCRIBED, ("nerf", "slam"), "zh-CN")
        ask(session, config, topics=("diffusion",), language="ja", timezone="", hour=6, now=later + HOUR)
        assert len(mails(session, CONFIRM)) == 2
        done = confirm.confirm(session, mint_of(session, mails(session, CONFIRM)[-1], now=later), now=later).subscriber
    assert (done.state, done.topics, done.language, done.timezone, done.hour) == (State.CONFIRMED, ("llm",), "en", "UTC", 5)
    assert (done.cursor, done.left_at, done.confirmed_at) == (None, None, later)


def make_known(session, config: Settings, what: str) -> None:  # type: ignore[no-untyped-def]
    """Brings ada@example.org into the state ``what``, with nothing waiting to be sent."""
    if what == "suppressed":
        session.add(SuppressionRow(address_key=key_of("ada@example.org"), reason="complained", at=NOW))
    elif what == "pending":
        ask(session, config)
    elif what != "new":
        reader = a_reader(session, config)
        if what == "paused":
            preferences.pause(within(session, config), reader.id, until=None, now=NOW)
        elif what == "unsubscribed":
            unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="test")
        elif what in ("bounced", "complained"):
            subscribers_store.change_subscriber(session, reader.id, state=what)
    session.flush()


ALL_STATES = ["new", "pending", "confirmed", "paused", "unsubscribed", "bounced", "complained", "suppressed"]


@pytest.mark.parametrize("what", ["bounced", "complained", "suppressed"])
def test_an_address_that_must_get_no_mail_gets_none_and_nothing_of_it_is_stored(
    database: Database, config: Settings, what: str
) -> None:
    with database.transaction() as session:
        make_known(session, config, what)
        before = [session.scalar(select(func.count()).select_from(table)) for table in (SubscriberRow, DeliveryRow)]
        ask(session, config, topics=("llm",), now=NOW + 2 * DAY)
        after = [session.scalar(select(func.count()).select_from(table)) for table in (SubscriberRow, DeliveryRow)]
    assert after == before


@pytest.mark.parametrize("form", [Form.SIGN_UP, Form.READERS_LINK, Form.EDITORS_LINK])
def test_until_the_answer_is_given_nothing_is_asked_about_an_address(database: Database, config: Settings, form: Form) -> None:
    """The same statements for every address: so its waiting tells nobody who is known here."""
    asked: dict[str, list[str]] = {}
    for what in ALL_STATES:
        statements: list[str] = []

        def note(connection, cursor, statement, *rest, statements=statements) -> None:  # type: ignore[no-untyped-def]
            statements.append(statement)

        with database.transaction() as session:
            make_known(session, config, what)
            services = within(session, config)
            event.listen(database.engine, "before_cursor_execute", note)
            if form is Form.SIGN_UP:
                ask_to_sign_up(services, request(), network="192.0.2.1", now=NOW + 2 * DAY)
            else:
                form_requests.ask(services, form, "ada@example.org", network="192.0.2.1", now=NOW + 2 * DAY)
            event.remove(database.engine, "before_cursor_execute", note)
            session.rollback()
        asked[what] = [statement for statement in statements if "SAVEPOINT" not in statement]
    assert all(statements == asked["new"] for statements in asked.values())
    assert not [one for one in asked["new"] if re.search("subscribers|suppressions|deliveries|editors", one)]


def test_what_was_kept_is_done_once_whoever_looks_for_it_at_once(database: Database, config: Settings) -> None:
    services = Services(config, database)
    for number in range(3):
        ask_to_sign_up(services, request(email=f"a{number}@example.org"), network="192.0.2.1", now=NOW)
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 0
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda _: do_what_forms_asked(services), range(2)))
    assert (sum(done), do_what_forms_asked(services)) == (3, 0)
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 3
        assert len(ledger.deliveries(session, kind=CONFIRM)) == 3


def test_a_sign_up_that_comes_too_early_again_leaves_no_trace(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        a_reader(session, config)
    with database.transaction() as session:
        ask(session, config, now=NOW + HOUR)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 1
        assert len(ledger.deliveries(session, kind=CONFIRM)) == 1


@pytest.mark.parametrize("what", ALL_STATES)
def test_asking_for_the_link_answers_alike_and_mails_only_readers(database: Database, config: Settings, what: str) -> None:
    with database.transaction() as session:
        make_known(session, config, what)
        for _ in range(3):
            ask_for_link(within(session, config), "Ada@example.org", now=NOW + 2 * DAY)
        planned = ledger.deliveries(session, kind=PREFERENCES)
    assert len(planned) == (1 if what in ("confirmed", "paused") else 0)


def test_a_reader_who_is_suppressed_gets_no_link(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        a_reader(session, config)
        subscribers_store.suppress(session, key_of("ada@example.org"), reason="complained", now=NOW)
        ask_for_link(within(session, config), "ada@example.org", now=NOW + 2 * DAY)
        ask(session, config, now=NOW + dt.timedelta(days=3))
        assert ledger.deliveries(session, kind=PREFERENCES) == []
