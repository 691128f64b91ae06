"""One person's whole story, as an operator sees it: where they stand, what they agreed to, each mail, what came back, today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from newsletter.desk.answer import Answer
from newsletter.desk.why_no_mail import why_no_mail
from newsletter.mail.store import lookup
from newsletter.mail.store.lookup import Found, Question
from newsletter.ranking.store import counts
from newsletter.ranking.store.counts import Feedback
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.rights import choices_told
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as suppressions_store
from newsletter.subscribers.store.bounces import Bounce
from newsletter.subscribers.store.suppressions import Suppression
from newsletter.subscribers.subscriber import Subscriber

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person agreed to or took back: when, by which words, by which way in, from which network ("" where unknown)."""

    at: dt.datetime
    action: str
    words: str
    origin: str
    network: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that an operator may want to know of one address; ``subscriber`` is None where nobody is here under it.

    ``mails`` and ``bounces`` begin with the newest; ``lifted`` are the suppressions that an operator lifted, with the words.
    ``written_to_again_at`` is when somebody whose mailbox took no mail is written to once more.
    """

    email: str = field(repr=False)
    subscriber: Subscriber | None
    today: Answer
    suppression: Suppression | None
    lifted: tuple[tuple[dt.datetime, str], ...]
    consents: tuple[Consent, ...]
    mails: tuple[Found, ...]
    bounces: tuple[Bounce, ...]
    feedback: Feedback
    written_to_again_at: dt.datetime | None

    @property
    def is_known(self) -> bool:
        """Whether anything at all is kept of the address."""
        return bool(self.subscriber or self.suppression or self.lifted or self.mails)


def story(services: Services, session: Session, email: str, *, now: dt.datetime, most: int | None = None) -> Story:
    """The story of whoever reads, or read, under ``email``, with their ``most`` newest mails. Raises FieldError."""
    address = normalise(email, international=True)
    key = address_key(address.email, services.settings.suppression_key)
    found = subscribers_store.subscriber_by_key(session, address.key)
    mails = list(lookup.found(session, Question(email_key=address.key, limit=most)))
    who = found.id if found else 0
    return Story(
        email=found.email if found else address.email,
        subscriber=found,
        today=why_no_mail(services, session, email, now=now),
        suppression=suppressions_store.suppression_of(session, key),
        lifted=tuple(suppressions_store.lifted(session, key)),
        consents=tuple(Consent(**row) for row in subscribers_store.consents(session, who)),
        mails=tuple(reversed(mails)),
        bounces=tuple(bounces_store.bounces(session, subscriber_id=who)),
        feedback=counts.feedback(session, who),
        written_to_again_at=bounces_store.probe_at(session, who),
    )


def as_json(told: Story) -> dict[str, Any]:
    """The story as scripts read it; times in ISO form, UTC."""
    found, suppression = told.subscriber, told.suppression
    whole: dict[str, Any] = {
        "email": told.email,
        "state": found.state if found else None,
        "today": {"why": told.today.why, "words": str(told.today)},
        "suppressed": suppression.reason if suppression else None,
        "lifted": [{"at": at.isoformat(), "reason": words} for at, words in told.lifted],
        "mails": [_mail(one) for one in reversed(told.mails)],
    }
    if found is None:
        return whole
    return whole | {
        "signed_up_at": found.created_at.isoformat(),
        "confirmed_at": _iso(found.confirmed_at),
        "left_at": _iso(found.left_at),
        "choices": choices_told(found),
        "consents": [_of(one, ("action", "words", "origin", "network")) for one in told.consents],
        "written_to_again_at": _iso(told.written_to_again_at),
        "bounces": [
            _of(one, ("kind", "origin", "status", "words", "followed")) | {"delivery": one.delivery_id} for one in told.bounces
        ],
        "feedback": _feedback(told.feedback),
    }


def _mail(one: Found) -> dict[str, Any]:
    named = {name: getattr(one, name) for name in ("kind", "date", "state", "attempts", "reply", "reason", "message_id")}
    times = {name: _iso(getattr(one, name)) for name in ("planned_at", "due_at", "settled_at", "sent_at")}
    return named | times | {"delivery": one.id}


def _feedback(said: Feedback) -> dict[str, int]:
    counts = {"more_like": said.more, "less_like": said.less, "read_later": said.later}
    return counts | {"off_topic": said.off_topic, "examples": said.examples}


def _of(one: Any, names: Sequence[str]) -> dict[str, Any]:
    return {"at": one.at.isoformat()} | {name: getattr(one, name) for name in names}


def _iso(time: dt.datetime | None) -> str | None:
    return None if time is None else time.isoformat()
