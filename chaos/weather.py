"""Bad weather with an injected clock: refusals for now, cut connections, greylisting, an outage; then drops after the dot too."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from chaos import oracle
from chaos.oracle import Verdict
from chaos.place import Place, build, now, settings_of
from chaos.sink import DROP, TAKE_AND_DROP, Sink
from newsletter.bootstrap import Services
from newsletter.daily import plan, send
from newsletter.mail.store import ledger
from newsletter.values.mail import DeliveryState

GREYLIST = dt.timedelta(minutes=5)
OUTAGE = (dt.timedelta(minutes=6), dt.timedelta(minutes=16))
STEP = dt.timedelta(minutes=1)
LAST = dt.timedelta(hours=23)
REFUSALS = {"mail": "451 4.3.0 busy", "rcpt": "450 4.2.0 later", "data": "452 4.3.1 no room", "dot": "451 4.3.2 not now"}


class Weather:
    """The script of a mail server; ``time`` is the injected clock that it shares with the service."""

    def __init__(self, began: dt.datetime, *, after_dot: float, seed: int) -> None:
        self.time = self.began = began
        self._dice, self._lock, self._after_dot = random.Random(seed), threading.Lock(), after_dot
        self._first: dict[str, dt.datetime] = {}
        self.counts = {"refused for now": 0, "cut before the dot": 0, "greylisted": 0, "outage": 0, "cut after the dot": 0}

    def say(self, step: str, argument: str) -> str | None:
        """30 % of the messages meet a 4xx at one of four stages, 5 % a cut before the dot."""
        with self._lock:
            if step == "connect":
                down = OUTAGE[0] <= self.time - self.began < OUTAGE[1]
                return self._counted("outage", DROP) if down else None
            if step == "rcpt" and self.time < self._first.setdefault(argument, self.time) + GREYLIST:
                return self._counted("greylisted", "450 4.2.0 greylisted")
            if step in REFUSALS and self._dice.random() < 1 - 0.7 ** (1 / len(REFUSALS)):
                return self._counted("refused for now", REFUSALS[step])
            if step in ("mail", "data") and self._dice.random() < 1 - 0.95**0.5:
                return self._counted("cut before the dot", DROP)
            if step == "dot" and self._dice.random() < self._after_dot:
                return self._counted("cut after the dot", self._dice.choice((DROP, TAKE_AND_DROP)))
        return None

    def _counted(self, what: str, said: str) -> str:
        self.counts[what] += 1
        return said


def run(*, subscribers: int, seed: int = 1) -> Verdict:
    """The same day twice: without and with answers that are lost after the dot."""
    verdict = Verdict()
    for after_dot in (0.0, 0.05):
        _one_day(verdict, subscribers, after_dot=after_dot, seed=seed)
    return verdict


def _one_day(verdict: Verdict, subscribers: int, *, after_dot: float, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="nl-chaos-") as name:
        folder, people = Path(name), [f"r{number}@example.org" for number in range(subscribers)]
        # From the readers' hour on: a digest is tried until the next one is due, and the whole of that day is wanted.
        weather = Weather(now().replace(hour=0, minute=0, second=0, microsecond=0), after_dot=after_dot, seed=seed)
        with Sink(folder / "journal.jsonl", weather.say) as sink:
            services = build(settings_of(folder) | {"SMTP_URL": sink.url})
            place = Place(folder, services, folder / "journal.jsonl", {})
            place.add_subscribers(people)
            plan.plan(services, now=weather.began)
            took = _live_through(services, weather, subscribers, place)
            doubtful, states = place.doubtful(), place.states()
            services.database.close()
        verdict.tell(f"{subscribers} subscribers, {weather.counts}, over after {took}", broken=not weather.counts["outage"])
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=doubtful)
        verdict.tell(f"ledger {states}", broken=set(states) - {"sent", "unknown"} != set())
        if not after_dot:
            verdict.tell(f"{len(doubtful)} in doubt without a cut after the dot", broken=bool(doubtful))


def _live_through(services: Services, weather: Weather, subscribers: int, place: Place) -> dt.timedelta:
    while not place.settled(subscribers) and weather.time < weather.began + LAST:
        send.drain(services, now=lambda: weather.time)
        weather.time += _pause(services, weather)
    return weather.time - weather.began


def _pause(services: Services, weather: Weather) -> dt.timedelta:
    """A minute, or the time until the next mail is due where that is longer."""
    with services.database.reading() as session:
        waiting: Sequence[dt.datetime] = [
            row.due_at for state in (DeliveryState.RETRY, DeliveryState.QUEUED) for row in ledger.deliveries(session, state=state)
        ]
    return max(STEP, min(waiting, default=weather.time) - weather.time)
