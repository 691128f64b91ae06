"""Three schedulers over a year of simulated days with outages and two changes of the clocks, for a reader in each zone."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import tempfile
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from chaos.oracle import Verdict
from chaos.place import build, settings_of
from newsletter import bootstrap
from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.mail.deliveries import Outcome
from newsletter.mail.store import leases, ledger
from newsletter.papers.store import papers as papers_store
from newsletter.settings import load
from newsletter.subscribers import import_export
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.values.mail import DeliveryState, MailKind
from newsletter.values.papers import Paper
from newsletter.values.topics import Match

# Both changes of the clocks of 2026 lie in it, those of the north and those of the south.
BEGAN = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LEAST_GAP = dt.timedelta(hours=12)
SCHEDULERS = 3
PUBLISHED_HOURS = 6
# Each scheduler for itself; often two or three tick at once, and often none does.
TICKS_AN_HOUR = 0.4
LONGEST_OUTAGE_HOURS = 60
WEEKDAYS = ((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4), (0, 3), (6,))


@dataclass(slots=True)
class Reader:
    """Somebody as the oracle knows them."""

    id: int
    zone: ZoneInfo
    hour: int
    weekdays: tuple[int, ...]
    mailed: list[tuple[dt.datetime, str]] = field(default_factory=list)


def run(*, days: int, outages: int, zones: int, start: int, seed: int = 1) -> Verdict:
    """``zones`` of all IANA zones (0: all), from day ``start`` of the year; each scheduler ticks at some of the hours."""
    dice, verdict = random.Random(seed), Verdict()
    began = BEGAN + dt.timedelta(days=start)
    ended = began + dt.timedelta(days=days)
    down = _outages(dice, outages, began, days)
    names = sorted(available_timezones())
    names = dice.sample(names, zones) if zones else names
    with tempfile.TemporaryDirectory(prefix="nl-chaos-") as name:
        values = settings_of(Path(name))
        schedulers = [build(values, samples=False)] + [bootstrap.build(load(values)) for _ in range(SCHEDULERS - 1)]
        readers = _sign_up(schedulers[0], dice, names, now=began)
        ticks = _live(schedulers, readers, down, began, ended, dice)
        with schedulers[0].database.reading() as session:
            rows = ledger.deliveries(session, kind=MailKind.DIGEST)
        for scheduler in schedulers:
            scheduler.database.close()
    periods: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        periods[row.subscriber_id][row.period].append(row.reason or row.state)
    verdict.tell(
        f"{SCHEDULERS} schedulers, {days} days from {began:%d %B}, {outages} outages of up to {LONGEST_OUTAGE_HOURS} hours"
    )
    _judge(verdict, readers, periods, ticks, ended=ended)
    return verdict


def _outages(dice: random.Random, count: int, began: dt.datetime, days: int) -> list[tuple[dt.datetime, dt.datetime]]:
    starts = [began + dt.timedelta(hours=dice.randint(24, days * 24 - 48)) for _ in range(count)]
    return [(start, start + dice.randint(1, LONGEST_OUTAGE_HOURS) * HOUR) for start in starts]


def _sign_up(services: Services, dice: random.Random, names: list[str], *, now: dt.datetime) -> dict[int, Reader]:
    readers: dict[int, Reader] = {}
    hours = [dice.randint(0, 23) for _ in names]
    lines = ["email,topics,language,timezone,hour,status\n"]
    lines += [f"r{n}@example.org,3d,en,{zone},{hours[n]},confirmed\n" for n, zone in enumerate(names)]
    known = services.catalogue.by_slug.keys()
    import_export.import_csv(services, lines, consent="made up for the fire suite", known=known, now=now)
    with services.database.transaction() as session:
        for number, zone in enumerate(names):
            if found := subscribers_store.subscriber_by_key(session, f"r{number}@example.org"):
                weekdays = WEEKDAYS[number % len(WEEKDAYS)]
                subscribers_store.change_subscriber(session, found.id, weekdays=list(weekdays))
                readers[found.id] = Reader(found.id, ZoneInfo(zone), hours[number], weekdays)
    return readers


def _live(  # noqa: PLR0917
    schedulers: list[Services],
    readers: Mapping[int, Reader],
    down: list[tuple[dt.datetime, dt.datetime]],
    began: dt.datetime,
    ended: dt.datetime,
    dice: random.Random,
) -> list[dt.datetime]:
    """Ticks and sends, hour by hour; gives the ticks that there were."""
    ticks: list[dt.datetime] = []
    now = began
    while now < ended:
        if now.hour % PUBLISHED_HOURS == 0:
            _publish(schedulers[0], now=now)
        if not any(start <= now < end for start, end in down):
            threads = [
                threading.Thread(target=plan.plan, args=(one,), kwargs={"now": now})
                for one in schedulers
                if dice.random() < TICKS_AN_HOUR
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if threads:
                ticks.append(now)
                _send(schedulers[0], readers, now=now)
        now += HOUR
    return ticks


def _publish(services: Services, *, now: dt.datetime) -> None:
    """A paper, stored also while the schedulers are down: it comes more often than any two digests, so each has something new."""
    day, ref = now.date(), f"{now:%y%m.%d0%H}"
    paper = Paper(
        ref=ref,
        version=1,
        title=f"A paper of {day}",
        abstract="About a thing.",
        authors=("A. Author",),
        categories=("cs.CV",),
        submitted=now,
        updated=now,
        announced_on=day,
    )
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(paper, [Match(ref, "3d", 2.0, "title: thing")])], now=now)


def _send(services: Services, readers: Mapping[int, Reader], *, now: dt.datetime) -> None:
    """What a worker does with all that is due, into a mail server that keeps who got what."""
    while True:
        with services.database.transaction() as session:
            claimed = leases.claim(session, lease="w", until=now + HOUR, limit=500, now=now)
            leases.mark_final_dot(session, [one.id for one in claimed], lease="w", now=now)
            leases.settle(session, [Outcome(one.id, DeliveryState.SENT, "dot", "250 ok") for one in claimed], lease="w", now=now)
        for one in claimed:
            readers[one.subscriber_id].mailed.append((now, one.period))
        if not claimed:
            return


def _judge(
    verdict: Verdict,
    readers: Mapping[int, Reader],
    periods: Mapping[int, Mapping[str, list[str]]],
    ticks: list[dt.datetime],
    *,
    ended: dt.datetime,
) -> None:
    mails = doubled = close = wrong_day = missing = unrecorded = late = 0
    for reader in readers.values():
        mails += len(reader.mailed)
        days = [day for _, day in reader.mailed]
        doubled += len(days) - len(set(days))
        moments = [moment for moment, _ in reader.mailed]
        close += sum(after - before < LEAST_GAP for before, after in itertools.pairwise(moments))
        wrong_day += sum(dt.date.fromisoformat(day).weekday() not in reader.weekdays for day in days)
        had, recorded = set(days), periods[reader.id]
        for day in _chosen_days(reader, ticks[0], ended):
            reasons = recorded.get(day.isoformat(), [])
            # Before the first mail nothing was missed, and after the last one an outage may still be under way.
            unrecorded += bool(days) and days[0] <= day.isoformat() <= days[-1] and len(reasons) != 1
            if day.isoformat() not in had:
                late += reasons == ["late"]
                missing += _could_have_been_sent(reader, day, ticks)
    verdict.tell(f"{len(readers)} readers in as many zones got {mails} digests")
    verdict.tell(f"{doubled} days with two", broken=bool(doubled))
    verdict.tell(f"{missing} chosen days without one though a scheduler ran on them", broken=bool(missing))
    verdict.tell(f"{late} days skipped(late), {unrecorded} days without exactly one row", broken=bool(unrecorded))
    verdict.tell(f"{close} mails less than 12 h after another", broken=bool(close))
    verdict.tell(f"{wrong_day} on days that were not chosen", broken=bool(wrong_day))
    unknown = sum(reasons == ["unknown"] for days in periods.values() for reasons in days.values())
    verdict.tell(f"unknown {unknown}", broken=bool(unknown))


def _chosen_days(reader: Reader, began: dt.datetime, ended: dt.datetime) -> list[dt.date]:
    """The chosen days that lie wholly between ``began`` and ``ended`` in every zone."""
    first, last = began.date() + dt.timedelta(days=1), ended.date() - dt.timedelta(days=2)
    days = (first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in days if day.weekday() in reader.weekdays]


def _could_have_been_sent(reader: Reader, day: dt.date, ticks: list[dt.datetime]) -> bool:
    """True where a scheduler ticked between the chosen hour and midnight, and half a day after the mail before."""
    due = dt.datetime.combine(day, dt.time(reader.hour), tzinfo=reader.zone).astimezone(dt.UTC)
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=reader.zone).astimezone(dt.UTC)
    before = max((moment for moment, period in reader.mailed if period < day.isoformat()), default=due)
    earliest = max(due, before + LEAST_GAP) if before < midnight else midnight
    return any(earliest <= tick < midnight for tick in ticks)
