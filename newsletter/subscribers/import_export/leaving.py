"""Knows the columns of a list of people that say who left, complained or cannot be reached. Pure.

Nobody who left elsewhere is written to from here: what is doubtful counts as leaving, and people are told of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# A column that holds a time once it happened, or yes and no, with the status that it means.
_BY_YES = {
    "unsub time": "unsubscribed", "unsubscribed at": "unsubscribed", "unsubscription date": "unsubscribed",
    "unsubscribe date": "unsubscribed", "unsubscribed": "unsubscribed", "deleted at": "unsubscribed",
    "email disabled": "unsubscribed", "clean time": "bounced", "bounced at": "bounced", "complained at": "complained",
    "blacklisted": "blocklisted", "blocklisted": "blocklisted", "email blacklisted": "blocklisted",
    "email blocklisted": "blocklisted",
}  # fmt: skip
# Columns that say no where somebody left.
_BY_NO = {"subscribed to emails": "unsubscribed", "confirmed": "pending", "subscribed": "unsubscribed"}
# Words of names that are not known as a whole.
_LEAVING = (
    (re.compile(r"\b(?:black|block) ?list\w*"), "blocklisted"),
    (re.compile(r"\bcomplain\w*|\bspam\b|beschwerde"), "complained"),
    (re.compile(r"\bbounced?\b|\bcleaned\b|\bundeliverable\b"), "bounced"),
    (
        re.compile(
            r"(?:\b|\bis)unsub\w*|\bis ?excluded\w*"
            r"|\b(?:removed|deactivated|suspended|cancell?ed|deleted)(?: (?:on|at|date|time))?$"
            r"|\bopt(?:ed)?(?: in)? ?out\b|\bdo not (?:e ?mail|mail|contact|send)|\bdisabled\b"
            r"|\bsuppress(?:ed|ion)s?\b|\babgemeldet|\babmeldedatum|\bd[eé]sabonn|\bd[eé]sinscri|\bdesuscri|\bdescadastr"
            r"|\bdisiscri|\buitgeschreven|退订|退訂|取消订阅|解除"
        ),
        "unsubscribed",
    ),
)
_WANTING = (
    (re.compile(r"\b(?:is|was|are)\b.*\bconfirmed\b"), "pending"),
    (
        re.compile(r"\baccepts? .*(?:marketing|mail)|\b(?:e ?mail|marketing|newsletter) (?:opt ?in|consent)\b|\bopted in\b"),
        "unsubscribed",
    ),
)
# What stands beside a leaving and says nothing of whether somebody did.
_BESIDE = re.compile(
    r"\b(?:campaign|reason|title|link|url|count|rate|number|num|how many|ip|note|comment|id|token|code|page|source|score"
    r"|hash)s?\b"
)


# Mailchimp puts people of each kind into a file of their own, of which one has no column that says so.
_FILES = (
    (re.compile(r"(?:non|un)subscribed(?:[_ -]|\.)", re.IGNORECASE), "unsubscribed"),
    (re.compile(r"(?:cleaned|bounced)(?:[_ -]|\.)", re.IGNORECASE), "bounced"),
)


def status_by_name(file: str) -> str:
    """What the people of a file of this name are, where that says that they left; else ""."""
    return next((status for pattern, status in _FILES if pattern.match(file)), "")


def is_known_sign(name: str) -> bool:
    """Whether a column of this name (in small letters) is known as a whole to say who left."""
    return name in _BY_YES or name in _BY_NO


def sign_of(name: str) -> tuple[str, bool] | None:
    """The status that a column of this name means, and whether it says so by yes (or by no); None where it means none."""
    if is_known_sign(name):
        return (_BY_YES[name], True) if name in _BY_YES else (_BY_NO[name], False)
    if _BESIDE.search(name):
        return None
    leaving, wanting = _told_by(name, _LEAVING), _told_by(name, _WANTING)
    return (leaving, True) if leaving else (wanting, False) if wanting else None


def _told_by(name: str, words: Sequence[tuple[re.Pattern[str], str]]) -> str:
    return next((status for pattern, status in words if pattern.search(name)), "")
