"""How long operators wait for each page and filter of the desk, and for `newsletter status`, in a large installation.

Readers and ledger are made up; two readers in five are at one domain, as in life, and the others at fifty. Pages are read under
gunicorn as `newsletter run` starts it, one after the other; `status` without the start of a process.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import text

from bench.figures import Figure
from bench.pages import serving
from bench.places import POSTGRESQL, a_place, processor_seconds
from newsletter.bootstrap import Services
from newsletter.daily import ingest
from newsletter.desk.status import lines, status
from newsletter.operating import logins
from newsletter.operating.operators.passwords import hashed
from newsletter.population.store import add_digests, add_readers
from newsletter.subscribers.subscriber import State
from newsletter.values.mail import DeliveryState, MailKind

P95_MS = 200.0
LARGE, SMALL, NOBODY = "large.example.org", "host7.example.org", "nowhere.example.org"
AT_ONE_DOMAIN = """
UPDATE subscribers SET email = 'reader' || id || '@{domain}', email_key = 'reader' || id || '@{domain}' WHERE id % 5 < 2
"""
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
NAME, PASSWORD = "bench", "a password of the benchmark"


@dataclass(frozen=True, slots=True)
class Loads:
    """What was waited for each load, in ms; the processor took ``own`` ms a load in the service, ``database`` in PostgreSQL."""

    name: str
    times: Sequence[float]
    own: float
    database: float

    @property
    def p95(self) -> float:
        """In ms; without the first load, which makes a page ready once in a process."""
        return statistics.quantiles(self.times[1:], n=20, method="inclusive")[-1]

    def __str__(self) -> str:
        return f"{self.name} {self.p95:.0f} (first {self.times[0]:.0f}; processor {self.own:.0f} + {self.database:.0f})"


def measure(*, readers: int, mails: int, loads: int) -> Iterator[Figure]:
    """``readers`` and ``mails`` in PostgreSQL; each page and filter ``loads`` times after a first one."""
    now = dt.datetime.now(dt.UTC)
    where = f"{readers:,} readers, {mails:,} mails in PostgreSQL, {loads} loads each"
    with a_place(POSTGRESQL) as (services, environ):
        fill(services, readers, mails, now=now)
        yield _slowest("`newsletter status`", [_status(services, day, loads) for day in (now.date(), now.date() - DAY)], where)
        with serving("wsgi:app", environ) as port:
            opened = logged_in(port)
            for part, pages in addresses(now.date(), readers=readers, mails=mails).items():
                found = [
                    timed(services, name, partial(opened, page), loads=loads, own=served_by()) for name, page in pages.items()
                ]
                yield _slowest(f"desk: {part}", found, where)


DAY = dt.timedelta(days=1)


def fill(services: Services, readers: int, mails: int, *, now: dt.datetime) -> None:
    """Fills an empty database, and makes a login for it."""
    ingest.load_samples(services, now=now)
    add_readers(services, readers, now=now, topics=5)
    with services.database.transaction() as session:
        session.execute(text(AT_ONE_DOMAIN.format(domain=LARGE)))
    add_digests(services, mails, readers=readers, today=now.date())
    login = hashed(PASSWORD, about=(NAME, services.settings.site_name))
    logins.keep(services.database, NAME, login, now=now)


def addresses(today: dt.date, *, readers: int, mails: int) -> Mapping[str, Mapping[str, str]]:
    """Each page and filter by its name, grouped as the desk's navigation has them."""
    return {
        "today": {f"{name} {date}": f"?date={date}" for name, date in (("today", today), ("a past day", today - 3 * DAY))},
        "mails": dict(_mails(today, readers=readers, mails=mails)),
        "subscribers": dict(_people(readers)),
        "papers, topics, outside": {
            name: f"/{name}"
            for name in ("papers", "papers/find?ref=2606.00001", "topics", "topics/edit/llm", "topics/new", "outside", "bounces")
        },
        "logins": {name: f"/{name}" for name in ("operators", "acts", "acts?who=bench", "acts?what=login", "editors", "account")},
    }


