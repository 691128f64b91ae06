"""Who is held when mail servers refuse us, and for how long; the table of replies in docs/delivery.md, cell by cell."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from newsletter.bootstrap import Services
from newsletter.daily import send, sending_state
from newsletter.daily.refusals import BREAKER_PAUSE, Refusals, held
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.mail.smtp.same_replies import Judged
from newsletter.mail.store import refusing_domains
from newsletter.values.mail import Blame
from tests.daily.ledgers import rows
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.mail.smtp.test_replies import delivery
from tests.smtp_sink import Script, Sink

Make = Callable[..., Services]
DOCS = Path(__file__).parents[2] / "docs" / "delivery.md"
HELO = "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname"


def plan(services: Services, *emails: str) -> None:
    with services.database.transaction() as session:
        for email in emails:
            a_digest_row(session, a_subscriber(session, "nerf", email=email))


def drain(services: Services, *, after: dt.timedelta = dt.timedelta(0)) -> None:
    send.drain(services, now=lambda: NOW + after)


def states(services: Services, ending: str = "") -> Counter[str]:
    return Counter(str(row.state) for row in rows(services) if row.email.endswith(ending))


def at(domain: str, count: int) -> list[str]:
    return [f"r{number}@{domain}" for number in range(count)]


def refusing(reply: str, *domains: str) -> Script:
    return lambda step, to: reply if step == "rcpt" and to.endswith(domains) else None


def test_a_domain_that_refuses_us_is_held_alone_and_the_others_get_their_mail(database_url: str, make_services: Make) -> None:
    with Sink(refusing("550 5.7.1 blocked using a list", "bad.example")) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, *at("bad.example", 60), *at("good.example", 20))
        drain(services)
        tried = states(services, "@bad.example")["retry"]
        look = sending_state.progress(services, now=NOW)
        assert states(services, "@good.example") == {"sent": 20}
        assert tried <= 2 * send.GROUP, "the next others would be refused too"
        assert (look.due, look.held, look.stopped) == (0, 60 - tried, "")
        assert "bad.example refuses us: 550 5.7.1" in look.refusing
        sink.script = lambda *_: None
        sending_state.resume(services, now=NOW)
        drain(services, after=dt.timedelta(minutes=2))
    assert states(services) == {"sent": 80}
    with services.database.reading() as session:
        assert refusing_domains.refusing(session) == {}


def test_a_domain_that_goes_on_refusing_is_held_twice_as_long_each_time(sqlite_url: str, make_services: Make) -> None:
    with Sink(refusing("550 5.7.1 blocked using a list", "bad.example")) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, *at("bad.example", 40))
        pauses, after = [], dt.timedelta(0)
        for _ in range(3):
            drain(services, after=after)
            with services.database.reading() as session:
                (one,) = refusing_domains.held(session, now=NOW + after)
            assert one.held_until is not None
            pauses.append(one.held_until - NOW - after)
            after = one.held_until - NOW
    assert pauses == [BREAKER_PAUSE, 2 * BREAKER_PAUSE, 4 * BREAKER_PAUSE]


def test_a_greeting_that_several_domains_refuse_holds_all_and_costs_nobody_their_mail(
    database_url: str, make_services: Make
) -> None:
    with Sink(refusing(HELO, "")) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, *(f"r@d{number}.example" for number in range(12)))
        drain(services)
    with services.database.reading() as session:
        assert "fully-qualified" in held(session, now=NOW)
    assert set(states(services)) <= {"retry", "queued"}


def test_a_mailbox_that_is_unknown_among_others_is_given_up(database_url: str, make_services: Make) -> None:
    script: Script = lambda step, to: "550 5.1.1 User unknown" if step == "rcpt" and to.startswith("r1") else None  # noqa: E731
    with Sink(script) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, *at("example.org", 20))
        drain(services)
    assert states(services) == {"sent": 9, "failed": 11}


def test_a_domain_that_knows_none_of_its_mailboxes_is_wrong_about_us_and_what_was_decided_is_taken_back(
    database_url: str, make_services: Make
) -> None:
    with Sink(refusing("550 5.1.1 User unknown", "moved.example")) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        # Three in the first group, with others, and the rest in the second: the three were judged before the rest was known.
        plan(services, *at("moved.example", 3), *at("good.example", 5), *at("more.moved.example", 0))
        plan(services, *(f"s{number}@moved.example" for number in range(6)))
        drain(services)
    assert states(services, "@good.example") == {"sent": 5}
    assert states(services, "@moved.example") == {"retry": 9}


def test_a_domain_that_refuses_all_is_found_out_also_where_each_run_meets_one_of_its_mailboxes(
    database_url: str, make_services: Make
) -> None:
    unknown = "550 5.1.1 User unknown"
    with Sink(refusing(unknown, "moved.example", "open.example")) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        for number in range(5):
            # What a domain has accepted in between speaks for it.
            sink.script = refusing(unknown, "moved.example", *(["open.example"] if number != 3 else []))
            plan(services, f"r{number}@moved.example", f"s{number}@open.example")
            drain(services, after=dt.timedelta(minutes=number))
    assert states(services, "@moved.example") == {"retry": 5}
    assert states(services, "@open.example") == {"failed": 4, "sent": 1}


def test_one_refused_login_holds_all_at_once() -> None:
    refusals = Refusals()
    login = Reply(Stage.CONNECT, 535, "5.7.8 authentication failed")
    refusals.note([Judged(delivery(), login, login.blame)], now=NOW)
    assert "535" in refusals.stopped


def test_refusals_of_a_domain_in_a_row_end_with_a_mail_that_it_takes() -> None:
    refusals = Refusals()
    no, yes = Reply(Stage.RCPT, 550, "5.7.1 listed"), Reply(Stage.DOT, 250, "taken")
    for _ in range(3):
        assert refusals.note([Judged(delivery(), no, Blame.US)] * 4, now=NOW) == set()
        refusals.note([Judged(delivery(), yes, None)], now=NOW)
    assert refusals.note([Judged(delivery(), no, Blame.US)] * 5, now=NOW) == {"example.org"}


def told() -> Iterator[tuple[str, str, str]]:
    """(stage, reply, state) of each cell of the table of replies."""
    text = DOCS.read_text(encoding="utf-8")
    for said, _, rcpt, dot in re.findall(r"^\| (`.*`) \| (.+) \| (\w+) \| (\w+) \|$", text, re.M):
        for reply in re.findall(r"`([^`]+)`", said):
            yield "rcpt", reply, rcpt
            yield "dot", reply, dot


def test_each_reply_of_the_table_has_the_outcome_that_it_says(sqlite_url: str, make_services: Make) -> None:
    cells = list(told())
    assert len(cells) > 80
    wrong = []
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        for number, (stage, reply, state) in enumerate(cells):
            domain = f"d{number}.example"
            plan(services, f"r@{domain}")
            sink.script = lambda step, _, stage=stage, reply=reply: reply if step == stage else None  # type: ignore[misc]
            sending_state.resume(services, now=NOW)
            drain(services)
            found = states(services, f"@{domain}")
            if found != {state: 1}:
                wrong.append((stage, reply, found))
    assert wrong == []
