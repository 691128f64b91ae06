"""Each alarm: broken, one message; mended, one more. By mail and by a webhook, past a relay that refuses us."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from newsletter.bootstrap import Services
from newsletter.daily.troubles import Kind
from newsletter.daily.watch import watch
from newsletter.mail.deliveries import Outcome, PlannedDigest
from newsletter.mail.store import leases, ledger
from newsletter.operating import state
from newsletter.operating import store as operating_store
from newsletter.operating.heartbeats import Beat, Part
from newsletter.operating.own_files import glossary_of
from newsletter.papers.calendar import announced_at
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.papers import FetchRecord
from newsletter.subscribers.bounce_alarms import ENOUGH
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.translation.store import usage
from newsletter.values.mail import DeliveryState
from tests.factories import a_subscriber
from tests.papers.paper_builder import paper
from tests.services import give_own
from tests.smtp_sink import Sink

Make = Callable[..., Services]
FRIDAY, MONDAY = dt.date(2026, 6, 26), dt.date(2026, 6, 29)
NOW = announced_at(MONDAY) + dt.timedelta(hours=4)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


class Hook:
    """A webhook on loopback that keeps what it is given, and fails while it is told to."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.asked, self.status = 0, 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 200:
                    hook.posted.append(json.loads(body))
                self._end()

            def do_GET(self) -> None:
                hook.asked += hook.status == 200
                self._end()

            def _end(self) -> None:
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/secret-word"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(one["alarm"], one["state"]) for one in self.posted]


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def services(database_url: str, make_services: Make, sink: Sink, hook: Hook) -> Services:
    """An installation that is well: papers of the newest announcement, a fetch a moment ago, and all at work."""
    the = make_services(
        database_url, ALARM_EMAIL="ops@example.org", ALARM_SMTP_URL=sink.url, ALARM_URL=hook.url, TRANSLATORS="libre",
        LIBRETRANSLATE_URL="http://127.0.0.1:9", SMTP_URL="smtp://127.0.0.1:9", PING_URL=hook.url,
    )  # fmt: skip
    keep_papers(the, MONDAY)
    fetch(the)
    return the


def keep_papers(services: Services, day: dt.date) -> None:
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(paper(day.day, announced_on=day), [])], now=announced_at(day))


def fetch(services: Services, error: str = "") -> None:
    with services.database.transaction() as session:
        papers_store.record_fetch(session, FetchRecord("arxiv", NOW, NOW, NOW.date(), NOW.date(), 0, 0, 0, error))


def beat(services: Services, part: Part, name: str, at: dt.datetime, **changes: Any) -> None:
    with services.database.transaction() as session:
        operating_store.put_beat(session, Beat(part, name, at, at, **changes))


def late_digest(services: Services) -> None:
    with services.database.transaction() as session:
        digest = PlannedDigest(a_subscriber(session), "2026-06-29", {"papers": [], "more": 0}, 1)
        ledger.plan_digests(session, [digest], priority=2, domain="example.org", now=NOW - 2 * HOUR)


def settle(services: Services, state_of: DeliveryState) -> None:
    with services.database.transaction() as session:
        claimed = leases.claim(session, lease="w", until=NOW + HOUR, limit=100, now=NOW)
        leases.settle(session, [Outcome(one.id, state_of, "dot", "550 no") for one in claimed], lease="w", now=NOW)


def refused_digests(services: Services) -> None:
    with services.database.transaction() as session:
        digests = [PlannedDigest(a_subscriber(session), NOW.date().isoformat(), {"papers": []}, 1) for _ in range(30)]
        ledger.plan_digests(session, digests, priority=2, domain="example.org", now=NOW)
    settle(services, DeliveryState.FAILED)


def complained_digests(services: Services) -> None:
    with services.database.transaction() as session:
        digests = [PlannedDigest(a_subscriber(session), NOW.date().isoformat(), {"papers": []}, 1) for _ in range(ENOUGH)]
        ledger.plan_digests(session, digests, priority=2, domain="example.org", now=NOW)
    settle(services, DeliveryState.SENT)
    with services.database.transaction() as session:
        one = next(iter(ledger.deliveries(session)))
        bounces_store.keep(
            session, source_key="1", at=NOW, kind="complaint", origin="hook", delivery_id=one.id, subscriber_id=one.subscriber_id,
            domain="example.org", status="", words="spam", raw=None, followed="", state_before="",
        )  # fmt: skip


def forget(services: Services) -> None:
    from newsletter.tables.deliveries import DeliveryRow

    with services.database.transaction() as session:
        session.query(DeliveryRow).delete()


def engine(services: Services, what: str) -> None:
    with services.database.transaction() as session:
        for day in (NOW.date() - dt.timedelta(days=1), NOW.date()):
            usage.add(session, {("libre", what): 5}, day=day)


def hold(services: Services, until: dt.datetime | None) -> None:
    with services.database.transaction() as session:
        if until:
            state.SENDING_HELD.write(session, state.SendingHold(until, "550 5.7.1 blocked"), now=NOW)
        else:
            state.SENDING_HELD.clear(session, now=NOW)


def damage_glossary(services: Services) -> None:
    from newsletter.tables.operating import OwnFileRow

    give_own(services, glossary_of("de"), "kite: Flugdrachen")
    with services.database.transaction() as session:
        session.query(OwnFileRow).update({"content": b"kite: ["})


