"""What an imported row does to the person it names. Pure: decides on values, and executes nothing.

Nobody who left, bounced, complained or is suppressed is revived; nobody who confirmed is made to confirm again; a pause that
somebody wanted stays.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from newsletter.subscribers.import_export.csv_rows import Row
from newsletter.subscribers.subscriber import LEFT_ELSEWHERE, State

GONE = {
    State.UNSUBSCRIBED: "has left: only they can come back",
    State.BOUNCED: "had its mail returned: nothing is sent there again",
    State.COMPLAINED: "complained about a mail: nothing is sent there again",
}
SUPPRESSED = "must get no mail from here again"
STILL_PAUSED = "keeps the pause that the subscriber wanted"
STILL_CONFIRMED = "is confirmed already and stays so"


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of a person before the import; ``topics`` in alphabetical order."""

    id: int
    state: State
    language: str
    timezone: str
    hour: int
    topics: tuple[str, ...]
    paused_until: dt.date | None
    confirmed_at: dt.datetime | None


class Deed(StrEnum):
    """What is to be done with a row."""

    ADD = "add"
    UPDATE = "update"
    LEAVE = "leave"
    NOTHING = "nothing"
    REFUSE = "refuse"
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row's deed; ``state`` is the person's afterwards, ``remark`` a note, or the reason of a refusal."""

    deed: Deed
    row: Row
    known: Known | None
    state: State
    remark: str = ""


def decide_former(row: Row, known: Known | None, *, today: dt.date) -> Decision:
    """What ``row`` does where whoever had the address left, and only this is kept of them.

    A sign-up that waits changes nothing, since anybody may have typed it; one that was confirmed does.
    """
    if row.status is State.UNSUBSCRIBED and known is None:
        return Decision(Deed.SUPPRESS if _says_more(row) else Deed.NOTHING, row, None, row.reason)
    if row.status is State.UNSUBSCRIBED or (known is not None and known.confirmed_at is not None):
        return decide(row, known, suppressed="", today=today)
    return Decision(Deed.REFUSE, row, known, State.UNSUBSCRIBED, GONE[State.UNSUBSCRIBED])


def _says_more(row: Row) -> bool:
    """True where somebody did not only leave, but bounced or complained."""
    return row.alone and row.reason not in LEFT_ELSEWHERE


def decide(row: Row, known: Known | None, *, suppressed: str, today: dt.date) -> Decision:
    """What ``row`` does to ``known`` (None: nobody has this address yet); ``suppressed`` is why it gets no mail, else ""."""
    if row.status is State.UNSUBSCRIBED:
        if known is None and row.alone:
            new = not suppressed or (suppressed in LEFT_ELSEWHERE and _says_more(row))
            return Decision(Deed.SUPPRESS if new else Deed.NOTHING, row, None, row.reason)
        if known is None:
            return Decision(Deed.ADD, row, None, State.UNSUBSCRIBED)
        deed = Deed.NOTHING if known.state in GONE else Deed.LEAVE
        return Decision(deed, row, known, State.UNSUBSCRIBED)
    if known is not None and known.state in GONE:
        return Decision(Deed.REFUSE, row, known, known.state, GONE[known.state])
    if suppressed:
        return Decision(Deed.REFUSE, row, known, row.status, SUPPRESSED)
    if known is None:
        return Decision(Deed.ADD, row, None, row.status)
    state, remark = _state_after(row.status, known, today=today)
    same = state is known.state and _choices(row) == (known.topics, known.language, known.timezone, known.hour)
    return Decision(Deed.NOTHING if same else Deed.UPDATE, row, known, state, remark)


def _state_after(status: State, known: Known, *, today: dt.date) -> tuple[State, str]:
    if known.state is State.PENDING:
        return status, ""
    paused = known.state is State.PAUSED or (known.paused_until is not None and known.paused_until > today)
    if status is State.PAUSED:
        return (known.state, "") if paused else (State.PAUSED, "")
    if paused:
        return known.state, STILL_PAUSED
    return State.CONFIRMED, STILL_CONFIRMED if status is State.PENDING else ""


def _choices(row: Row) -> tuple[tuple[str, ...], str, str, int]:
    chosen = row.choices
    return tuple(sorted(chosen.topics)), chosen.language, chosen.timezone, chosen.hour
