"""Finds the day that a cell or line of a published list names, in the spellings that people use, and writes one alike. Pure.

What a day leaves open (the year of "03-05", which of two numbers is the month) is told by the id of the paper, whose first four
digits are year and month: https://info.arxiv.org/help/arxiv_identifier.html. Where that tells nothing, there is no date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?P<day>\d{1,2})(?P<th>st|nd|rd|th)?(?!\d)"
# In the order in which they are tried. A number of an id (2012.12345) is no date: no digit stands behind one.
_WITHIN = (
    re.compile(
        r"(?<![\d.])(?P<year>(?:19|20)\d\d)\s*(?P<sep>[-./年])\s*(?P<month>\d{1,2})(?:\s*[-./月]\s*(?P<day>\d{1,2}))?(?!\d)"
    ),
    re.compile(r"(?<![\d.])(?P<year>(?:19|20)\d\d)(?P<sep>)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.])"),
    re.compile(rf"(?<!\d){_DAY}(?P<gap>[\s./-]+)(?:of\s+)?{_NAME}\b\.?(?P<end>,?[\s./-]+){_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_NAME}\b\.?[\s./-]+{_DAY}(?P<end>,?[\s./-]+){_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_NAME}\b\.?(?P<end>,?[\s./-]+){_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<![\d./-])(?P<one>\d{{1,2}})(?P<sep>[-./])(?P<two>\d{{1,2}})(?P=sep){_YEAR}"),
)
# Without a century, or without a year, only where nothing else stands in the cell.
_WHOLE = (
    re.compile(r"[\s*_`'’]*(?P<short>\d\d)(?P<sep>[-./])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})[\s*_`]*"),
    re.compile(r"[\s*_`]*(?P<month>\d{1,2})(?P<sep>[-./月])(?P<day>\d{1,2})日?[\s*_`]*"),
    re.compile(rf"[\s*_`]*{_NAME}\.?\s+{_DAY}[\s*_`]*", re.IGNORECASE),
    re.compile(rf"[\s*_`]*{_DAY}\s+{_NAME}\.?[\s*_`]*", re.IGNORECASE),
)
_ID = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_TIME = re.compile(r"(?<![\sT,])[\sT,]*\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_MARKS = re.compile(r"[\s*_`()\[\]（）【】,:：]+")
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|tues|wednes|wed|thu|thur|thurs|fri|satur|sat|sun)(?:day)?\b\.?|(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日?",
    re.IGNORECASE,
)
# 3月3日(月): between brackets the day of the week may be one character.
_SHORT_WEEKDAY = re.compile(r"[(（][月火水木金土日一二三四五六][)）]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A date as it stands in a text: from ``start`` to ``end``, and the days that it can mean."""

    start: int
    end: int
    days: tuple[dt.date, ...]


def find_date(text: str, *, ref: str = "") -> Spelling | None:
    """The first date in ``text``; None where there is none. It means no day where neither it nor ``ref`` tells one."""
    for pattern in _WITHIN:
        if found := pattern.search(text):
            return Spelling(*_span(found), tuple(_days(found, ref)))
    for pattern in _WHOLE:
        found = pattern.fullmatch(text)
        if found and (_days_can_be(found)):
            return Spelling(*_span(found), tuple(_days(found, ref)))
    return None


def date_in(text: str, *, ref: str = "") -> dt.date | None:
    """The day that ``text`` names, the first of the month where it names none; None where it can be no date, or be two."""
    found = find_date(text, ref=ref)
    if found is None:
        return None
    days = [*dict.fromkeys(found.days)]
    if len(days) > 1 and (id_ := _ID.match(ref)):
        days = [day for day in days if (day.year % 100, day.month) == (int(id_[1]), int(id_[2]))]
    return days[0] if len(days) == 1 else None


def is_date_alone(text: str) -> bool:
    """Whether hardly more than a date, with a time or a day of the week maybe, stands in ``text``."""
    rest = without_date(text)
    return rest is not None and len(rest) <= 2


def without_date(text: str) -> str | None:
    """What stands in ``text`` beside its first date, without marks, the time and the day of the week; None where no date does."""
    found = find_date(text)
    if found is None:
        return None
    rest = text[: found.start] + " " + _TIME.sub("", text[found.end :], count=1)
    return _MARKS.sub(" ", _WEEKDAY.sub("", _SHORT_WEEKDAY.sub("", rest))).strip()


def written_like(raw: str, day: dt.date) -> str:
    """``day`` in the spelling of ``raw``; as YYYY-MM-DD where that is none."""
    found = next((one for pattern in (*_WITHIN, *_WHOLE) if (one := pattern.fullmatch(raw))), None)
    if found is None:
        return day.isoformat()
    groups = found.groupdict()
    parts = [(name, *found.span(name)) for name, value in groups.items() if value and name not in ("sep", "gap", "end")]
    made = raw
    for name, start, end in sorted(parts, key=lambda part: part[1], reverse=True):
        made = made[:start] + _part(name, raw[start:end], found, day) + made[end:]
    return made


def _part(name: str, old: str, found: re.Match[str], day: dt.date) -> str:
    if name == "name":
        word = _MONTHS[day.month - 1].capitalize()
        return word[:3] if len(old) <= 4 and old.lower() not in _MONTHS else word
    if name == "th":
        return "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    if name in ("one", "two"):
        is_month = (name == "one") is not _is_day_first(found)
        name = "month" if is_month else "day"
    number = {"year": day.year, "short": day.year % 100, "month": day.month, "day": day.day}[name]
    return f"{number:02d}" if len(old) == 2 else str(number)


def _is_day_first(found: re.Match[str]) -> bool:
    return int(found["one"]) > 12 or found["sep"] == "."


def _span(found: re.Match[str]) -> tuple[int, int]:
    """Without the marks around it."""
    words = found.group()
    lead = len(words) - len(words.lstrip(" *_`'’\t"))
    return found.start() + lead, found.end() - (len(words) - len(words.rstrip(" *_`\t")))


def _days_can_be(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    month = int(groups["month"]) if groups.get("month") else 1
    return 1 <= month <= 12 and 1 <= int(groups["day"]) <= 31


def _days(found: re.Match[str], ref: str) -> Iterator[dt.date]:
    groups = found.groupdict()
    day = int(groups.get("day") or 1)
    if groups.get("one"):
        one, two = int(groups["one"]), int(groups["two"])
        pairs = [(two, one)] if found["sep"] == "." else [(one, two), (two, one)]
    else:
        pairs = [(_month(groups), day)]
    for month, of_month in pairs:
        year = _year(groups, month, ref)
        try:
            if year:
                yield dt.date(year, month, of_month)
        except ValueError:
            continue


def _month(groups: dict[str, str | None]) -> int:
    if number := groups.get("month"):
        return int(number)
    name = (groups["name"] or "").lower()[:3]
    return next(place for place, known in enumerate(_MONTHS, start=1) if known.startswith(name))


def _year(groups: dict[str, str | None], month: int, ref: str) -> int:
    """The year that is written, else that of the id: a paper of December may have come out in January. 0 for none."""
    if groups.get("year"):
        return int(groups["year"] or 0)
    if groups.get("short"):
        short = int(groups["short"] or 0)
        return short + (1900 if short >= 91 else 2000)
    found = _ID.match(ref)
    if found is None:
        return 0
    return 2000 + int(found[1]) + (1 if month < int(found[2]) else 0)
