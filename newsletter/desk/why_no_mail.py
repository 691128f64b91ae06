"""Why somebody has no mail today, in one sentence: for any address, in every state that it can be in.

It looks at what the planning and the sending look at, by their own functions, and changes nothing: a sentence that they would
not act on would be worse than none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily.plan import AHEAD, digest_for, due_digests, find_held_back
from newsletter.daily.write_plan import DueDigests
from newsletter.desk.answer import Answer, Why, answer, at, quoted
from newsletter.desk.why_not_sent import nobody_at_work, what_became_of
from newsletter.digests.due import LEAST_GAP, PATIENCE, could_begin, due_at, next_digest, zone_of
from newsletter.digests.selection import COLLECTION
from newsletter.i18n import _l
from newsletter.mail.deliveries import SETTLED
from newsletter.mail.store import ledger, lookup
from newsletter.mail.store import waiting as waiting_store
from newsletter.mail.store.lookup import Found, Question
from newsletter.operating import clock, state
from newsletter.operating.heartbeats import Part
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.addresses import Address, address_key, normalise
from newsletter.subscribers.links import LIFETIME, Purpose
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as suppressions_store
from newsletter.subscribers.subscriber import State, Subscriber
from newsletter.values.mail import DeliveryState, MailKind
from newsletter.values.readers import Reader
from newsletter.values.sentences import Sentence

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def why_no_mail(services: Services, session: Session, email: str, *, now: dt.datetime) -> Answer:
    """Why whoever reads under ``email`` has no digest of their local date, or that they have. Raises FieldError."""
    address = normalise(email, international=True)
    found = subscribers_store.subscriber_by_key(session, address.key)
    if found is None:
        return _of_nobody(services, session, address)
    standing = _by_standing(session, found, now=now)
    return _had_before(session, found, standing, now=now) or standing or _of_reader(services, session, found, now=now)


# ---------------------------------------------------------------- who may get no mail at all


def _of_nobody(services: Services, session: Session, address: Address) -> Answer:
    if moved := lookup.moved_from(session, address.key):
        return answer(Why.MOVED, _l("Whoever read here moved to another address on %(day)s."), day=f"{moved[1]:%Y-%m-%d}")
    key = address_key(address.email, services.settings.suppression_key)
    if suppressed := suppressions_store.suppression_of(session, key):
        text = _l("Nobody reads under this address, and it gets no mail: suppressed on %(day)s (%(reason)s).")
        return answer(Why.SUPPRESSED, text, day=f"{suppressed.at:%Y-%m-%d}", reason=suppressed.reason)
    if left_at := suppressions_store.left_long_ago(session, key):
        return answer(Why.FORMER, _l("They left on %(day)s, and nothing else is kept of them."), day=f"{left_at:%Y-%m-%d}")
    return answer(Why.UNKNOWN, _l("Nobody signed up with this address: look at its spelling, or ask them to sign up."))


def _by_standing(session: Session, found: Subscriber, *, now: dt.datetime) -> Answer | None:
    """Why this person may get no digest, whatever there is to send; None where they may."""
    if found.state is State.UNSUBSCRIBED:
        return answer(Why.LEFT, _l("They left on %(day)s."), day=f"{found.left_at or found.created_at:%Y-%m-%d}")
    if found.state in (State.BOUNCED, State.COMPLAINED):
        return _came_back(session, found, now=now)
    if suppressed := suppressions_store.suppression_of(session, found.address_key):
        text = _l("The address gets no mail: suppressed on %(day)s (%(reason)s).")
        return answer(Why.SUPPRESSED, text, day=f"{suppressed.at:%Y-%m-%d}", reason=suppressed.reason)
    if found.state is State.PENDING:
        return _unconfirmed(session, found, now=now)
    if found.state is State.PAUSED:
        return answer(Why.PAUSED, _l("They paused their mails, until they say otherwise."))
    today = now.astimezone(zone_of(found.timezone)).date()
    if found.paused_until is not None and found.paused_on(today):
        return answer(
            Why.PAUSED, _l("They paused their mails: the first day with mail again is %(day)s."), day=found.paused_until
        )
    return None


def _had_before(session: Session, found: Subscriber, standing: Answer | None, *, now: dt.datetime) -> Answer | None:
    """That today's left before they ended their mails; None where none did, or what came back says more."""
    if standing is None or standing.why not in (Why.LEFT, Why.PAUSED, Why.SUPPRESSED):
        return None
    today = now.astimezone(zone_of(found.timezone)).date()
    sent = _mails(session, found, date=today, kind=MailKind.DIGEST, state=DeliveryState.SENT)
    return what_became_of(session, sent[-1], now=now) if sent else None


