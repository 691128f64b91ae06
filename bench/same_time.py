"""Whether the time of an answer tells whom an address belongs to: sign-ups with five kinds of address, by turns."""

from __future__ import annotations

import datetime as dt
import http.client
import random
import re
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from bench.figures import Figure
from bench.pages import serving
from bench.places import POSTGRESQL, SQLITE, a_place
from newsletter.population.store import add_readers
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State

MOST_MS = 3.0
NEW = "new"
KNOWN = (State.PENDING, State.CONFIRMED, State.UNSUBSCRIBED, State.BOUNCED)
CHOICES = {"topics": "llm", "language": "en", "timezone": "UTC", "hour": "7"}


def measure(*, rounds: int) -> Iterator[Figure]:
    """The form sent ``rounds`` times with each kind of address: how far the medians of the kinds are apart."""
    for database in (SQLITE, POSTGRESQL):
        with a_place(database, PROXY_HOPS="1", FORMS_PER_HOUR="1000000") as (services, environ):
            add_readers(services, rounds * len(KNOWN), now=dt.datetime.now(dt.UTC), topics=3)
            with services.database.reading() as session:
                people = [found for n in range(rounds * len(KNOWN)) if (found := subscribers_store.subscriber(session, n + 1))]
            addresses: dict[str, list[str]] = {NEW: [f"new{n}@host{n % 50}.example.org" for n in range(rounds)]}
            for number, state in enumerate(KNOWN):
                mine = people[number :: len(KNOWN)]
                addresses[state] = [one.email for one in mine]
                with services.database.transaction() as session:
                    for one in mine:
                        subscribers_store.change_subscriber(session, one.id, state=state)
            with serving("wsgi:app", environ) as port:
                yield _figure(database, _times(port, addresses))


def _figure(database: str, times: Mapping[str, Sequence[float]]) -> Figure:
    medians = {name: statistics.median(some) for name, some in times.items()}
    told = ", ".join(f"{name} {median:.1f}" for name, median in medians.items())
    count = min(len(some) for some in times.values())
    return Figure(
        f"sign-up, difference of medians by kind of address on {database}",
        max(medians.values()) - min(medians.values()),
        "ms",
        at_most=MOST_MS,
        note=f"medians in ms of {count} each, one after the other, kinds by turns: {told}",
    )


def _times(port: int, addresses: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """Milliseconds until the answer by kind, each from a network of its own, the kinds of a round in an order by chance."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    if token is None:
        raise RuntimeError("no form on the front page")
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    times: dict[str, list[float]] = {kind: [] for kind in addresses}
    dice = random.Random(7)  # noqa: S311
    for number in range(len(addresses[NEW])):
        for place, kind in enumerate(dice.sample(list(addresses), len(addresses))):
            body = urlencode({"csrf_token": token[1], "email": addresses[kind][number], **CHOICES})
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": cookie,
                "X-Forwarded-For": f"10.{place}.{number // 250}.{number % 250}",
            }
            started = time.perf_counter()
            connection.request("POST", "/subscribe", body, headers)
            answer = connection.getresponse()
            answer.read()
            times[kind].append(1000 * (time.perf_counter() - started))
            if answer.status != 303:
                raise RuntimeError(f"/subscribe answered {answer.status}")
    connection.close()
    return times
