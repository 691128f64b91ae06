"""How much engines may be asked: calls a minute and characters a month, over all processes of an installation."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from newsletter.db import Database
from newsletter.errors import PermanentError
from newsletter.http.rate_limit import RateLimit
from newsletter.translation.store import usage as usage_store


class LimitReached(PermanentError):
    """The engine's characters, or its money, of this month are used up."""


class Limits(Protocol):
    """What an engine may still be asked; safe for many threads."""

    def take(self, engine: str, characters: int, *, sleep: Callable[[float], object]) -> None:
        """Sleeps until the engine's next slot and takes ``characters`` of its month. Raises LimitReached: they are used up."""

    def refresh(self) -> None:
        """Called as a run begins: forgets what is known, so that what other processes asked meanwhile counts too."""


class NoLimits:
    """Every engine may be asked as much as one likes."""

    def take(self, engine: str, characters: int, *, sleep: Callable[[float], object]) -> None:
        pass

    def refresh(self) -> None:
        pass


@dataclass
class KeptLimits:
    """The limits of an installation by engine, kept in its database."""

    database: Database
    calls_per_minute: Mapping[str, int]
    characters_per_month: Mapping[str, int]
    now: Callable[[], dt.datetime]
    # Money of a month, and of a million characters.
    money_per_month: Mapping[str, float] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _month: tuple[int, int] | None = None
    _used: dict[str, int] = field(default_factory=dict)

    def take(self, engine: str, characters: int, *, sleep: Callable[[float], object]) -> None:
        if engine in self.characters_per_month or engine in self.money_per_month:
            with self._lock:
                used = self._used_this_month(engine)
                self._check(engine, used, characters)
                self._used[engine] = used + characters
        calls = self.calls_per_minute.get(engine)
        if calls:
            RateLimit(self.database, f"engine {engine}", 60 / calls, sleep=sleep)()

    def _check(self, engine: str, used: int, characters: int) -> None:
        most = self.characters_per_month.get(engine)
        if most is not None and used + characters > most:
            raise LimitReached(f"{engine} has used {used} of the {most} characters of this month")
        money, price = self.money_per_month.get(engine), self.prices.get(engine, 0.0) / 1_000_000
        if money is not None and (used + characters) * price > money:
            raise LimitReached(
                f"{engine} has spent {used * price:.2f} of the {money:.2f} of this month (TRANSLATION_MONEY_PER_MONTH)"
            )

    def refresh(self) -> None:
        """Reads the characters of this month anew with the next call."""
        with self._lock:
            self._month = None

    def _used_this_month(self, engine: str) -> int:
        today = self.now().date()
        if self._month != (today.year, today.month):
            with self.database.reading() as session:
                used = usage_store.totals(session, since=today.replace(day=1), what="characters")
            self._used = {name: count for (name, _), count in used.items()}
            self._month = (today.year, today.month)
        return self._used.get(engine, 0)
