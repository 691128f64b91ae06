"""What the ledger says, as values: a delivery, the outcome of an attempt, a digest to be planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.errors import PermanentError
from newsletter.values.mail import DeliveryState, MailKind

OPEN = (DeliveryState.QUEUED, DeliveryState.RETRY)
SETTLED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.UNKNOWN)
# Left, leaving, or about to: the papers of such a digest are this one's to show.
LIVE = (*OPEN, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
FINAL_DOT = "final_dot"
# Which mails go first; those that a person waits for (0) before either.
WELCOME_PRIORITY, DAILY_PRIORITY = 1, 2
# Kinds whose loss hurts more than their doubling: sent again where a crash leaves the outcome open.
RESENT_IN_DOUBT = (MailKind.CONFIRM, MailKind.PREFERENCES, MailKind.ADDRESS, MailKind.MOVED, MailKind.EDITOR)


def is_empty(contents: Mapping[str, Any]) -> bool:
    """Whether a digest that was frozen as ``contents`` says nothing: no paper, and no entry of the collection."""
    return not contents["papers"] and not contents.get("picked")


class NothingLeft(PermanentError):
    """All papers of a planned digest are gone: there is no mail to send."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger together with what a mail needs to know of its subscriber.

    ``retry_until`` ends its tries (None: a day after it was planned); ``envelope_from`` is the envelope sender of its first try.
    With ``waits_until`` its papers are not chosen yet, and are at that time at the latest.
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; ``due_at`` is the next try where ``state`` is retry or queued, from ``envelope_from`` again."""

    delivery_id: int
    state: DeliveryState
    stage: str
    reply: str
    reason: str = ""
    due_at: dt.datetime | None = None
    envelope_from: str = ""


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
    """What a sweep did: rows sent back for another try, and rows left in doubt."""

    retried: int
    unknown: int
