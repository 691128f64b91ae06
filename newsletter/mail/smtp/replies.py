"""What an SMTP reply means for a delivery. Pure: the table of docs/delivery.md as code.

4xx and lost connections are tried again; 5xx at RCPT is about the recipient; 5xx at MAIL, DATA or the dot, and 5.7.x
anywhere, is about us and never counts against a subscriber; after silence that follows the dot nobody knows whether the mail
arrived (RFC 1047).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import NewsletterError, PermanentError
from newsletter.mail.deliveries import RESENT_IN_DOUBT, Delivery, NothingLeft, Outcome
from newsletter.values.mail import DeliveryState


class Stage(StrEnum):
    """The step of the SMTP dialogue that a reply, or its absence, belongs to."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said at ``stage``; ``code`` 0 where it said nothing that can be read (drop, time-out, garbage)."""

    stage: Stage
    code: int
    text: str

    @property
    def accepted(self) -> bool:
        """True where the server has taken the message."""
        return self.stage is Stage.DOT and 200 <= self.code < 300

    @property
    def heard(self) -> bool:
        """True where the server sent a reply that can be read."""
        return self.code > 0

    @property
    def in_doubt(self) -> bool:
        """True where the dot was sent and no answer to it can be read (RFC 1047); 1xx and 3xx answer no dot."""
        return self.stage is Stage.DOT and self.code < 400 and not self.accepted

    @property
    def closes_connection(self) -> bool:
        """True where the connection cannot be used any more."""
        return self.code in (0, 421) or self.stage is Stage.CONNECT or self.in_doubt

    @property
    def blames_sender(self) -> bool:
        """True for a refusal for good that is about us: our address, our message, our reputation."""
        if self.code < 500:
            return False
        return self.stage is not Stage.RCPT or _enhanced(self.text).startswith("5.7.")


# The stage of a message that could not be built, so that no server saw it.
BUILD = "build"
# Minutes before the next try, by the number of tries made; the last one repeats.
RETRY_PAUSES = (1, 2, 5, 15, 30, 60, 120, 240)
# RFC 5321 4.5.4.1 asks for four to five days. A digest is tried until the next one is due, which covers its papers; a letter
# that somebody waits for is stale after a day.
GIVE_UP_AFTER = dt.timedelta(hours=24)
# 5xx codes that are temporary all the same (RFC 3463): 5.2.2 mailbox full, 5.3.4 message too big for the system, 5.4.x network.
TEMPORARY_CODES = ("5.2.2", "5.3.4", "5.4.")


def outcome_of(delivery: Delivery, reply: Reply, *, now: dt.datetime) -> Outcome:
    """The state that ``reply`` puts ``delivery`` into, with the time of the next try where there is one."""
    said = f"{reply.code} {reply.text}".strip() if reply.code else reply.text
    if reply.accepted:
        return Outcome(delivery.id, DeliveryState.SENT, reply.stage, said)
    if reply.in_doubt and delivery.kind not in RESENT_IN_DOUBT:
        return Outcome(delivery.id, DeliveryState.UNKNOWN, reply.stage, said, reason="no answer after the final dot")
    if _is_permanent(reply):
        return Outcome(delivery.id, DeliveryState.FAILED, reply.stage, said, reason="refused for good")
    return _retry(delivery, reply.stage, said, now=now)


def outcome_of_unbuilt(delivery: Delivery, problem: NewsletterError, *, now: dt.datetime) -> Outcome:
    """The state of a delivery whose message could not be built: temporary problems are retried, an empty digest is skipped."""
    if isinstance(problem, NothingLeft):
        return Outcome(delivery.id, DeliveryState.SKIPPED, BUILD, "", reason=str(problem))
    if isinstance(problem, PermanentError):
        return Outcome(delivery.id, DeliveryState.FAILED, BUILD, "", reason=str(problem))
    return _retry(delivery, BUILD, str(problem), now=now)


def _retry(delivery: Delivery, stage: str, said: str, *, now: dt.datetime) -> Outcome:
    if now >= (delivery.retry_until or delivery.planned_at + GIVE_UP_AFTER):
        return Outcome(delivery.id, DeliveryState.FAILED, stage, said, reason=f"gave up after {delivery.attempts} tries")
    pause = RETRY_PAUSES[max(0, min(delivery.attempts, len(RETRY_PAUSES)) - 1)]
    due_at = now + dt.timedelta(minutes=pause)
    return Outcome(delivery.id, DeliveryState.RETRY, stage, said, reason="tried again later", due_at=due_at)


def _is_permanent(reply: Reply) -> bool:
    if reply.code < 500 or reply.blames_sender:
        return False
    return not _enhanced(reply.text).startswith(TEMPORARY_CODES)


def _enhanced(text: str) -> str:
    """The enhanced status code (RFC 3463) at the start of a reply's text, "" where there is none."""
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", text)
    return found.group(1) if found else ""
