"""One example of a reader's interests, as it was given, and what can be wrong with what they gave. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from newsletter.errors import InputError
from newsletter.i18n import _l

LARGEST, MOST, LONGEST = 2_000_000, 500, 5_000
MEGABYTE = 1_000_000
TOLD = 5


class ExamplesFault(InputError):
    """What is wrong with what somebody gave: in English with ``values`` in it; ``told`` says it in another language."""

    def __init__(self, message: str, **values: object) -> None:
        self.message, self.values = message, values
        super().__init__(self.told(_l))

    def told(self, gettext: Callable[[str], str]) -> str:
        return gettext(self.message) % self.values if self.values else gettext(self.message)


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that somebody knows: its ``title``, perhaps its ``abstract``, perhaps its ``ref``, where it may be stored here."""

    title: str = ""
    abstract: str = ""
    ref: str = ""


def too_large() -> ExamplesFault:
    return ExamplesFault(_l("the file has more than %(most)s MB: give a part of it"), most=LARGEST // MEGABYTE)


def too_many(count: int) -> ExamplesFault:
    words = _l("%(count)s papers are named, and %(most)s are taken: give those that say best what you look for")
    return ExamplesFault(words, count=count, most=MOST)


def nothing_named() -> ExamplesFault:
    return ExamplesFault(_l("no paper is named in it: give BibTeX, RIS, Zotero's CSV, CSL-JSON, arXiv ids or a sentence"))


def refuse(lines: Iterable[int]) -> None:
    """Raises ExamplesFault naming the first of the ``lines``; does nothing where there is none."""
    found = list(lines)
    if found:
        told = ", ".join(map(str, found[:TOLD])) + (", …" if len(found) > TOLD else "")
        words = _l("what begins in line %(lines)s cannot be read: mend it or take it out; nothing was kept")
        raise ExamplesFault(words, lines=told)
