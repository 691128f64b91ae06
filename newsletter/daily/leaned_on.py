"""What the service leans on outside of it, as it did lately: translation engines, sources of papers, mail servers. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.daily import refusals
from newsletter.mail.store import health as mail_health
from newsletter.mail.store import refusing_domains
from newsletter.operating import state
from newsletter.papers.store import fetches
from newsletter.papers.store.fetches import FetchRecord
from newsletter.text.masking import without_people
from newsletter.translation.store import usage

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

DAYS, FETCHES = 30, 40


@dataclass(frozen=True, slots=True)
class Engine:
    """A translation engine: what was counted of it in the last days, by day too, and what it said last, "" where all is well."""

    name: str
    counts: Mapping[str, int]
    days: Mapping[dt.date, Mapping[str, int]]
    problem: str = ""

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why its answers failed or were refused, the most frequent first."""
        told = [(what, count) for what, count in self.counts.items() if what.startswith(("failed", "rejected"))]
        return sorted(told, key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server of ours, without its login."""

    host: str
    port: int
    security: str
    user: bool


@dataclass(frozen=True, slots=True)
class LeanedOn:
    """``fetches`` begin with the newest; ``fetched`` are the new papers by day; ``ended`` the digests since yesterday by
    state."""

    engines: Sequence[Engine]
    fetches: Sequence[FetchRecord]
    fetched: Mapping[dt.date, int]
    relays: Sequence[Relay]
    held: str
    held_domains: Sequence[str]
    ended: Mapping[str, int]


def look(services: Services, *, now: dt.datetime) -> LeanedOn:
    """How engines, sources and mail servers did in the last `DAYS` days."""
    settings, since = services.settings, now.date() - dt.timedelta(days=DAYS - 1)
    with services.database.reading() as session:
        counted = usage.by_day(session, since=since)
        problems = state.ENGINE_PROBLEMS.read(session) or {}
        names = dict.fromkeys((*settings.engines.order, *sorted({engine for _, engine, _ in counted})))
        relays = [Relay(one.host, one.port, one.security, bool(one.user)) for one in settings.smtp_servers]
        return LeanedOn(
            engines=[_engine(name, counted, problems.get(name, "")) for name in names],
            fetches=fetches.newest(session, most=FETCHES),
            fetched=fetches.new_by_day(session, since=since),
            relays=relays,
            held=refusals.held(session, now=now),
            held_domains=[without_people(one.told) for one in refusing_domains.held(session, now=now)],
            ended=mail_health.ended_by_state(session, since=(now - dt.timedelta(days=1)).date()),
        )


def _engine(name: str, counted: Mapping[tuple[dt.date, str, str], int], problem: str) -> Engine:
    days: dict[dt.date, dict[str, int]] = {}
    counts: dict[str, int] = {}
    for (day, engine, what), count in counted.items():
        if engine == name:
            counts[what] = counts.get(what, 0) + count
            kind = what.partition(" ")[0]
            of_day = days.setdefault(day, {})
            of_day[kind] = of_day.get(kind, 0) + count
    return Engine(name, counts, days, problem)
