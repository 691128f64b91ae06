"""What an SMTP reply means for a delivery. Pure: the table of docs/delivery.md as code.

4xx and lost connections are tried again; 5xx at RCPT is about the recipient; 5xx at MAIL, DATA or the dot, and 5.7.x
anywhere, is about us and never counts against a subscriber; silence after the dot is doubt (RFC 1047).
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
    """The step of the dialogue at which something was said, or was not."""

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
        return self.stage is Stage.DOT and 200 <= self.code < 300

    @property
    def heard(self) -> bool:
        """True where the server said something that can be read."""
        return self.code > 0

    @property
    def leaves_doubt(self) -> bool:
        """True where the dot was sent and no answer to it can be read (RFC 1047); 1xx and 3xx answer no dot."""
        return self.stage is Stage.DOT and self.code < 400 and not self.accepted

    @property
    def closes(self) -> bool:
        """True where the connection cannot be used any more."""
        return self.code in (0, 421) or self.stage is Stage.CONNECT or self.leaves_doubt

    @property
    def blames_sender(self) -> bool:
        """True for a refusal for good that is about us: our address, our message, our reputation."""
        if self.code < 500:
            return False
        return self.stage is not Stage.RCPT or _enhanced(self.text).startswith("5.7.")


# Where a message stood that was never offered to a server.
BUILD = "build"
# Minutes before the next try, by the number of tries made; the last one repeats.
PAUSES = (1, 2, 5, 15, 30, 60, 120, 240)
# RFC 5321 4.5.4.1 asks for four to five days. A digest is tried until the next one is due, which covers its papers; a letter
# that somebody waits for is stale after a day.
GIVE_UP = dt.timedelta(hours=24)
# 5.2.2 mailbox full, 5.3.4 message too big for the system, 5.4.x network and routing: these pass (RFC 3463).
SOFT = ("5.2.2", "5.3.4", "5.4.")


def judge(delivery: Delivery, reply: Reply, *, now: dt.datetime) -> Outcome:
    """The state that ``reply`` puts ``delivery`` into, with the time of the next try where there is one."""
    said = f"{reply.code} {reply.text}".strip() if reply.code else reply.text
    if reply.accepted:
        return Outcome(delivery.id, DeliveryState.SENT, reply.stage, said)
    if reply.leaves_doubt and delivery.kind not in RESENT_IN_DOUBT:
        return Outcome(delivery.id, DeliveryState.UNKNOWN, reply.stage, said, reason="no answer after the final dot")
    if _is_for_good(reply):
        return Outcome(delivery.id, DeliveryState.FAILED, reply.stage, said, reason="refused for good")
    return _again(delivery, reply.stage, said, now=now)


def unbuilt(delivery: Delivery, problem: NewsletterError, *, now: dt.datetime) -> Outcome:
    """The state of a delivery whose message could not be made: what may pass is tried again, what is empty is skipped."""
    if isinstance(problem, NothingLeft):
        return Outcome(delivery.id, DeliveryState.SKIPPED, BUILD, "", reason=str(problem))
    if isinstance(problem, PermanentError):
        return Outcome(delivery.id, DeliveryState.FAILED, BUILD, "", reason=str(problem))
    return _again(delivery, BUILD, str(problem), now=now)


def _again(delivery: Delivery, stage: str, said: str, *, now: dt.datetime) -> Outcome:
    if now >= (delivery.retry_until or delivery.planned_at + GIVE_UP):
        return Outcome(delivery.id, DeliveryState.FAILED, stage, said, reason=f"gave up after {delivery.attempts} tries")
    pause = PAUSES[max(0, min(delivery.attempts, len(PAUSES)) - 1)]
    due_at = now + dt.timedelta(minutes=pause)
    return Outcome(delivery.id, DeliveryState.RETRY, stage, said, reason="tried again later", due_at=due_at)


def _is_for_good(reply: Reply) -> bool:
    if reply.code < 500 or reply.blames_sender:
        return False
    return not _enhanced(reply.text).startswith(SOFT)


def _enhanced(text: str) -> str:
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", text)
    return found.group(1) if found else ""
