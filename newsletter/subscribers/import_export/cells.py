"""Reads the cells of a row of people as they are spelt elsewhere: addresses, topics, languages, hours and statuses. Pure.

What cannot be read comes back as it was, so that the check of the choices says what is wrong with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Set
from functools import lru_cache

from newsletter.errors import InputError
from newsletter.languages import LANGUAGES
from newsletter.subscribers.choices import zones
from newsletter.subscribers.subscriber import State
from newsletter.topics.categories import slug_of

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_NAMED = re.compile(r"(?:\"[^\"]*\"|[^<>\"@]*)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>")
_HOUR = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minutes>\d{2})(?::\d{2})?)?\s*(?:(?P<half>[ap])\.?m?\.?|h|uhr|時|点|點)?", re.IGNORECASE | re.ASCII
)
_NO = ("", "false", "no", "n", "0", "f", "null", "none", "nil", "nein", "non", "never", "[]", "{}", "-", "否", "いいえ")
_YES = ("true", "yes", "y", "1", "t", "x", "✓", "✔", "ja", "oui", "si", "sí", "sì", "sim", "on", "是", "はい", "예")
# The begin of a date as people and programs write it, or seconds since 1970.
_TIME = re.compile(r"\d{1,4}[-./年]\s?\d{1,2}|\d{8,13}$|(?:[a-z]{3,9},?\s)?(?:[a-z]{3,9}\.?\s\d{1,2}|\d{1,2}\.?\s[a-z]{3,9})\b")
# What other systems call the state of a person, by what it means here; of those who left also why.
_WORDS = {
    "confirmed": (
        "confirmed|subscribed|enabled|active|regular|premium|gifted|trialed|verified|opted in|opt in|optin"
        "|free|paid|comped|member|yes|true|churning|past due|not renewing|in trial|guest"
        "|express|implied|implicit|single opt in|double opt in|abonniert|angemeldet|aktiv|bestätigt|abonné|abonnée|actif"
        "|suscrito|activo|inscrito|iscritto|attivo|已订阅|訂閱中|已確認|已确认|購読中|登録済み|有効"
    ),
    "pending": (
        "pending|unconfirmed|unactivated|unverified|not confirmed|awaiting confirmation|opt in pending|validating"
        "|needs attention"
        "|upcoming|unbestätigt|en attente|pendiente|待确认|未确认|確認待ち"
    ),
    "paused": "paused|on hold|suspended|vacation",
    "unsubscribed": (
        "unsubscribed|unsubscribe|disabled|removed|inactive|opted out|opt out|optout|cancelled|canceled|deleted|archived"
        "|churned|left"
        "|nonsubscribed|non subscribed|never subscribed|not subscribed|never|no|false|abgemeldet|ausgetragen"
        "|inaktiv|désabonné|désabonnée|désinscrit|désinscrite|inactif|desuscrito|cancelado|baja|inactivo|descadastrado"
        "|disiscritto|annullato|uitgeschreven"
        "|已退订|退订|已取消|取消订阅|已退訂|取消訂閱|解除|配信停止|退会"
    ),
    "bounced": "bounced|cleaned|unreachable|undeliverable|hard bounced|hard bounce|invalid",
    "complained": "complained|spam|junk|spam complaint|marked as spam",
    "blocklisted": "blocklisted|blacklisted|blocked|banned|suppressed|spammy",
}
# Of those the ones that say of whomever they stand beside that they left, in whatever column.
_PLAIN = (
    "unsubscribed|opted out|nonsubscribed|non subscribed|never subscribed|not subscribed|cleaned|bounced"
    "|hard bounced|hard bounce"
    "|undeliverable|complained|spam complaint|marked as spam|blocklisted|blacklisted|abgemeldet|désabonné|désabonnée|désinscrit"
    "|desuscrito|disiscritto|uitgeschreven|已退订|已退訂|取消订阅|取消訂閱|配信停止"
)
STATUSES = {word: status for status, words in _WORDS.items() for word in words.split("|")}
PLAINLY_LEFT = frozenset(_PLAIN.split("|"))
# Why an address that left elsewhere gets no mail from here.
REASONS = {
    "unsubscribed": State.UNSUBSCRIBED,
    "bounced": State.BOUNCED,
    "complained": State.COMPLAINED,
    "blocklisted": State.UNSUBSCRIBED,
}


def address_in(text: str) -> tuple[str, str]:
    """The address in a cell as it has to be checked, and what was taken off it that nobody can see, "" for nothing."""
    bare = _INVISIBLE.sub("", text)
    hidden = "an invisible sign was taken out of the address" if bare != text else ""
    bare = unicodedata.normalize("NFC", bare.replace("\u00a0", " ").replace("＠", "@")).strip()
    if named := _NAMED.fullmatch(bare):
        bare = named[1]
    bare = bare.strip(' \t;,<>"')
    # An apostrophe may be an address's own, but not one on either side of it.
    bare = bare[1:-1] if bare.startswith("'") and bare.endswith("'") else bare
    bare = bare.removeprefix("mailto:").removeprefix("MAILTO:").removeprefix("Mailto:")
    return bare.split("?")[0] if "?" in bare and "@" in bare.split("?")[0] else bare, hidden


def topics_in(text: str, *, known: Set[str]) -> tuple[str, ...]:
    """The slugs in a cell, joined by semicolons, commas or bars, in any case; a category by its other name too."""
    parts = [part.strip(" \t\"'") for part in re.split(r"[;,|]", text)]
    spelt = ((part, part.lower(), slug_of(part)) for part in parts if part)
    return tuple(next((one for one in spellings if one in known), spellings[0]) for spellings in spelt)


_ENGLISH = {
    "english": "en", "chinese": "zh-CN", "simplified chinese": "zh-CN", "chinese (simplified)": "zh-CN", "中文": "zh-CN",
    "traditional chinese": "zh-TW", "chinese (traditional)": "zh-TW", "japanese": "ja", "korean": "ko", "german": "de",
    "french": "fr", "spanish": "es", "portuguese": "pt", "italian": "it", "dutch": "nl", "polish": "pl", "russian": "ru",
    "ukrainian": "uk", "turkish": "tr", "vietnamese": "vi", "arabic": "ar", "zh": "zh-CN", "zh-hans": "zh-CN",
    "zh-sg": "zh-CN", "zh-hant": "zh-TW", "zh-hk": "zh-TW", "zh-mo": "zh-TW",
}  # fmt: skip


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    known = ((name, one.code) for one in LANGUAGES for name in (one.code, one.name, one.microsoft))
    return {**{name.casefold(): code for name, code in known}, **_ENGLISH}


def language_in(text: str) -> str:
    """The code of a language that is spelt as a locale, or by its name; ``text`` where it is none."""
    name = text.strip().replace("_", "-").casefold()
    base = name.split("-")[0] if re.fullmatch(r"[a-z]{2}-[a-z0-9-]+", name) else ""
    return _languages().get(name) or _languages().get(base) or text


def timezone_in(text: str) -> str:
    """The name of a zone in any case, with spaces for underscores; ``text`` where it is none."""
    name = text.strip().replace(" ", "_")
    return name if not name or name in zones() else _zones().get(name.casefold(), text)


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, str]:
    return {name.casefold(): name for name in zones()}


def hour_in(text: str) -> int:
    """The hour in a cell: 7, 07:00, 7 pm; -1 where it is none, or not a whole one."""
    found = _HOUR.fullmatch(text.strip())
    if found is None or int(found["minutes"] or 0):
        return -1
    hour = int(found["hour"])
    if found["half"]:
        return hour % 12 + (12 if found["half"].lower() == "p" else 0) if 1 <= hour <= 12 else -1
    return hour


def status_in(text: str) -> str:
    """What a status means here: a key of ``_WORDS``. Raises InputError where nobody knows it."""
    status = STATUSES.get(" ".join(re.sub(r"[\W_]+", " ", text.casefold()).split()))
    if status is None:
        raise InputError(f"status is {text[:40]!r}: give one of confirmed, pending, paused, unsubscribed")
    return status


def leaving_in(text: str) -> str:
    """What a cell of a column that nobody knows says of somebody's leaving; "" where it says nothing."""
    word = text.strip().casefold().replace("_", " ").replace("-", " ") if len(text) < 30 else ""
    return STATUSES[word] if word in PLAINLY_LEFT else ""


def is_plain_answer(text: str) -> bool:
    """Whether a cell is a yes, a no, or a time: a column whose name is not known may hold links, keys or sentences."""
    word = text.strip().casefold()
    return word in _NO or word in _YES or _TIME.match(word) is not None


def is_sign(text: str, *, says_yes: bool) -> bool:
    """Whether a column that says by yes, no or a time that somebody left says so."""
    word = text.strip().casefold()
    return word not in _NO if says_yes else word in _NO and word != ""
