"""What a message that came back says: the values that every way in gives. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.values.mail import Blame


class Kind(StrEnum):
    """What a message is about.

    ``hard``: nobody is there; ``soft``: not now; ``complaint``: its reader calls it spam; ``ours``: it is about us or about that
    mail; ``none``: nothing came back (an out-of-office, a note that a mail arrived, a letter).
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    OURS = "ours"
    NONE = "none"


OF_BLAME = {
    Blame.ADDRESS: Kind.HARD,
    Blame.MAILBOX: Kind.SOFT,
    Blame.TIME: Kind.SOFT,
    Blame.MESSAGE: Kind.OURS,
    Blame.US: Kind.OURS,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail to ``recipient`` ("" where it is not said); ``status`` is the enhanced code, ``words`` the server's.

    A ``delayed`` one is still tried by the server that says so.
    """

    kind: Kind
    recipient: str = field(default="", repr=False)
    status: str = ""
    words: str = field(default="", repr=False)
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """A message read: what it reports, and by what the mail can be known: VERP tokens and Message-IDs, the surest first.

    ``leaving`` are the tokens of those who unsubscribe by mail. ``understood`` is False where nothing was recognised.
    """

    reports: tuple[Report, ...] = ()
    tokens: tuple[str, ...] = field(default=(), repr=False)
    message_ids: tuple[str, ...] = ()
    leaving: tuple[str, ...] = field(default=(), repr=False)
    understood: bool = False

    @property
    def worst(self) -> Report:
        """The report that counts: a mail of ours has one recipient, and a copy of it may have more."""
        return min(self.reports, key=lambda report: _ORDER.index(report.kind), default=Report(Kind.NONE))


_ORDER = (Kind.COMPLAINT, Kind.HARD, Kind.SOFT, Kind.OURS, Kind.NONE)
