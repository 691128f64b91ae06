"""What follows when something comes back of a mail: whose it was, and whether they are written to again.

Matched by the token of the envelope sender, else by the Message-ID that a bounce returns, never by an address alone. Told twice,
it counts once. A hard bounce and a complaint end the mails and suppress the address; soft ones after five in seven days, with one
probe fourteen days later. What is about us changes nothing for the reader.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.mail import delivery_links
from newsletter.mail.blame import status_of
from newsletter.mail.bounces.report import OF_BLAME, Kind, Report, Returned
from newsletter.mail.deliveries import Outcome
from newsletter.mail.signed_links import LinkError
from newsletter.mail.smtp.same_replies import LATELY, Refusal
from newsletter.mail.store import ledger
from newsletter.subscribers import unsubscribe
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.bounces import COUNTED, Mail
from newsletter.subscribers.subscriber import State
from newsletter.values.mail import Blame, DeliveryState

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

SOFT_BOUNCES, SOFT_WITHIN = 5, dt.timedelta(days=7)
PROBE_AFTER = dt.timedelta(days=14)
# So long after a probe began a bounce is the last: a mail server tries for five days, and the next digests are under way.
ON_PROBE = dt.timedelta(days=14)
# So much of a message that could not be matched is kept for an operator to read.
KEPT_RAW = 8_000
_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]+")
# Whoever was to get the mail: people who left stay as they are.
READING = (State.PENDING, State.CONFIRMED, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Acted:
    """What came back and what followed.

    ``delivery`` is None where it could not be matched, ``again`` is True where it was told before.
    """

    report: Report
    delivery: int | None = None
    email: str = field(default="", repr=False)
    followed: str = ""
    again: bool = False


def source_key(data: bytes) -> str:
    """What makes a message the same when it is read a second time."""
    return hashlib.sha256(data).hexdigest()


def take(services: Services, returned: Returned, *, key: str, origin: str, now: dt.datetime, raw: bytes = b"") -> Acted:
    """Acts on a message that came back, in one transaction; ``key`` is the same when it comes a second time.

    ``origin`` is the way in, for operators to see. Raises TemporaryError where the database cannot be reached.
    """
    if returned.leaving:
        return _leave_by_mail(services, returned, now=now)
    with services.database.transaction() as session:
        return _take(session, services, returned, key=key[:80], origin=origin, now=now, raw=raw)


def look(session: Session, services: Services, returned: Returned) -> Acted:
    """What `take` would act on; changes nothing."""
    found = _match(session, services, returned)
    report = returned.worst
    return Acted(report, found.id if found else None, found.email if found else "")


def _take(
    session: Session, services: Services, returned: Returned, *, key: str, origin: str, now: dt.datetime, raw: bytes
) -> Acted:
    report = returned.worst
    found = _match(session, services, returned)
    if report.kind is Kind.NONE and (found or returned.understood):
        return Acted(report, found.id if found else None, found.email if found else "")
    if bounces_store.know(session, key):
        return Acted(report, found.id if found else None, found.email if found else "", again=True)
    if found is None:
        kept = _CONTROLS.sub(" ", raw[:KEPT_RAW].decode("utf-8", "replace"))
        _keep(session, None, report, key=key, origin=origin, now=now, followed="not matched", raw=kept)
        bounces_store.prune_unmatched(session, now=now)
        return Acted(report, followed="not matched")
    followed = _follow(session, found, report, key=key, origin=origin, now=now)
    return Acted(report, found.id, found.email, followed)


def note_refusals(session: Session, outcomes: Sequence[Outcome], *, now: dt.datetime) -> None:
    """Counts what mail servers said at once about addresses, in the transaction that settles the mails."""
    for outcome in outcomes:
        kind = _kind_of(outcome)
        found = bounces_store.mail(session, delivery_id=outcome.delivery_id) if kind else None
        if kind is None or found is None:
            continue
        report = Report(kind, found.email, status_of(outcome.reply), outcome.reply)
        key = f"smtp {kind} {found.id}"
        if not bounces_store.know(session, key):
            _follow(session, found, report, key=key, origin="smtp", now=now)


def _kind_of(outcome: Outcome) -> Kind | None:
    """What a server's reply says of the address; None where it says nothing of it."""
    if outcome.blame is Blame.MAILBOX:
        return Kind.SOFT
    if outcome.state is not DeliveryState.FAILED:
        return None
    if outcome.blame is Blame.TIME:
        # Put off until it was given up: by its own mailbox's server, and not by a relay that had a bad day.
        return Kind.SOFT if status_of(outcome.reply).startswith(("4.1.", "4.2.")) else None
    return OF_BLAME.get(outcome.blame, Kind.SOFT) if outcome.blame in (Blame.ADDRESS, Blame.UNCLEAR) else None


