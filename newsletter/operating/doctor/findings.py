"""What a check says: one line with its level and its mend. Every check survives whatever another one, or itself, runs into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import NewsletterError


class Level(StrEnum):
    """How a thing stands: a ``WARN`` works, but not as it should in earnest; what is ``FAIL`` stops mail."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


IN_JSON = {Level.OK: "ok", Level.WARN: "warning", Level.FAIL: "failure"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; ``mend`` is empty where nothing is to be done."""

    level: Level
    what: str
    words: str
    mend: str = ""

    @property
    def line(self) -> str:
        """As people read it."""
        return f"{self.level:<5} {self.what}: {self.words}" + (f" -> {self.mend}" if self.mend else "")

    def as_json(self) -> dict[str, str]:
        """As scripts read it; ``level`` is ok, warning or failure."""
        return {**asdict(self), "level": IN_JSON[self.level]}


def ok(what: str, words: str) -> Finding:
    return Finding(Level.OK, what, words)


def warn(what: str, words: str, mend: str) -> Finding:
    return Finding(Level.WARN, what, words, mend)


def fail(what: str, words: str, mend: str) -> Finding:
    return Finding(Level.FAIL, what, words, mend)


def survived(what: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of ``check``, and one of what it ran into where it could not be done."""
    try:
        yield from check()
    except NewsletterError as error:
        yield Finding(Level.FAIL, what, str(error))
    except (SQLAlchemyError, OSError, ValueError) as error:
        words = str(error).strip().partition("\n")[0][:300]
        yield fail(what, f"cannot be looked at ({type(error).__name__}: {words})", "mend what is said above, and look again")
    except Exception as error:  # noqa: BLE001 - a doctor that dies of what it finds is none
        yield warn(what, f"cannot be looked at ({type(error).__name__})", "tell the developers; the other checks stand")