def _came_back(session: Session, found: Subscriber, *, now: dt.datetime) -> Answer:
    told = [one for one in bounces_store.bounces(session, subscriber_id=found.id) if one.followed == found.state]
    words, day = (quoted(told[0].words), f"{told[0].at:%Y-%m-%d}") if told else ("nothing is kept of how", "a day long ago")
    if found.state is State.COMPLAINED:
        text = _l("They complained about a mail on %(day)s (%(words)s): nothing is sent there again.")
        return answer(Why.COMPLAINED, text, day=day, words=words)
    if (probe := bounces_store.probe_at(session, found.id)) and probe > now:
        text = _l("Their mailbox took no mail since %(day)s (%(words)s): it is written to once more on %(again)s.")
        return answer(Why.BOUNCED, text, day=day, words=words, again=f"{probe:%Y-%m-%d}")
    text = _l("Their mail came back on %(day)s (%(words)s): nothing is sent there, until an operator lifts that.")
    return answer(Why.BOUNCED, text, day=day, words=words)


NEVER_CONFIRMED = Sentence(_l("They have not confirmed yet"))
# Who moved is told apart: they will say that they have been reading for years.
NOT_CONFIRMED_HERE = Sentence(_l("They moved to this address, and have not confirmed it yet"))


def _unconfirmed(session: Session, found: Subscriber, *, now: dt.datetime) -> Answer:
    begin = NEVER_CONFIRMED if found.confirmed_at is None else NOT_CONFIRMED_HERE
    mails = _mails(session, found, kind=MailKind.CONFIRM)
    if not mails:
        return answer(Why.UNCONFIRMED, _l("%(begin)s: no confirmation was mailed."), begin=begin)
    mail = mails[-1]
    time, reply = (
        at(mail.settled_at or mail.planned_at, now),
        quoted(mail.reply, mail.reason or ("no reply" if mail.attempts else "not tried yet")),
    )
    ends = mail.planned_at + LIFETIME[Purpose.CONFIRM]
    text = _of_link(mail, is_over=ends <= now, paused=state.paused(session))
    return answer(Why.UNCONFIRMED, text, begin=begin, time=time, reply=reply, ends=at(ends, now))


def _of_link(mail: Found, *, is_over: bool, paused: bool) -> str:
    """What became of the mail with the link to confirm, which works no more where it ``is_over``."""
    if mail.state not in SETTLED:
        if paused:
            return _l("%(begin)s: the mail with the link waits since %(time)s, because all sending is paused by an operator.")
        return _l("%(begin)s: the mail with the link waits to be sent since %(time)s (%(reply)s).")
    if mail.state != DeliveryState.SENT:
        return _l("%(begin)s: the mail with the link did not go out at %(time)s (%(reply)s).")
    if is_over:
        return _l("%(begin)s: the link mailed at %(time)s (%(reply)s) held until %(ends)s, so they need another.")
    return _l("%(begin)s: the mail with the link went out at %(time)s (%(reply)s), and holds until %(ends)s.")


def _mails(session: Session, found: Subscriber, **narrowed: object) -> list[Found]:
    return list(lookup.found(session, Question(email_key=found.email.lower(), **narrowed)))  # type: ignore[arg-type]


# ---------------------------------------------------------------- who may get one


def _of_reader(services: Services, session: Session, found: Subscriber, *, now: dt.datetime) -> Answer:
    today = now.astimezone(zone_of(found.timezone)).date()
    if mails := _mails(session, found, date=today, kind=MailKind.DIGEST):
        return what_became_of(session, mails[-1], now=now)
    due = due_digests(services, session, now=now, ids=[found.id])
    if not due.dated:
        (reader,) = readers_store.readers(session, on=now.date() + AHEAD, ids=[found.id])
        last = ledger.last_digests(session, upto=now.date() + AHEAD, ids=[found.id]).get(found.id)
        return _not_due(session, replace(reader, last_period=dt.date.fromisoformat(last) if last else None), today, now=now)
    ((reader, day),) = due.dated
    if why := _nothing_planned(session, reader, day, now=now):
        return why
    wait = dt.timedelta(minutes=services.settings.digest_wait_minutes)
    held_back = find_held_back(services, session, due, wait=wait, now=now)
    if reader.id in held_back.announcement:
        text = _l("Today's announcement of papers is not in yet: their mail waits for it until %(time)s.")
        return answer(Why.AWAITS_ANNOUNCEMENT, text, time=at(due_at(reader, day) + wait, now))
    if reader.id in held_back.readers:
        fetch = papers_store.last_fetch(session)
        since = could_begin(reader, day, fetched=fetch.ended_at if fetch else None)
        text = _l("Papers of theirs are still being translated: their mail waits for that until %(time)s.")
        return answer(Why.AWAITS_TRANSLATIONS, text, time=at(since + wait, now))
    return _of_papers(services, session, reader, day, due, now=now)


def _of_papers(
    services: Services, session: Session, reader: Reader, day: dt.date, due: DueDigests, *, now: dt.datetime
) -> Answer:
    """What planning makes now of the papers that are there, for a digest that nothing holds back."""
    planned, since = digest_for(reader, day, due, now=now), at(due_at(reader, day), now)
    if planned is None or planned.state == DeliveryState.SKIPPED:
        return _nothing_for(services, reader, day, due, now=now) or _nothing_new(session, reader, day, now=now)
    if state.paused(session):
        text = _l(
            "Theirs is due since %(time)s, is made within the next minute, and waits then: all sending is paused by an operator."
        )
        return answer(Why.ALL_PAUSED, text, time=since)
    text = _l("Theirs is due since %(time)s, with %(count)s papers, and is made within the next minute.")
    return answer(Why.DUE, text, time=since, count=len(planned.contents["papers"]))