def _mails(today: dt.date, *, readers: int, mails: int) -> Iterator[tuple[str, str]]:
    domains = [{"domain": name} for name in (LARGE, SMALL, NOBODY)]
    states = [{"state": str(one)} for one in DeliveryState]
    days = [{"date": f"{today - 4 * DAY}"}, {"date": f"{today + 9 * DAY}"}, {"before": f"{readers // 2}"}]
    alone = ({}, *domains, *states, *days, *({"kind": str(kind)} for kind in MailKind))
    asked = [*alone, *(one | other for one in domains for other in (*states, *days, {"kind": "digest"}, {"kind": "moved"}))]
    asked += [day | state for day in days for state in states]
    reader = {"email": f"reader{readers // 3}@{_domain(readers // 3)}"}
    replies = [{"reply": words} for words in ("5.1.1", "mailbox full", f"4F{mails // 2}", "said by nobody")]
    more: Sequence[dict[str, str]] = ({}, {"date": f"{today}"}, {"state": "failed"}, {"state": "sent"}, *domains)
    asked += [found | one for found in (reader, *replies) for one in more]
    for one in asked:
        yield " ".join(one.values()) or "of today", f"/deliveries?{urlencode(one)}"
    yield "one mail", f"/deliveries/{mails // 2}"
    yield "its HTML", f"/deliveries/{mails // 2}/html"


def _people(readers: int) -> Iterator[tuple[str, str]]:
    somebody = readers // 3
    texts = [{"q": words} for words in ("reader1", f"reader{somebody}@", SMALL, "nobody at all")]
    states = [{"state": str(name)} for name in (*State, "suppressed")]
    chosen = (
        {"topic": "llm"},
        {"language": "ja"},
        {"topic": "llm", "language": "ja"},
        {"topic": "collection"},
        {"topic": "none such"},
    )
    pages = [{"after": f"{somebody}"}, {"q": "reader", "after": f"reader{somebody}"}]
    asked: list[Mapping[str, str]] = [{}, *texts, *states, *chosen, *pages]
    asked += [one | other for one in (*texts, *states, *pages) for other in chosen[:3]]
    for one in asked:
        yield " ".join(one.values()) or "everybody", f"/subscribers?{urlencode(one)}"
    yield "one person", f"/subscribers/{somebody}"
    yield "their choices", f"/subscribers/{somebody}/edit"
    yield "found by address", f"/subscribers/find?email=reader{somebody}@{_domain(somebody)}"
    yield "an address of nobody", "/subscribers/find?email=nobody@example.org"
    yield "somebody new", "/subscribers/new"


def _domain(number: int) -> str:
    return LARGE if number % 5 < 2 else f"host{number % 50}.example.org"


def logged_in(port: int) -> Callable[[str], None]:
    """What opens a page of the desk, as a browser does in which somebody is logged in."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def asked(method: str, page: str, body: str | None = None, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        connection.request(method, f"/admin{page}", body, headers)
        answer = connection.getresponse()
        words = answer.read().decode()
        if answer.status not in (200, 303, 404):
            raise SystemExit(f"bench: /admin{page} answered {answer.status}")
        return answer, words

    answer, words = asked("GET", "/login")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', words)
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    body = urlencode({"csrf_token": token[1] if token else "", "name": NAME, "password": PASSWORD})
    answer, _ = asked("POST", "/login", body, **{"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie})
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]

    def opened(page: str) -> None:
        asked("GET", page, Cookie=cookie)

    return opened


def _slowest(name: str, found: Sequence[Loads], where: str) -> Figure:
    worst = sorted(found, key=lambda loads: -loads.p95)
    note = f"the slowest of {len(found)} pages and filters; {where}; slowest: {'; '.join(map(str, worst[:4]))}"
    return Figure(f"{name}, p95", worst[0].p95, "ms", at_most=P95_MS, note=note)


def _status(services: Services, day: dt.date, loads: int) -> Loads:
    def look() -> None:
        with services.database.reading() as session:
            lines(status(services, session, day=day, now=dt.datetime.now(dt.UTC)))

    return timed(services, f"of {day}", look, loads=loads, own=[os.getpid()])


def timed(services: Services, name: str, act: Callable[[], object], *, loads: int, own: Sequence[int]) -> Loads:
    """Does ``act`` once, and ``loads`` times more; ``own`` are the processes of the service that do it."""
    times, began, database = [], 0.0, 0.0
    for number in range(loads + 1):
        if number == 1:
            began, database = sum(map(processor_seconds, own)), _database_seconds(services)
        started = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - started))
    spent = sum(map(processor_seconds, own)) - began, _database_seconds(services) - database
    return Loads(name, times, *(1000 * seconds / loads for seconds in spent))


def served_by() -> list[int]:
    """The processes of the pages: children of the one that this one started."""
    started = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
    return [int(pid) for parent in started for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()]


def _database_seconds(services: Services) -> float:
    """The processor time of PostgreSQL's processes that serve this database so far."""
    with services.database.reading() as session:
        return sum(processor_seconds(pid) for pid in session.scalars(text(BACKENDS)))
