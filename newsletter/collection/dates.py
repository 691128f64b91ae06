"""Whether what stands beside a title is a date or a venue with its year. Pure; the text itself is kept."""

from __future__ import annotations

import re

_YEAR = r"(?:19|20)\d\d"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\.?"
)
_NUMBERED = r"(?P<month>\d{1,2})"
_DATE = re.compile(
    rf"""{_YEAR}\s*年(?:\s*{_NUMBERED}\s*月(?:\s*(?P<day>\d{{1,2}})\s*[日号號])?)?
    |{_YEAR}\s*[-./]\s*(?P<month2>\d{{1,2}})(?:\s*[-./]\s*(?P<day2>\d{{1,2}}))?
    |(?P<day3>\d{{1,2}})\s*[-./]\s*(?P<month3>\d{{1,2}})\s*[-./]\s*{_YEAR}
    |(?:(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH},?\s+{_YEAR}
    |{_MONTH}\s+(?P<day5>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}
    |{_YEAR}[\s,]+{_MONTH}(?:\s+(?P<day6>\d{{1,2}}))?
    |{_YEAR}""",
    re.VERBOSE | re.IGNORECASE,
)
# "CVPR 2019", "ICML2020", "arXiv 2023", "NeurIPS'22 Oral", "ACL 2022 (Findings)", "2024 CVPR", "under review, ICLR 2025".
_VENUE = re.compile(rf"[^\d\W][^\d]{{0,60}}?(?:\s*[’'`]\s*\d\d|[\s,.'’_-]*{_YEAR})(?:\W[^\d]{{0,40}})?", re.IGNORECASE)
_YEAR_FIRST = re.compile(rf"{_YEAR}\s+[^\d\W][^\d]{{0,60}}", re.IGNORECASE)
LONGEST = 100


def is_date(text: str) -> bool:
    """True for a year, a month or a day that can be, in the usual forms of East and West."""
    found = _DATE.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        return False
    numbers = {name: int(value) for name, value in found.groupdict().items() if value}
    if "day3" in numbers:
        # 27.06.2023 and 06/27/2023 are both written.
        lower, higher = sorted(numbers.values())
        return 1 <= lower <= 12 and higher <= 31
    return all(1 <= number <= (12 if name.startswith("month") else 31) for name, number in numbers.items())


def is_dated(text: str) -> bool:
    """True for a date, or a venue with its year: ``CVPR 2019``, ``ICML2020``, ``NeurIPS'22``."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST:
        return False
    return is_date(bare) or bool(_VENUE.fullmatch(bare)) or (bool(_YEAR_FIRST.fullmatch(bare)) and not _cut(bare))


def _cut(text: str) -> bool:
    """True for the beginning of a Chinese date, which looks like a year and words."""
    return bool(re.match(rf"{_YEAR}\s*年", text))