def refused_lately(session: Session, domains: Collection[str], *, now: dt.datetime) -> list[Refusal]:
    """What any worker heard of mailboxes of ``domains`` in the last hour, where the domain has accepted nothing since."""
    return bounces_store.refused(session, domains, since=now - LATELY)


def take_back(session: Session, delivery_ids: Sequence[int]) -> None:
    """Undoes what refusals of these mails did: they were about us."""
    if delivery_ids:
        log.warning("refusals taken back", mails=len(delivery_ids), readers=bounces_store.take_back(session, delivery_ids))


def start_probes(services: Services, *, now: dt.datetime) -> int:
    """Lets readers whose mailbox took no mail be written to once more, two weeks later; gives how many."""
    with services.database.transaction() as session:
        started = bounces_store.start_probes(session, now=now)
    if started:
        log.info("probes started", readers=started)
    return started


def _match(session: Session, services: Services, returned: Returned) -> Mail | None:
    for token in returned.tokens:
        try:
            delivery = delivery_links.bounced(session, services.signer, token)
        except LinkError:
            continue
        if found := bounces_store.mail(session, delivery_id=delivery.id):
            return found
    for message_id in returned.message_ids:
        if found := bounces_store.mail(session, message_id=message_id):
            return found
    return None


def _follow(session: Session, found: Mail, report: Report, *, key: str, origin: str, now: dt.datetime) -> str:
    """Keeps the report and does what follows of it; says what that was."""
    followed = _followed(found, report)
    _keep(session, found, report, key=key, origin=origin, now=now, followed=followed)
    if followed == COUNTED:
        return _follow_soft(session, found, now=now)
    if followed in (State.BOUNCED, State.COMPLAINED):
        _end(session, found, State(followed), now=now)
    return followed


def _followed(found: Mail, report: Report) -> str:
    if report.kind in (Kind.OURS, Kind.NONE):
        return "about us, nothing"
    if found.elsewhere:
        return "another address by now, nothing"
    if report.kind is Kind.SOFT:
        return "still tried, nothing" if report.delayed else COUNTED
    return State.BOUNCED if report.kind is Kind.HARD else State.COMPLAINED


def _follow_soft(session: Session, found: Mail, *, now: dt.datetime) -> str:
    if found.state is not State.CONFIRMED:
        return COUNTED
    if found.probe_at is not None and found.probe_at <= now < found.probe_at + ON_PROBE:
        _end(session, found, State.BOUNCED, now=now)
        return State.BOUNCED
    if bounces_store.soft_in_a_row(session, found.subscriber_id, since=now - SOFT_WITHIN) < SOFT_BOUNCES:
        return COUNTED
    bounces_store.write_state(session, found.subscriber_id, State.BOUNCED, probe_at=now + PROBE_AFTER)
    ledger.skip_queued(session, found.subscriber_id, reason=State.BOUNCED, now=now)
    log.info("bounced for now", subscriber=found.subscriber_id)
    return "no mail for two weeks"


def _end(session: Session, found: Mail, state: State, *, now: dt.datetime) -> None:
    """Ends the mails to a reader and suppresses the address; a complaint stands above a bounce."""
    subscribers_store.suppress(session, found.address_key, reason=state, now=now, over=state is State.COMPLAINED)
    if found.state in READING or state is State.COMPLAINED:
        if state is State.COMPLAINED or found.state is not State.COMPLAINED:
            bounces_store.write_state(session, found.subscriber_id, state, probe_at=None)
        subscribers_store.use_up(session, found.subscriber_id, now=now)
        ledger.skip_queued(session, found.subscriber_id, reason=state, now=now)
    log.info("ended by what came back", subscriber=found.subscriber_id, state=state)


def _keep(
    session: Session, found: Mail | None, report: Report, *, key: str, origin: str, now: dt.datetime, followed: str, raw: str = ""
) -> None:
    ended = followed in (State.BOUNCED, State.COMPLAINED)
    bounces_store.keep(
        session,
        source_key=key,
        at=now,
        kind=report.kind,
        origin=origin,
        delivery_id=found.id if found else None,
        subscriber_id=found.subscriber_id if found else None,
        domain=_plain(found.email if found else report.recipient).rpartition("@")[2].lower()[:255],
        status=report.status[:64],
        words=_plain(report.words)[:500],
        followed=followed,
        state_before=found.state if found and ended else "",
        raw=raw or None,
    )


def _plain(text: str) -> str:
    """``text`` of a stranger as any database takes it."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _leave_by_mail(services: Services, returned: Returned, *, now: dt.datetime) -> Acted:
    for token in returned.leaving:
        try:
            with services.database.reading() as session:
                delivery = delivery_links.left(session, services.signer, token)
        except LinkError:
            continue
        unsubscribe.leave(services, delivery.subscriber_id, now=now, origin="mail")
        return Acted(Report(Kind.NONE), delivery.id, delivery.email, "left by mail")
    return Acted(Report(Kind.NONE))
