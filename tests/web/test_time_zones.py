"""Time zones are offered by the cities that people know, each once; whatever spelling a browser gives finds its city."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest

from newsletter.web.time_zones import UTC, WELL_KNOWN, cities, cities_by_part, city_of, current_name, shown_zone

SUMMER, WINTER = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC), dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


def shown(locale: str, now: dt.datetime) -> dict[str, str]:
    return {
        city.name: city.shown.replace("\u2066", "").replace("\u2069", "")
        for _, some in cities_by_part(locale, now=now, every=True)
        for city in some
    }


def test_each_city_stands_in_one_part_of_the_world_by_its_name_there_and_its_offset_now() -> None:
    listed = [city.name for _, some in cities_by_part("en", now=SUMMER, every=True) for city in some]
    assert sorted(listed) == sorted(cities() - {UTC})
    assert cities() <= available_timezones()
    summer, winter = shown("en", SUMMER), shown("en", WINTER)
    assert (summer["Europe/Berlin"], winter["Europe/Berlin"]) == ("Berlin (UTC+2)", "Berlin (UTC+1)")
    assert (summer["Asia/Kolkata"], winter["America/St_Johns"]) == ("Kolkata (UTC+5:30)", "St. John’s (UTC−3:30)")
    assert (summer["Africa/Abidjan"], winter["America/New_York"]) == ("Abidjan (UTC)", "New York (UTC−5)")
    assert shown("zh_Hans_CN", WINTER)["Asia/Shanghai"] == "上海 (UTC+8)"
    assert [part for part, _ in cities_by_part("ja", now=WINTER)][:3] == ["アフリカ", "アメリカ大陸", "アジア"]


@pytest.mark.parametrize(
    ("old", "city"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("PRC", "Asia/Shanghai"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("Mars/Olympus", "Mars/Olympus"),
    ],
)
def test_an_older_spelling_is_the_city_that_it_is_today(old: str, city: str) -> None:
    assert current_name(old) == city


def test_what_browsers_report_by_an_older_spelling_is_found() -> None:
    older = {
        one: city.name for _, some in cities_by_part("en", now=SUMMER, every=True) for city in some for one in city.older.split()
    }
    assert older["Asia/Calcutta"] == "Asia/Kolkata"
    assert older["Europe/Kiev"] == "Europe/Kyiv"
    assert not set(older) & cities(), "a city is nobody's older spelling"


def test_a_zone_without_a_city_is_shown_by_its_name() -> None:
    assert (city_of("Etc/GMT+5", "ar"), city_of("UTC", "ar")) == ("Etc/GMT+5", "UTC")
    assert shown_zone("Mars/Olympus", "ar", now=SUMMER) == "Mars/Olympus"
    assert shown_zone("Asia/Colombo", "en", now=SUMMER).startswith("Colombo (")


def test_the_cities_of_each_form_keep_time_in_every_way_there_is() -> None:
    """Who finds their own city missing finds one with the same time, summer and winter."""
    days = [SUMMER + dt.timedelta(days=7 * n) for n in range(105)]

    def way(name: str) -> tuple[dt.timedelta | None, ...]:
        return tuple(day.astimezone(ZoneInfo(name)).utcoffset() for day in days)

    ways = {way(name) for name in WELL_KNOWN}
    assert [name for name in cities() - {UTC} if way(name) not in ways] == []
    assert {city.name for _, some in cities_by_part("ar", now=SUMMER) for city in some} == WELL_KNOWN < cities()
