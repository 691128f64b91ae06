"""What operators' pages say of everybody, which takes the database a while and hardly changes: read every few minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import Flask, current_app
from sqlalchemy.orm import Session

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.subscribers.store import bounce_rates, growth, readers
from newsletter.subscribers.store.bounce_rates import Rate
from newsletter.subscribers.store.growth import Week
from newsletter.web.cached_counts import Remembered
from newsletter.web.page_context import clock, services

MINUTES, WEEKS = 10, 52
# Of what came back: so many days, and the domains from which most did.
DAYS, DOMAINS = 14, 10


def install(app: Flask) -> None:
    seconds = MINUTES * 60
    app.extensions["growth"] = Remembered(_growth, [], seconds=seconds)
    app.extensions["languages_read"] = Remembered(readers.languages_in_use, [], seconds=seconds)
    app.extensions["rates_by_day"] = Remembered(_by_day, {}, seconds=seconds)
    app.extensions["rates_by_domain"] = Remembered(_by_domain, {}, seconds=seconds)


def weeks_of_growth() -> Sequence[Week]:
    """Who came and who left, week by week of a year."""
    found: Sequence[Week] = current_app.extensions["growth"].value(services().database)
    return found


def languages_read() -> list[str]:
    """The languages that readers have texts translated into."""
    found: list[str] = current_app.extensions["languages_read"].value(services().database)
    return [code for code in found if code != SOURCE_LANGUAGE]


def rates_of_bounces() -> tuple[Mapping[str, Rate], Mapping[str, Rate]]:
    """What came back by day, and by domain."""
    kept = (current_app.extensions[name].value(services().database) for name in ("rates_by_day", "rates_by_domain"))
    by_day, by_domain = kept
    return by_day, by_domain


def _growth(session: Session) -> list[Week]:
    return growth.by_week(session, since=clock().date() - dt.timedelta(weeks=WEEKS))


def _by_day(session: Session) -> dict[str, Rate]:
    return bounce_rates.by_day(session, since=clock().date() - dt.timedelta(days=DAYS))


def _by_domain(session: Session) -> dict[str, Rate]:
    return bounce_rates.by_domain(session, since=clock().date() - dt.timedelta(days=DAYS), most=DOMAINS)