def _not_due(session: Session, reader: Reader, today: dt.date, *, now: dt.datetime) -> Answer:
    """Why no digest of ``reader`` is due at ``now``, and none of ``today`` was; its ``last_period`` may be of a later day."""
    following = next_digest(reader, now=now)
    if following and following[1] > now:
        return _due_later(reader, today, following[1], now=now)
    if reader.id in saved_query_store.waiting_readers(session):
        return answer(Why.MATCHING, _l("A query of theirs is new, and is being matched with the papers there are."))
    if waiting := next((one.waits_until for one in waiting_store.waiting(session) if one.subscriber_id == reader.id), None):
        text = _l("The papers of their first digest are being fetched; it leaves at %(time)s at the latest.")
        return answer(Why.BEING_FETCHED, text, time=at(waiting, now))
    return answer(Why.BEING_SENT, _l("An earlier mail of theirs is being sent just now; today's comes after it."))


def _due_later(reader: Reader, today: dt.date, next_at: dt.datetime, *, now: dt.datetime) -> Answer:
    """Why theirs is due at ``next_at``, which is to come."""
    time = at(next_at, now)
    if today.weekday() not in reader.weekdays:
        text = _l("They want no mail on this day of the week: their next is due at %(time)s.")
        return answer(Why.NOT_TODAY, text, time=time)
    if reader.last_period is not None and reader.last_period > today:
        text = _l("They had one of a later day already, dated %(day)s; their next is due at %(time)s.")
        return answer(Why.TOO_SOON, text, day=reader.last_period, time=time)
    if next_at == due_at(reader, today):
        text = _l("Their hour has not come: today's is due at %(hour)s in %(zone)s, which is %(time)s.")
        return answer(Why.NOT_YET, text, hour=f"{reader.hour:02}:00", zone=reader.timezone, time=time)
    if reader.mailed_at is not None and now - reader.mailed_at < LEAST_GAP:
        text = _l("They had one at %(mailed)s, less than twelve hours ago; their next is due at %(time)s.")
        return answer(Why.TOO_SOON, text, mailed=at(reader.mailed_at, now), time=time)
    return answer(Why.NOT_YET, _l("None was due today: their next is due at %(time)s."), time=time)


def _nothing_planned(session: Session, reader: Reader, day: dt.date, *, now: dt.datetime) -> Answer | None:
    """Why nobody's digest would be planned now, if none would."""
    if problem := clock.problem(session, now=now):
        return answer(Why.NO_PLANNING, _l("Nothing is planned for anybody: %(problem)s."), problem=problem)
    if silence := nobody_at_work(session, Part.SCHEDULER, now=now):
        text = _l("Theirs is due since %(time)s, and nobody makes it: %(silence)s.")
        return answer(Why.NO_SCHEDULER, text, time=at(due_at(reader, day), now), silence=silence)
    if papers_store.newest_day(session) is None and COLLECTION not in reader.topics:
        fetch = papers_store.last_fetch(session)
        problem = f": {fetch.error}" if fetch and fetch.error else ""
        return answer(Why.NO_PAPERS, _l("No papers are stored yet%(problem)s."), problem=problem)
    return None


def _nothing_for(services: Services, reader: Reader, day: dt.date, due: DueDigests, *, now: dt.datetime) -> Answer | None:
    """Why papers that are there are none for ``reader``, or why there can be none; None where nothing new is there."""
    if not reader.queries and not {COLLECTION, *services.offered}.intersection(reader.topics):
        return answer(
            Why.NOTHING_NEW, _l("Nothing can be new for them: none of their topics is in the catalogue, and they saved no query.")
        )
    unchoosy = digest_for(replace(reader, choosy=False), day, due, now=now) if reader.choosy else None
    if unchoosy is None or not unchoosy.contents:
        return None
    text = _l("They want only papers much like what they like, and none of the %(count)s new ones on their topics is.")
    return answer(Why.NOTHING_NEW, text, count=len(unchoosy.contents["papers"]))


def _nothing_new(session: Session, reader: Reader, day: dt.date, *, now: dt.datetime) -> Answer:
    until = at(due_at(reader, day) + PATIENCE, now)
    fetch = papers_store.last_fetch(session)
    if fetch is not None and fetch.error:
        text = _l(
            "Nothing new for them is stored: the last fetch did not end well (%(problem)s); it is looked again until %(time)s."
        )
        return answer(Why.NOTHING_NEW, text, problem=fetch.error, time=until)
    text = _l("Nothing is new on their topics and queries since their last mail; it is looked again until %(time)s.")
    return answer(Why.NOTHING_NEW, text, time=until)
