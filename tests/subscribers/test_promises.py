"""Promises that hold whatever people do, in whatever order, and however many at once."""

import datetime as dt
import itertools
import threading
from collections.abc import Callable

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter.bootstrap import Services
from newsletter.daily.welcome import confirm_and_welcome
from newsletter.db import Database, connect
from newsletter.errors import InputError
from newsletter.settings import Settings
from newsletter.subscribers import confirm, import_export, preferences, unsubscribe
from newsletter.subscribers.choices import choices_of
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import MailKind
from tests.services import within
from tests.subscribers.subscriber_builder import NOW, TOPICS, ask, key_of, mails, mint, person, request, settle_all, sign_up

AT_ONCE = 4
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "sign up",
                "sign up",
                "mail",
                "confirm",
                "confirm",
                "leave",
                "return",
                "import",
                "pause",
                "resume",
                "complain",
                "wait",
            ]
        ),
        st.integers(0, 3),
    ),
    max_size=30,
)


class Life:
    """One address through a sequence of steps, and what the steps entitle it to."""

    def __init__(self, session, config: Settings) -> None:  # type: ignore[no-untyped-def]
        self.session, self.config, self.now = session, config, NOW
        self.services = within(session, config)
        self.tokens: list[tuple[str, int]] = []  # with the number of leavings before each was mailed
        self.leavings = 0
        self.complained = False

    def step(self, what: str, choice: int) -> None:
        before = subscribers_store.subscriber_by_key(self.session, "ada@example.org")
        allowed = False
        if what == "wait":
            self.now += dt.timedelta(hours=8 * choice + 1)
        elif what == "sign up":
            ask(self.session, self.config, now=self.now)
        elif what == "import":
            text = f"email,topics,language,timezone,hour,status\nada@example.org,nerf,en,UTC,{choice},confirmed\n"
            import_export.import_csv(self.services, text.splitlines(), consent="x", known=TOPICS, now=self.now)
            allowed = before is None or before.state is State.PENDING
        elif before is not None:
            allowed = self._act(what, choice, before.id)
        self.check(before, allowed=allowed)

    def _act(self, what: str, choice: int, subscriber_id: int) -> bool:
        if what == "mail":
            self.tokens.append((mint(self.session, now=self.now), self.leavings))
            settle_all(self.session)
        elif what == "leave":
            self.leavings += unsubscribe.leave(self.services, subscriber_id, now=self.now, origin="x")
        elif what == "complain":
            self.complained = True
            subscribers_store.change_subscriber(self.session, subscriber_id, state=State.COMPLAINED)
            subscribers_store.suppress(self.session, key_of("ada@example.org"), reason="complained", now=self.now)
        else:
            try:
                if what == "confirm" and self.tokens:
                    raw, leavings = self.tokens[choice % len(self.tokens)]
                    confirm.confirm(self.session, raw, now=self.now)
                    return leavings == self.leavings
                if what == "return":
                    unsubscribe.come_back(self.services, subscriber_id, now=self.now, origin="x")
                    return True
                if what == "pause":
                    preferences.pause(self.services, subscriber_id, until=None, now=self.now)
                if what == "resume":
                    preferences.change(
                        self.services, subscriber_id, choices_of(person(self.session)), pause_until=None, now=self.now
                    )
                    return False
            except InputError:
                return False
        return False

    def check(self, before, *, allowed: bool) -> None:  # type: ignore[no-untyped-def]
        after = subscribers_store.subscriber_by_key(self.session, "ada@example.org")
        if after is None:
            return
        subscribed = (State.CONFIRMED, State.PAUSED)
        if after.state in subscribed and (before is None or before.state not in subscribed):
            assert allowed, "somebody reads who did not want to"
        if self.complained:
            assert readers_store.readers(self.session, on=self.now.date()) == []
        planned = [mail.planned_at for mail in mails(self.session, MailKind.CONFIRM)]
        assert len(planned) <= 3
        assert all(later - earlier >= dt.timedelta(hours=24) for earlier, later in itertools.pairwise(planned))


@given(steps=STEPS)
@hypothesis_settings(max_examples=40)
def test_nobody_who_left_reads_again_without_a_new_confirmation_and_three_confirmations_are_mailed_at_most(
    steps: list[tuple[str, int]], config: Settings, sqlite_url: str
) -> None:
    database = connect(sqlite_url)
    with database.transaction() as session:
        life = Life(session, config)
        for what, choice in steps:
            life.step(what, choice)
        session.rollback()  # the next example begins with an empty database again
    database.close()


def at_once(act: Callable[[], object]) -> list[Exception]:
    """Does the same in so many threads at once; gives the errors."""
    start = threading.Barrier(AT_ONCE)
    errors: list[Exception] = []

    def run() -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_the_same_address_signed_up_many_times_at_once_is_one_person_with_one_mail(database: Database, config: Settings) -> None:
    services = Services(config, database)
    assert at_once(lambda: sign_up(services, request(), now=NOW)) == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 1
        assert len(mails(session, MailKind.CONFIRM)) == 1


def test_two_clicks_on_the_link_at_once_confirm_once(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = mint(session)
    outcomes: list[str] = []
    services = Services(config, database)
    assert at_once(lambda: outcomes.append(confirm_and_welcome(services, raw, now=NOW)[0].outcome)) == []
    assert sorted(outcomes) == ["already", "already", "already", "confirmed"]


def test_leaving_twice_at_once_leaves_once(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        confirm.confirm(session, mint(session), now=NOW)
        subscriber_id = person(session).id
    left: list[bool] = []
    services = Services(config, database)
    assert at_once(lambda: left.append(unsubscribe.leave(services, subscriber_id, now=NOW, origin="x"))) == []
    assert sorted(left) == [False, False, False, True]
