"""The time zones that a form offers: a city of each country, by part of the world, with what it is ahead of UTC now.

The names are those of the IANA database, of which `zone.tab` lists cities that people know; older spellings stand in no list and
are read as the city that they are today. A form holds those that most people know, at least one for each way to keep time; the
rest comes when it is asked for. Reads no clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_location

UTC = "UTC"
# The codes of CLDR for parts of the world, in the order of the list; what begins otherwise stands in `_ISLANDS`, else Antarctica.
_PARTS = {"Africa": "002", "America": "019", "Asia": "142", "Europe": "150", "Australia": "009", "Pacific": "009"}
_ANTARCTICA = "AQ"
# Cities that stand in every form: of each way to keep time one at least, and the ones in which most people live.
_WELL_KNOWN = {
    "Africa": "Abidjan Accra Addis_Ababa Algiers Cairo Casablanca Dakar Johannesburg Khartoum Kinshasa Lagos Nairobi Tunis",
    "America": "Adak Anchorage Argentina/Buenos_Aires Bogota Caracas Chicago Denver Guatemala Halifax Havana Lima Los_Angeles "
    "Manaus Mexico_City Miquelon Montevideo New_York Noronha Nuuk Phoenix Santiago Sao_Paulo St_Johns Toronto Vancouver",
    "Antarctica": "Troll",
    "Asia": "Almaty Baghdad Bangkok Beirut Colombo Dhaka Dubai Hebron Ho_Chi_Minh Hong_Kong Jakarta Jerusalem Kabul Karachi "
    "Kathmandu Kolkata Kuala_Lumpur Manila Novosibirsk Riyadh Seoul Shanghai Singapore Taipei Tashkent Tehran Tokyo Urumqi "
    "Vladivostok Yangon",
    "Atlantic": "Azores Cape_Verde Reykjavik",
    "Australia": "Adelaide Brisbane Darwin Eucla Lord_Howe Melbourne Perth Sydney",
    "Europe": "Amsterdam Athens Berlin Brussels Bucharest Budapest Copenhagen Dublin Helsinki Istanbul Kyiv Lisbon London "
    "Madrid Moscow Oslo Paris Prague Rome Samara Stockholm Vienna Warsaw Zurich",
    "Pacific": "Apia Auckland Chatham Easter Fiji Gambier Guadalcanal Honolulu Kiritimati Marquesas Norfolk Pago_Pago Pitcairn",
}
WELL_KNOWN = frozenset(f"{area}/{place}" for area, places in _WELL_KNOWN.items() for place in places.split())
_ISLANDS = {
    **dict.fromkeys(("Azores", "Canary", "Faroe", "Madeira", "Reykjavik", "Longyearbyen"), "150"),
    **dict.fromkeys(("Bermuda", "South_Georgia", "Stanley"), "019"),
    **dict.fromkeys(("Cape_Verde", "St_Helena", "Antananarivo", "Comoro", "Mahe", "Mauritius", "Mayotte", "Reunion"), "002"),
    **dict.fromkeys(("Chagos", "Maldives"), "142"),
    **dict.fromkeys(("Christmas", "Cocos"), "009"),
}


@dataclass(frozen=True, slots=True)
class City:
    """A zone to choose: its IANA ``name``, what a person reads, and the ``older`` spellings that browsers give, with spaces."""

    name: str
    shown: str
    older: str


@lru_cache(maxsize=1)
def cities() -> frozenset[str]:
    """The IANA names that the list offers, UTC too."""
    lines = _file("zone.tab").splitlines()
    return frozenset(line.split("\t")[2] for line in lines if line and not line.startswith("#")) | {UTC}


def current_name(name: str) -> str:
    """The city that the zone ``name`` stands under in the list: Asia/Kolkata of Asia/Calcutta; ``name`` where there is none."""
    seen = name
    while seen not in cities() and seen in _links():
        seen = _links()[seen]
    return seen if seen in cities() else name


Parts = tuple[tuple[str, tuple[City, ...]], ...]


def cities_by_part(locale: str, *, now: dt.datetime, every: bool = False) -> Parts:
    """The parts of the world by their names in ``locale``, with the cities that most know, or with ``every`` one.

    Offsets are those of the hour of ``now``.
    """
    return _by_part(locale, now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0), every)


@lru_cache(maxsize=32)
def _by_part(locale: str, hour: dt.datetime, every: bool) -> Parts:
    found: dict[str, list[tuple[tuple[dt.timedelta, str], City]]] = {part: [] for part in (*_PARTS.values(), _ANTARCTICA)}
    for name in (cities() - {UTC}) if every else WELL_KNOWN:
        offset = _ahead(name, hour)
        city = City(name, f"{city_of(name, locale)} ({_offset(offset)})", " ".join(_older().get(name, ())))
        # Chinese has no alphabet that a reader would go down.
        found[_part(name)].append(((offset if locale.startswith("zh") else dt.timedelta(), city.shown.casefold()), city))
    names = Locale.parse(locale).territories
    filled = {part: sorted(some, key=lambda one: one[0]) for part, some in found.items() if some}
    return tuple((names[part], tuple(city for _, city in some)) for part, some in filled.items())


@lru_cache(maxsize=4096)
def city_of(name: str, locale: str) -> str:
    """The city of the zone ``name`` in ``locale``; the name itself where it is none of a city."""
    return name if name not in cities() or name == UTC else get_timezone_location(name, locale=locale, return_city=True)


def shown_zone(name: str, locale: str, *, now: dt.datetime) -> str:
    """The zone ``name`` as a list shows it: its city with what it is ahead now; the name itself where it is none of a city."""
    return f"{city_of(name, locale)} ({_offset(_ahead(name, now))})" if name in cities() - {UTC} else name


def _ahead(name: str, now: dt.datetime) -> dt.timedelta:
    return now.astimezone(ZoneInfo(name)).utcoffset() or dt.timedelta()


def _offset(offset: dt.timedelta) -> str:
    """``UTC+5:30``, set apart so that it keeps its order within Arabic."""
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    sign = "−" if offset < dt.timedelta() else "+"
    return f"\u2066UTC{f'{sign}{hours}' if offset else ''}{f':{minutes:02d}' if minutes else ''}\u2069"


def _part(name: str) -> str:
    area, _, place = name.partition("/")
    return _PARTS.get(area) or _ISLANDS.get(place, _ANTARCTICA)


@lru_cache(maxsize=1)
def _older() -> dict[str, list[str]]:
    """The spellings that are read as each city; those without a part of the world are no browser's."""
    found: dict[str, list[str]] = {}
    for link in _links():
        if "/" in link and current_name(link) != link:
            found.setdefault(current_name(link), []).append(link)
    return found


@lru_cache(maxsize=1)
def _links() -> dict[str, str]:
    """What each other spelling stands for (lines ``L target link``: https://data.iana.org/time-zones/tz-how-to.html)."""
    lines = (line.split() for line in _file("tzdata.zi").splitlines() if line.startswith("L "))
    return {link: target for _, target, link in lines}


def _file(name: str) -> str:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
