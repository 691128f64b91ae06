"""What engines are asked is counted for the whole installation, and kept below what they allow."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from newsletter.db import Database
from newsletter.translation.budgets import KeptLimits, LimitReached
from newsletter.translation.counts import EngineCounts
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.store import usage as usage_store
from newsletter.translation.translator import Translator
from tests.translation.engines.fake_engines import FakeEngines
from tests.translation.test_translator import need

JUNE, JULY = dt.datetime(2026, 6, 30, 23, 0, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)


THIRTIETH = JUNE.date()


def nothing(_: float) -> None:
    """No sleep."""


def used(database: Database, characters: int, *, day: dt.date = THIRTIETH, engine: str = "deepl") -> None:
    with database.transaction() as session:
        usage_store.add(session, {(engine, "characters"): characters, (engine, "calls"): 1}, day=day)


def test_counts_add_up_by_day_and_engine(database: Database) -> None:
    used(database, 10)
    used(database, 5)
    used(database, 7, day=JULY.date())
    used(database, 1, engine="google")
    with database.reading() as session:
        assert usage_store.totals(session) == {
            ("deepl", "characters"): 22, ("deepl", "calls"): 3, ("google", "characters"): 1, ("google", "calls"): 1,
        }  # fmt: skip
        assert usage_store.totals(session, since=JULY.date(), what="characters") == {("deepl", "characters"): 7}


def test_the_characters_of_a_month_end_and_begin_anew_with_the_next(database: Database) -> None:
    used(database, 900)
    clock = [JUNE]
    limits = KeptLimits(database, {}, {"deepl": 1000}, now=lambda: clock[0])
    limits.take("deepl", 60, sleep=nothing)
    with pytest.raises(LimitReached, match="960 of the 1000"):
        limits.take("deepl", 41, sleep=nothing)
    limits.take("deepl", 40, sleep=nothing)
    limits.take("google", 10**9, sleep=nothing)
    clock[0] = JULY
    limits.take("deepl", 1000, sleep=nothing)


def test_what_others_asked_counts_after_a_refresh(database: Database) -> None:
    limits = KeptLimits(database, {}, {"deepl": 1000}, now=lambda: JUNE)
    limits.take("deepl", 1, sleep=nothing)
    used(database, 1000)
    limits.refresh()
    with pytest.raises(LimitReached):
        limits.take("deepl", 1, sleep=nothing)


def test_calls_a_minute_are_spaced_over_all_processes(database: Database) -> None:
    pauses: list[float] = []
    first, second = (KeptLimits(database, {"google": 30}, {}, now=lambda: JUNE) for _ in range(2))
    for limits in (first, second, first, second):
        limits.take("google", 1, sleep=pauses.append)
    first.take("libre", 1, sleep=pauses.append)
    assert len(pauses) == 3
    assert [round(pause / 2) for pause in pauses] == [1, 2, 3]


def test_an_engine_whose_month_is_over_is_passed_over_and_told(database: Database) -> None:
    with FakeEngines() as fakes:
        limits = KeptLimits(database, {}, {"libre": 10}, now=lambda: JUNE)
        translator = Translator([LibreEngine(fakes.libre_url)], limits=limits)
        assert list(translator.run([need()])) == []
        assert fakes.calls() == 0
    assert translator.report.engines["libre"].failed["limit"] >= 1


def test_counts_of_a_run_are_by_kind_and_reason_and_rest_is_no_failure() -> None:
    counts = EngineCounts()
    counts.called("libre", 30)
    counts.accepted("libre")
    for reason in ("resting", "temporary"):
        counts.failed("libre", reason)
    counts.rejected("libre", "numbers")
    assert counts.report().counts() == Counter(
        {("libre", "calls"): 1, ("libre", "characters"): 30, ("libre", "accepted"): 1, ("libre", "failed temporary"): 1,
         ("libre", "rejected numbers"): 1}
    )  # fmt: skip
