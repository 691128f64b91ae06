"""Why one mail of the ledger has not left, or what became of it: in one sentence, by what claiming and sending go by."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from newsletter.daily.refusals import hold
from newsletter.desk.answer import Answer, Why, answer, at, quoted
from newsletter.i18n import _l
from newsletter.mail.deliveries import FINAL_DOT
from newsletter.mail.smtp.same_replies import domain_of
from newsletter.mail.store import refusing_domains
from newsletter.mail.store.lookup import Found
from newsletter.operating import heartbeats, state
from newsletter.operating.heartbeats import Part
from newsletter.values.mail import DeliveryState

# Reasons of skipped digests, as planning and skipping write them.
SKIPPED = {
    "no new papers": _l("Nothing was new on their topics and queries; that was found at %(time)s."),
    "late": _l("Today's was skipped at %(time)s, because it came too late: the digest after it has its papers."),
    "paused": _l("Today's was skipped at %(time)s, because they paused their mails."),
    "unsubscribed": _l("Today's was skipped at %(time)s, because they left."),
    "suppressed": _l("Today's was skipped at %(time)s, because the address is suppressed."),
    "address changed": _l("Today's was skipped at %(time)s, because they moved to another address."),
}


def what_became_of(session: Session, mail: Found, *, now: dt.datetime) -> Answer:
    """What became of today's digest ``mail``, or what it waits for."""
    time = at(mail.settled_at or mail.planned_at, now)
    if mail.state == DeliveryState.SENT:
        return answer(
            Why.SENT, _l("Today's was sent at %(time)s: the server said %(reply)s."), time=time, reply=quoted(mail.reply)
        )
    if mail.state == DeliveryState.UNKNOWN:
        text = _l("Nobody knows whether today's arrived (%(reason)s, at %(time)s): it is never sent again by itself.")
        return answer(Why.IN_DOUBT, text, time=time, reason=mail.reason or mail.reply or "the answer was lost")
    if mail.state == DeliveryState.FAILED:
        said = quoted(mail.reply, mail.reason)
        return answer(
            Why.REFUSED, _l("Today's was refused for good at %(time)s: the server said %(reply)s."), time=time, reply=said
        )
    if mail.state == DeliveryState.SKIPPED:
        why = Why.NOTHING_NEW if mail.reason == "no new papers" else Why.SKIPPED
        text = SKIPPED.get(mail.reason, _l("Today's was skipped at %(time)s: %(reason)s."))
        return answer(why, text, time=time, reason=mail.reason)
    if mail.state == DeliveryState.SENDING:
        return _in_hand(mail, now=now)
    return why_waiting(session, mail, now=now)


def _in_hand(mail: Found, *, now: dt.datetime) -> Answer:
    if mail.lease_until is not None and mail.lease_until > now:
        return answer(Why.BEING_SENT, _l("Today's is being sent just now (try %(attempt)s)."), attempt=mail.attempts)
    if mail.stage == FINAL_DOT:
        text = _l(
            "The worker that sent today's has ended, and nobody will know whether it arrived: that is noted within seconds."
        )
        return answer(Why.IN_DOUBT, text)
    return answer(Why.BEING_SENT, _l("The worker that had today's in hand has ended: another one takes it up within seconds."))


def why_waiting(session: Session, mail: Found, *, now: dt.datetime) -> Answer:
    """Why ``mail``, which is queued or to be tried again, has not left: what stops all comes before what stops this one."""
    if state.paused(session):
        return answer(Why.ALL_PAUSED, _l("Today's is ready and waits: all sending is paused by an operator."))
    if held := hold(session, now=now):
        text = _l("Today's is ready and waits until %(time)s, as all do: %(reason)s.")
        return answer(Why.ALL_HELD, text, time=at(held.until, now), reason=held.reason)
    if mail.waits_until is not None:
        text = _l("The papers of their first digest are being fetched; it leaves at %(time)s at the latest.")
        return answer(Why.BEING_FETCHED, text, time=at(mail.waits_until, now))
    domain = domain_of(mail.email)
    refusing = refusing_domains.refusing(session).get(domain)
    if refusing is not None and refusing.held_until is not None and refusing.is_held(now):
        text = _l("Today's is ready and waits: %(domain)s refuses us (%(reply)s), and nothing is sent there until %(time)s.")
        said = quoted(refusing.reply)
        return answer(Why.DOMAIN_HELD, text, domain=domain, reply=said, time=at(refusing.held_until, now))
    if mail.due_at > now:
        return _later(mail, now=now)
    if silence := nobody_at_work(session, Part.WORKER, now=now):
        text = _l("Today's is ready since %(time)s, and nobody sends: %(silence)s.")
        return answer(Why.NO_WORKER, text, time=at(mail.due_at, now), silence=silence)
    return answer(Why.DUE, _l("Today's is ready since %(time)s, and leaves in its turn."), time=at(mail.due_at, now))


def _later(mail: Found, *, now: dt.datetime) -> Answer:
    time = at(mail.due_at, now)
    if mail.attempts:
        text = _l("Today's is tried again at %(time)s: the server said %(reply)s (%(attempts)s tries so far).")
        said = quoted(mail.reply, mail.reason or "no reply")
        return answer(Why.RETRY, text, time=time, reply=said, attempts=mail.attempts)
    return answer(Why.AWAITS_TRANSLATIONS, _l("Today's waits for translations, and leaves at %(time)s at the latest."), time=time)


def nobody_at_work(session: Session, part: Part, *, now: dt.datetime) -> str:
    """That no process of ``part`` is at work, and since when; "" where one is."""
    beats = heartbeats.beats(session)
    if heartbeats.alive(beats, part, now=now):
        return ""
    silent = [one.words for one in heartbeats.silences(beats, now=now) if one.part is part]
    return silent[0] if silent else f"no {part} was ever at work here"