def forget_papers(services: Services) -> None:
    from newsletter.tables.papers import PaperRow

    with services.database.transaction() as session:
        session.query(PaperRow).delete()
    keep_papers(services, FRIDAY)


Act = Callable[[Services], None]
STAGE = {"ended_at": NOW, "seconds": 1.0}
BREAKS: dict[Kind, tuple[Act, Act]] = {
    Kind.DIGESTS_LATE: (late_digest, lambda the: settle(the, DeliveryState.SENT)),
    Kind.NOTHING_ANNOUNCED: (forget_papers, lambda the: keep_papers(the, MONDAY)),
    Kind.FETCH: (lambda the: fetch(the, "out of reach"), fetch),
    Kind.SCHEDULER_SILENT: (
        lambda the: beat(the, Part.SCHEDULER, "a:1", NOW - HOUR),
        lambda the: beat(the, Part.SCHEDULER, "a:2", NOW + MINUTE),
    ),
    Kind.WORKER_SILENT: (
        lambda the: beat(the, Part.WORKER, "a:1", NOW - HOUR),
        lambda the: beat(the, Part.WORKER, "a:2", NOW + MINUTE),
    ),
    Kind.STAGE_HANGS: (
        lambda the: beat(the, Part.STAGE, "translate", NOW - 3 * HOUR),
        lambda the: beat(the, Part.STAGE, "translate", NOW - HOUR, **STAGE),
    ),
    Kind.STAGE_FAILS: (
        lambda the: beat(the, Part.STAGE, "plan", NOW, **STAGE, problem="no room"),
        lambda the: beat(the, Part.STAGE, "plan", NOW, **STAGE),
    ),
    Kind.ENGINE_OUT: (lambda the: engine(the, "failed timeout"), lambda the: engine(the, "accepted")),
    Kind.BOUNCES: (refused_digests, forget),
    Kind.COMPLAINTS: (complained_digests, forget),
    Kind.SENDING_HELD: (lambda the: hold(the, NOW + HOUR), lambda the: hold(the, None)),
    Kind.OWN_FILES: (damage_glossary, lambda the: give_own(the, glossary_of("de"), "kite: Drachen")),
}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DISK])
def test_what_breaks_is_told_once_and_once_more_when_it_is_well(services: Services, sink: Sink, hook: Hook, kind: Kind) -> None:
    watch(services, now=NOW)
    assert hook.said == [], "all is well"
    breaks, mends = BREAKS[kind]
    breaks(services)
    for _ in range(3):
        watch(services, now=NOW + MINUTE)
    assert hook.said == [(kind, "broken")]
    assert [one.message["Subject"] for one in sink.taken] == [f"[Paper Morning] alarm: {kind}"]
    assert sink.taken[0].recipient == "ops@example.org"
    mends(services)
    for _ in range(3):
        watch(services, now=NOW + MINUTE)
    assert hook.said == [(kind, "broken"), (kind, "well")]
    assert sink.taken[1].message["Subject"] == f"[Paper Morning] well again: {kind}"
    assert "Well again since" in sink.taken[1].message.get_content()
    assert len(sink.taken) == 2


def test_a_disk_that_is_nearly_full_is_told(services: Services, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's own word: no test can fill a disk.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 95, 5))
    watch(services, now=NOW)
    monkeypatch.undo()
    watch(services, now=NOW)
    assert hook.said == [(Kind.DISK, "broken"), (Kind.DISK, "well")]


def test_one_way_is_enough_and_where_none_works_it_is_tried_again(
    services: Services, sink: Sink, hook: Hook, make_services: Make
) -> None:
    url = services.settings.database_url.get_secret_value()
    only_hook = make_services(url, ALARM_URL=hook.url, ALARM_EMAIL="ops@example.org", SMTP_URL="smtp://127.0.0.1:9")
    hold(services, NOW + 9 * HOUR)
    hook.status = 500
    assert watch(only_hook, now=NOW) == []
    hook.status = 200
    assert watch(only_hook, now=NOW) == [], "the one who claimed it may still be at it"
    assert len(watch(only_hook, now=NOW + 5 * MINUTE)) == 1
    assert watch(only_hook, now=NOW + 6 * MINUTE) == []
    assert hook.said == [(Kind.SENDING_HELD, "broken")], "the relay that refuses us carries no word of it"
    assert sink.taken == []


def test_many_who_watch_at_once_tell_once(services: Services, hook: Hook) -> None:
    hold(services, NOW + 9 * HOUR)
    threads = [threading.Thread(target=watch, args=(services,), kwargs={"now": NOW}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hook.said == [(Kind.SENDING_HELD, "broken")]


def test_the_evening_of_a_good_day_is_pinged_once_and_that_of_a_bad_one_is_not(services: Services, hook: Hook) -> None:
    evening = NOW.replace(hour=21)
    watch(services, now=NOW.replace(hour=12))
    assert hook.asked == 0
    for _ in range(2):
        watch(services, now=evening)
    assert hook.asked == 1
    hold(services, evening + dt.timedelta(days=2))
    watch(services, now=evening + dt.timedelta(days=1))
    assert hook.asked == 1


def test_what_breaks_again_is_told_again(services: Services, hook: Hook) -> None:
    for until in (NOW + HOUR, None, NOW + HOUR):
        hold(services, until)
        watch(services, now=NOW)
    assert [state for _, state in hook.said] == ["broken", "well", "broken"]


def test_nothing_of_the_ways_is_shown(services: Services) -> None:
    assert "secret-word" not in repr(services.settings)
