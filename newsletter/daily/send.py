"""Sends what is due: claim, build, prepare, mark, finish, settle. The one place that drives the ledger and SMTP together.

A worker claims a few rows under its lease, and over up to GROUP connections sends all of each mail but its final dot. It then
marks these rows in one commit, sends the dots of those it still holds, and settles them (writes down the answers) with the next
commit. Killed at any point, it leaves at most GROUP rows of which nobody knows whether they were sent. No transaction is open
while the network is waited for.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter import failpoints
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.refusals import Refusals, held
from newsletter.daily.write_plan import touch_ledger
from newsletter.errors import TemporaryError
from newsletter.mail.deliveries import Delivery, Outcome
from newsletter.mail.lease_heartbeat import Heartbeat
from newsletter.mail.rate_limits.limiter import Limiter
from newsletter.mail.smtp.connections import Connections, StopDeadline
from newsletter.mail.smtp.group_sender import DeliveryMessage, DeliveryReply, GroupSender
from newsletter.mail.smtp.replies import Stage, outcome_of, outcome_of_unbuilt
from newsletter.mail.smtp.same_replies import Judged, SameReplies, domain_of
from newsletter.mail.smtp.transaction import STAGE_TIMEOUTS
from newsletter.mail.store import leases, ledger, limits
from newsletter.operating import state
from newsletter.subscribers import bounces
from newsletter.values.mail import DeliveryState, Message

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# So many rows at most are in doubt after a worker was killed.
GROUP = 8
# Rows claimed at once: more while they are sent quickly, because a claim costs much the same however many rows it takes.
CLAIM, MOST_CLAIMED = 4 * GROUP, 32 * GROUP
QUICK = dt.timedelta(seconds=1)
# So long a database that cannot be reached is waited for when answers are to be written down, trying again each half second.
SETTLE_PATIENCE = dt.timedelta(minutes=2)
SETTLE_PAUSE = 0.5
PAUSED = "sending is paused"
CROWDED = "all connections that SMTP_CONNECTIONS allows are in use"

Clock = Callable[[], dt.datetime]


@dataclass(slots=True)
class DrainReport:
    """What one drain did, by state; ``stopped`` names why it ended before the queue was empty."""

    by_state: dict[str, int] = field(default_factory=dict)
    lost_leases: int = 0
    stopped: str = ""

    def count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.by_state[outcome.state] = self.by_state.get(outcome.state, 0) + 1


def drain(
    services: Services,
    *,
    now: Clock,
    stop: Callable[[], bool] = lambda: False,
    timeouts: Mapping[Stage, float] = STAGE_TIMEOUTS,
    settled: Callable[[int], None] = lambda _count: None,
) -> DrainReport:
    """Sends due deliveries until none is left, sending is paused, or ``stop`` says so; gives back what it did not try.

    ``timeouts`` (seconds) are how long a mail server is waited for; ``settled`` hears how many mails came to their end so far.
    Safe to run any number of times at once. Raises TemporaryError where the database cannot be reached.
    """
    return _Drain(services, now=now, stop=stop, timeouts=timeouts, settled=settled).run()


class _Drain:
    def __init__(
        self,
        services: Services,
        *,
        now: Clock,
        stop: Callable[[], bool],
        timeouts: Mapping[Stage, float],
        settled: Callable[[int], None],
    ) -> None:
        self._services, self._database, self._now, self._stop = services, services.database, now, stop
        self._settled = settled
        self._lease, self._length = uuid.uuid4().hex, dt.timedelta(seconds=services.settings.lease_seconds)
        self._builder = MessageBuilder(services)
        self._connections = Connections(services.smtp_servers(), size=GROUP, hostname=services.mail_domain, timeouts=timeouts)
        self._group_sender = GroupSender(self._connections, width=GROUP)
        self._heartbeat = Heartbeat(self._database, self._lease, now=now, length=self._length)
        self._limiter = Limiter(services.database, services.settings.rates, now=now)
        self._report = DrainReport()
        self._claim_size = CLAIM
        self._refusals, self._same_replies = Refusals(), SameReplies()
        # Deliveries whose refusal was no fault of theirs, and those that will not be tried now: written with the next commit.
        self._taken_back: list[int] = []
        self._given_back: list[int] = []
        self._left_out: frozenset[str] = frozenset()

    def run(self) -> DrainReport:
        stop_deadline = StopDeadline(self._connections, self._stop)
        self._heartbeat.start()
        stop_deadline.start()
        try:
            if self._take_connections():
                self._send_all()
        finally:
            stop_deadline.end()
            self._heartbeat.end()
            self._connections.close()
            self._leave()
        log.info("drained", stopped=self._report.stopped, lost_leases=self._report.lost_leases, **self._report.by_state)
        return self._report

    def _send_all(self) -> None:
        while not self._must_stop():
            if claimed := self._claim():
                began = self._now()
                self._send(claimed)
                # Where the relay is slow, rows are left for other workers to claim.
                quick = self._now() - began < QUICK
                self._claim_size = min(2 * self._claim_size, MOST_CLAIMED) if quick else CLAIM
            elif self._report.stopped or not (self._limiter.wait_for_a_domain() or self._left_out):
                break

    def _take_connections(self) -> bool:
        """False where all processes together have as many connections open as they may."""
        most, now = self._services.settings.smtp_connections, self._now()
        if not most:
            return True
        with self._database.transaction() as session:
            until = now + self._length
            share = limits.take_connections(session, self._lease, wanted=GROUP, most=most, until=until, now=now)
        self._group_sender.width = share
        self._report.stopped = "" if share else CROWDED
        return share > 0

    def _leave(self) -> None:
        with self._database.transaction() as session:
            leases.release(session, lease=self._lease)
            limits.give_connections_back(session, self._lease)
            self._refusals.hold_all(session, now=self._now())

    def _claim(self) -> list[Delivery]:
        failpoints.reach("before_claim")
        now = self._now()
        with self._database.transaction() as session:
            refusing = self._refusals.read(session, now=now)
            self._report.stopped = PAUSED if state.paused(session) else held(session, now=now)
            if self._report.stopped:
                return []
            until = now + self._length
            # Rows for these domains were left out of the claim; they can be claimed once the domains have free slots again.
            self._left_out = self._limiter.full_domains()
            claimed = leases.claim(
                session, lease=self._lease, until=until, limit=self._claim_size, now=now, without={*self._left_out, *refusing}
            )
            if not claimed:
                skipped = ledger.skip_ineligible(session, now=now)
                self._report.by_state["skipped"] = self._report.by_state.get("skipped", 0) + skipped
        self._heartbeat.held_until = until
        failpoints.reach("after_claim")
        return claimed

    def _send(self, claimed: Sequence[Delivery]) -> None:
        built = self._builder.build(claimed, now=self._now())
        outcomes = [
            outcome_of_unbuilt(delivery, problem, now=self._now())
            for delivery in claimed
            if not isinstance(problem := built[delivery.id], Message)
        ]
        waiting = deque((delivery, message) for delivery in claimed if isinstance(message := built[delivery.id], Message))
        while waiting and not self._must_stop():
            group, put_back = self._limiter.next_group(waiting, most=self._group_sender.width)
            if put_back:
                with self._database.transaction() as session:
                    leases.release(session, lease=self._lease, ids=put_back)
            if group:
                outcomes = self._send_group(group, settling=outcomes, waiting=waiting)
        self._settle_and_mark(outcomes, [])

    def _send_group(
        self, group: Sequence[DeliveryMessage], *, settling: list[Outcome], waiting: deque[DeliveryMessage]
    ) -> list[Outcome]:
        """Sends one group; ``settling`` are the outcomes of the one before, committed together with the marks of this one."""
        prepared = self._group_sender.prepare(group, waiting=waiting)
        self._limiter.wait_for_slots()
        failpoints.reach("before_mark")
        dots = self._settle_and_mark(settling, prepared.ids)
        self._report.lost_leases += prepared.abort_others(keep=dots)
        answered = self._group_sender.send_dots(prepared, dots, held=lambda: self._heartbeat.holds(self._now()))
        return self._judge([*prepared.refused, *answered], waiting)

    def _settle_and_mark(self, outcomes: Sequence[Outcome], ids: Sequence[int]) -> set[int]:
        """One commit: what became of the last group, and the marks of the next; gives the rows whose dot may be sent.

        A database that is locked or restarting is waited for: the answers in ``outcomes`` are known here and nowhere else.
        """
        give_up = self._now() + SETTLE_PATIENCE
        while True:
            now = self._now()
            try:
                with self._heartbeat.between_beats:
                    settled, dots, paused = self._commit(outcomes, ids, now=now)
                break
            except TemporaryError as error:
                if now >= (min(give_up, now) if self._stop() else give_up):
                    raise
                log.warning("ledger not reached, trying again", problem=str(error))
                time.sleep(SETTLE_PAUSE)
        self._refusals.kept()
        self._taken_back.clear()
        self._given_back.clear()
        self._report.stopped = self._report.stopped or (PAUSED if paused else "")
        self._report.count(outcomes)
        self._settled(sum(self._report.by_state.values()))
        self._report.lost_leases += len(outcomes) - settled
        return dots

    def _commit(self, outcomes: Sequence[Outcome], ids: Sequence[int], *, now: dt.datetime) -> tuple[int, set[int], bool]:
        """How many of ``outcomes`` were settled, which of ``ids`` are marked, and whether some are not because of a pause."""
        at_once = bool(outcomes and ids) and self._only_sent(outcomes)
        with self._database.statement() if at_once else self._database.transaction() as session:
            if at_once:
                failpoints.reach("before_commit")
                settled, dots = leases.settle_and_mark(session, outcomes, ids, lease=self._lease, now=now)
            else:
                settled = leases.settle(session, outcomes, lease=self._lease, now=now)
                self._write_refusals(session, outcomes, now=now)
                dots = leases.mark_final_dot(session, ids, lease=self._lease, now=now) if ids else set()
                failpoints.reach("before_commit")
            return settled, dots, len(dots) < len(ids) and state.paused(session)

    def _only_sent(self, outcomes: Sequence[Outcome]) -> bool:
        """True where nothing but settled rows is to be written: all mails were sent, and no refusal waits to be kept."""
        sent = all(outcome.state is DeliveryState.SENT for outcome in outcomes)
        return sent and self._refusals.all_kept and not self._taken_back and not self._given_back

    def _write_refusals(self, session: Session, outcomes: Sequence[Outcome], *, now: dt.datetime) -> None:
        """Writes what follows of refusals: for the readers, for domains and for all."""
        bounces.note_refusals(session, outcomes, now=now)
        if self._taken_back:
            ledger.reopen(session, self._taken_back, now=now)
            bounces.take_back(session, self._taken_back)
            touch_ledger(session, now=now)
        if self._given_back:
            leases.release(session, lease=self._lease, ids=self._given_back)
        self._refusals.keep(session, now=now)

    def _judge(self, answered: Sequence[DeliveryReply], waiting: deque[DeliveryMessage]) -> list[Outcome]:
        """What becomes of one group, judged together; mails to a domain that is held from now on are given back untried."""
        self._hear_elsewhere(answered)
        judged = self._same_replies.judge(answered)
        self._taken_back += self._same_replies.taken_back()
        refusing = self._refusals.note(judged, now=self._now())
        self._report.stopped = self._report.stopped or self._refusals.stopped
        if refusing and (back := [delivery.id for delivery, _ in waiting if domain_of(delivery.email) in refusing]):
            kept = [mail for mail in waiting if mail[0].id not in back]
            waiting.clear()
            waiting.extend(kept)
            self._given_back += back
        return [self._outcome(one) for one in judged]

    def _hear_elsewhere(self, answered: Sequence[DeliveryReply]) -> None:
        """Asks what other runs heard of the same kind. Not of a database that is away: what was answered is known here alone."""
        if not (compared := self._same_replies.to_compare(answered)):
            return
        try:
            with self._database.reading() as session:
                self._same_replies.heard_elsewhere(bounces.refused_lately(session, compared, now=self._now()))
        except TemporaryError as error:
            log.warning("refusals are judged without those of other runs", problem=str(error))

    def _outcome(self, one: Judged) -> Outcome:
        # Another envelope sender at the next try would start greylisting anew.
        sender = one.delivery.envelope_from or self._services.envelope_from(one.delivery)
        found = outcome_of(one.delivery, one.reply, now=self._now(), blame=one.blame)
        return replace(found, envelope_from=sender)

    def _must_stop(self) -> bool:
        if not self._report.stopped and self._stop():
            self._report.stopped = "asked to stop"
        return bool(self._report.stopped)
