"""What each table says of itself: whether it holds something of a person, how that is reached, and how long rows are kept.

Erasure, the export of a person, retention and the page on privacy go by this, so that a new table cannot be forgotten: a test
fails for one that says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reach(StrEnum):
    """How the rows of a person are found, by the value of one column.

    ``SUBSCRIBER``: the person's id; the row goes with them. ``ADDRESS_KEY``: the keyed hash of the address, which stays when they
    go (it says nothing to who lacks the key). ``NAME``: the name of an editor beside what they wrote; it is emptied. ``MENTION``:
    text or JSON in which the address may stand; the row goes.
    """

    SUBSCRIBER = "subscriber"
    ADDRESS_KEY = "address key"
    NAME = "name"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Person:
    """Something of a person stands in a table; ``hidden`` columns are secrets, or ours alone, and are left out of an export."""

    reach: Reach
    column: str
    hidden: tuple[str, ...] = ()


class Rule(StrEnum):
    """The rules of retention; each has a setting of days, ``KEEP_..._DAYS``, and a line on the page on privacy."""

    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    NETWORKS = "networks"
    LEDGER = "ledger"
    LINKS = "links"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Expiry:
    """Rows go once the time in ``since`` is longer ago than the rule says: all, or those ``only`` of certain values (none: NULL).

    A row without that time stays. With ``empties`` that column is emptied, and the row stays.
    """

    rule: Rule
    since: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empties: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a table says of itself; ``kept`` says why rows stay that no expiry takes."""

    people: tuple[Person, ...]
    kept: str
    expires: tuple[Expiry, ...]


NOTHING_SAID = About((), "", ())
# Why rows stay.
WITH_PERSON = "as long as the person"
PUBLIC = "for good: it is public"
ONE_EACH = "one row each, written over"
IN_USE = "as long as it is in use"


def about(*people: Person, kept: str = "", expires: tuple[Expiry, ...] = ()) -> dict[str, Any]:
    """The ``info`` of a table: of whom it holds something (nobody, where none is named), why rows stay, and which go when."""
    return {"info": {"about": About(people, kept, expires)}}


def of_subscriber(column: str = "subscriber_id", *hidden: str) -> Person:
    """Rows of a person by their id."""
    return Person(Reach.SUBSCRIBER, column, hidden)
