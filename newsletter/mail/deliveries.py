"""The values of the ledger of mails: a delivery, the outcome of an attempt, a digest to be planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.errors import PermanentError
from newsletter.values.mail import Blame, DeliveryState, MailKind

OPEN = (DeliveryState.QUEUED, DeliveryState.RETRY)
SETTLED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.UNKNOWN)
# Sent, being sent, or to be sent: the papers of such a digest belong to it and to no later one.
LIVE = (*OPEN, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
FINAL_DOT = "final_dot"
# Which mails go first; those that a person waits for (0) before either.
WELCOME_PRIORITY, DAILY_PRIORITY = 1, 2
# Kinds of which a lost mail is worse than a second copy: sent again where a crash leaves the outcome open.
RESENT_IN_DOUBT = (
    MailKind.CONFIRM,
    MailKind.PREFERENCES,
    MailKind.ADDRESS,
    MailKind.MOVED,
    MailKind.EDITOR,
    MailKind.DATA,
    MailKind.ERASE,
)


def is_empty(contents: Mapping[str, Any]) -> bool:
    """True where a digest with these stored ``contents`` has nothing to show: no paper, and no entry of the collection."""
    return not contents["papers"] and not contents.get("picked")


class NothingLeft(PermanentError):
    """All papers of a planned digest are gone: there is no mail to send."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger together with what a mail needs to know of its subscriber.

    ``retry_until`` ends its tries (None: a day after it was planned); ``envelope_from`` is the envelope sender of its first try.
    With ``waits_until`` its papers are not chosen yet; they will be by that time. ``link_key`` is what links name its
    subscriber by.
    """

    id: int
    subscriber_id: int
    email: str
    language: str
    token_version: int
    kind: MailKind
    period: str
    state: DeliveryState
    reason: str
    attempts: int
    stage: str
    message_id: str
    reply: str
    contents: Mapping[str, Any]
    covers_to: int | None
    planned_at: dt.datetime
    due_at: dt.datetime
    retry_until: dt.datetime | None = None
    envelope_from: str = ""
    waits_until: dt.datetime | None = None
    link_key: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; ``due_at`` is the next try where ``state`` is retry or queued, from ``envelope_from`` again.

    ``blame`` is whom a refusal was about.
    """

    delivery_id: int
    state: DeliveryState
    stage: str
    reply: str
    reason: str = ""
    due_at: dt.datetime | None = None
    envelope_from: str = ""
    blame: Blame | None = None


@dataclass(frozen=True, slots=True)
class RefusingDomain:
    """A domain that refuses us: how often in a row since it was last held, how often it was, until when it is, by which words."""

    domain: str
    refusals: int = 0
    holds: int = 0
    held_until: dt.datetime | None = None
    reply: str = ""

    def is_held(self, now: dt.datetime) -> bool:
        """True while nothing is sent to it."""
        return self.held_until is not None and now < self.held_until

    @property
    def by_operator(self) -> bool:
        """True where an operator holds it, and it has refused nothing."""
        return self.held_until is not None and not self.holds

    @property
    def told(self) -> str:
        """Why nothing is sent to it, in one line."""
        return f"{self.domain} is {self.reply}" if self.by_operator else f"{self.domain} refuses us: {self.reply}"


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """One digest to be written into the ledger; a ``skipped`` one records only why nobody gets a mail.

    ``retry_until`` is when the reader's next one is due.
    """

    subscriber_id: int
    period: str
    contents: Mapping[str, Any]
    covers_to: int | None
    state: DeliveryState = DeliveryState.QUEUED
    reason: str = ""
    retry_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: how many rows are tried again, and how many are in doubt."""

    retried: int
    unknown: int
