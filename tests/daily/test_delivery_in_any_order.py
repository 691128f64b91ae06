"""Nobody is lost and nobody gets a paper twice, in whatever order papers, refusals, crashes and changes of mind come."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.bootstrap import Services
from newsletter.daily import plan, send, welcome
from newsletter.errors import InputError
from newsletter.mail.store import leases, ledger
from newsletter.papers.store import fetches
from newsletter.subscribers import unsubscribe
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind
from tests.daily.ledgers import DAY, add, fetched, put, rows
from tests.factories import NOW
from tests.services import services_over
from tests.smtp_sink import DROP, Sink

# Whoever is said not to exist gets nothing more.
NOBODY = "550 5.1.1 nobody"
FAULTS = (
    ("rcpt", "450 4.2.0 later"),
    ("rcpt", "554 5.6.0 this mail is not for us"),
    ("rcpt", NOBODY),
    ("data", DROP),
    ("dot", "451 4.3.0 later"),
    ("dot", DROP),
    ("mail", "421 4.7.0 enough"),
)
LEASE = dt.timedelta(seconds=30)
TOPICS = ("nerf", "llm", "3d")
WHO = st.integers(0, 3)
WHOM = st.frozensets(WHO, min_size=1)
FAULT = st.sampled_from((None, *FAULTS))
STEPS = st.one_of(
    st.tuples(st.just("papers"), st.integers(1, 4), st.sampled_from(TOPICS)),
    st.tuples(st.just("plan")),
    st.tuples(st.just("drain"), FAULT, WHOM),
    st.tuples(st.just("morning"), st.sampled_from(TOPICS), FAULT, WHOM),
    st.tuples(st.just("crash"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 1, 5, 13, 24])),
    st.tuples(st.just("fetch"), st.sampled_from([0, 0.1, 24])),
    st.tuples(st.just("leave"), WHO),
    st.tuples(st.just("return"), WHO),
    st.tuples(st.just("anew"), WHO),
    st.tuples(st.just("topics"), WHO, st.sets(st.sampled_from(TOPICS), min_size=1)),
)


class Story:
    """A service, its mail server and its clock; each step is something that happens to them."""

    def __init__(self, services: Services, sink: Sink) -> None:
        self.services, self.sink, self.now = services, sink, NOW
        self.stored: Counter[str] = Counter()
        self.papers = 0
        self.addresses = [f"reader-{who}@example.org" for who in range(4)]
        self.readers = [
            add(services, topic, cursor=0, max_papers=3, email=self.addresses[who])
            for who, topic in enumerate(("nerf", "nerf", "llm", "3d"))
        ]
        self.steady = set(self.readers)

    def step(self, name: str, *arguments: object) -> None:
        getattr(self, name)(*arguments)

    def papers_come(self, count: int, topic: str) -> None:
        numbers = range(self.papers + 1, self.papers + count + 1)
        put(self.services, *numbers, topic=topic, day=self.now.date(), now=self.now)
        self.papers += count
        self.stored[topic] += count

    def fetch(self, until: float) -> None:
        """A fetch begins that counts as under way for so many hours, or one ends."""
        with self.services.database.transaction() as session:
            fetches.keep_running(session, "one", until=self.now + until * DAY / 24, now=self.now)
        if not until:
            fetched(self.services, now=self.now)

    def plan(self) -> None:
        welcome.choose_welcomes(self.services, now=self.now)
        plan.plan(self.services, now=self.now)

    def drain(self, fault: tuple[str, str] | None = None, whom: frozenset[int] = frozenset()) -> None:
        """Sends what is due; the server answers ``fault`` for the readers ``whom`` (at MAIL it knows no reader: for all)."""
        addresses = {self.addresses[who] for who in whom}
        if fault is not None and fault[1] == NOBODY:
            self.steady -= {self.readers[who] for who in whom}

        def script(step: str, argument: str) -> str | None:
            faulty = fault is not None and step == fault[0] and (step == "mail" or argument in addresses)
            return fault[1] if fault is not None and faulty else None

        self.sink.script = script
        send.drain(self.services, now=lambda: self.now)

    def morning(self, topic: str, fault: tuple[str, str] | None, whom: frozenset[int]) -> None:
        """A day later papers come, digests are planned and sent."""
        self.now += DAY
        self.papers_come(2, topic)
        self.plan()
        self.drain(fault, whom)

    def crash(self, marked: bool) -> None:
        with self.services.database.transaction() as session:
            claimed = leases.claim(session, lease="dead", until=self.now + LEASE, limit=2, now=self.now)
            if marked:
                leases.mark_final_dot(session, [one.id for one in claimed], lease="dead", now=self.now)
        self.plan()
        self.now += LEASE
        with self.services.database.transaction() as session:
            leases.sweep(session, now=self.now)

    def wait(self, hours: float) -> None:
        self.now += dt.timedelta(hours=hours)

    def leave(self, who: int) -> None:
        self.steady.discard(self.readers[who])
        unsubscribe.leave(self.services, self.readers[who], now=self.now, origin="test")

    def come_back(self, who: int) -> None:
        # Whoever bounced, or left long ago, may not.
        with suppress(InputError):
            unsubscribe.come_back(self.services, self.readers[who], now=self.now, origin="test")

    def anew(self, who: int) -> None:
        """Signs up and confirms again after leaving."""
        self.leave(who)
        with self.services.database.transaction() as session:
            row = session.get_one(SubscriberRow, self.readers[who])
            row.state, row.cursor, row.confirmed_at, row.left_at = "confirmed", None, self.now, None
            session.flush()
            welcome.plan_welcome(self.services, session, self.readers[who], now=self.now)

    def topics(self, who: int, chosen: set[str]) -> None:
        self.steady.discard(self.readers[who])
        with self.services.database.transaction() as session:
            subscribers_store.replace_topics(session, self.readers[who], chosen)

    def end_well(self) -> None:
        """Three more days without any fault: whatever was held up gets its chance."""
        for _ in range(6):
            self.plan()
            self.drain()
            self.now += DAY / 2


NAMES = {"papers": "papers_come", "return": "come_back"}


@settings(max_examples=20)
# Histories that must be among those tried in every run.
@example(steps=[("morning", "nerf", ("dot", DROP), {0}), ("morning", "nerf", None, {0})])
@example(steps=[("morning", "nerf", ("rcpt", "554 5.6.0 this mail is not for us"), {0}), ("morning", "nerf", None, {0})])
@example(steps=[("morning", "nerf", ("rcpt", NOBODY), {0}), ("morning", "nerf", None, {0})])
@example(steps=[("morning", "nerf", ("rcpt", "450 4.2.0 later"), {0, 1}), ("morning", "nerf", None, {0})])
@example(steps=[("papers", 4, "nerf"), ("plan",), ("crash", True), ("wait", 24), ("crash", False)])
@example(steps=[("morning", "nerf", None, {0}), ("anew", 0), ("wait", 24), ("plan",)])
@example(steps=[("fetch", 24), ("anew", 0), ("plan",), ("papers", 2, "nerf"), ("fetch", 0), ("plan",), ("drain", None, {0})])
@given(steps=st.lists(STEPS, min_size=3, max_size=20))
def test_each_paper_reaches_each_reader_once(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory() as own, Sink() as sink:
        shutil.copy(sqlite_template, Path(own) / "newsletter.db")
        # One folder for all examples keeps the compiled templates.
        services = services_over(f"sqlite:///{own}/newsletter.db", folder, SMTP_URL=sink.url)
        story = Story(services, sink)
        for name, *arguments in steps:
            story.step(NAMES.get(str(name), str(name)), *arguments)
        story.end_well()
        check(story)
        services.database.close()


def check(story: Story) -> None:
    topic_of = dict(zip(story.readers, ("nerf", "nerf", "llm", "3d"), strict=True))
    for reader in story.readers:
        digests = [row for row in rows(story.services, reader) if row.kind is MailKind.DIGEST]
        assert all(row.state not in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRY) for row in digests)
        left = [row for row in digests if row.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)]
        shown = Counter(paper for row in left for paper, _ in row.contents["papers"])
        assert max(shown.values(), default=1) == 1, "a paper twice as new"
        if reader in story.steady:
            counted = sum(len(row.contents["papers"]) + row.contents["more"] for row in left)
            assert counted == story.stored[topic_of[reader]], "a paper lost, or counted twice"
    taken = Counter(one.message_id for one in story.sink.taken)
    with story.services.database.reading() as session:
        sent = ledger.deliveries(session, state=DeliveryState.SENT)
    assert all(taken[row.message_id] == 1 for row in sent), "a mail twice"
