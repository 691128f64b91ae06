"""What an SMTP reply means for a delivery. Pure: the table of docs/delivery.md as code.

4xx and lost connections are tried again. Whom a 5xx is about is told by its code and words (`mail.blame`): one about the address,
or about this very mail, is final; one about us, which any at MAIL or DATA is, never counts against a subscriber. After silence
that follows the dot nobody knows whether the mail arrived (RFC 1047).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from newsletter.errors import NewsletterError, PermanentError
from newsletter.mail.blame import blame_of, status_of
from newsletter.mail.deliveries import RESENT_IN_DOUBT, Delivery, NothingLeft, Outcome
from newsletter.values.mail import Blame, DeliveryState


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
    def blame(self) -> Blame | None:
        """Whom a refusal is about; None for what is none. The same reply to many others may say otherwise (`same_replies`)."""
        if self.code < 400:
            return None
        blame = blame_of(self.code, self.text)
        if self.code < 500 or self.stage in (Stage.RCPT, Stage.DOT):
            return blame
        # No recipient was named yet, or one was accepted: only the size of a message may be known before it is sent.
        sized = self.stage is Stage.MAIL and (self.code == 552 or status_of(self.text).endswith(SIZES))
        return Blame.MESSAGE if sized and blame is Blame.MESSAGE else Blame.US


# RFC 3463: too big for the mailbox's owner, too big for the system.
SIZES = (".2.3", ".3.4")
# The stage of a message that could not be built, so that no server saw it.
BUILD = "build"
# Minutes before the next try, by the number of tries made; the last one repeats.
RETRY_PAUSES = (1, 2, 5, 15, 30, 60, 120, 240)
# RFC 5321 4.5.4.1 asks for four to five days. A digest is tried until the next one is due, which covers its papers; a letter
# that somebody waits for is stale after a day.
GIVE_UP_AFTER = dt.timedelta(hours=24)
# What is final, with the reason that the ledger keeps. A server that says nothing of why it refuses a recipient means the
# recipient; one that says nothing after the message is asked again.
FINAL = {
    Stage.MAIL: {Blame.MESSAGE: "this mail was refused"},
    Stage.RCPT: {
        Blame.ADDRESS: "nobody is there",
        Blame.MESSAGE: "this mail was refused",
        Blame.UNCLEAR: "refused for good",
    },
    Stage.DOT: {Blame.ADDRESS: "nobody is there", Blame.MESSAGE: "this mail was refused"},
}

ABOUT_US = "it is about us: tried again later"


def outcome_of(delivery: Delivery, reply: Reply, *, now: dt.datetime, blame: Blame | None = None) -> Outcome:
    """The state that ``reply`` puts ``delivery`` into, with the time of the next try where there is one.

    ``blame`` is whom the reply is about where more is known than the reply says itself.
    """
    said = f"{reply.code} {reply.text}".strip() if reply.code else reply.text
    if reply.accepted:
        return Outcome(delivery.id, DeliveryState.SENT, reply.stage, said)
    if reply.in_doubt and delivery.kind not in RESENT_IN_DOUBT:
        return Outcome(delivery.id, DeliveryState.UNKNOWN, reply.stage, said, reason="no answer after the final dot")
    blame = blame or reply.blame
    if final := _final(reply, blame):
        return Outcome(delivery.id, DeliveryState.FAILED, reply.stage, said, reason=final, blame=blame)
    again = _retry(delivery, reply.stage, said, now=now)
    if blame is Blame.US and again.state is DeliveryState.RETRY:
        again = replace(again, reason=ABOUT_US)
    return replace(again, blame=blame)


def _final(reply: Reply, blame: Blame | None) -> str:
    """Why a refusal is final, "" where it is not."""
    return FINAL.get(reply.stage, {}).get(blame, "") if blame is not None and reply.code >= 500 else ""


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
