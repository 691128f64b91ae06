"""Sends what is due: claim, build, prepare, mark, dot, settle. The one place that drives the ledger and SMTP together.

A worker claims a few rows under its lease, brings up to GROUP connections to the final dot, commits the marks of the group
in one conditional statement, sends the dots of those still held, and settles them with the next commit. Killed anywhere, it
leaves at most GROUP rows in doubt. No transaction is open while the network is waited for.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.letters import Letters
from newsletter.mail import store
from newsletter.mail.characters import one_line
from newsletter.mail.deliveries import Delivery, Outcome
from newsletter.mail.leases import store as leases
from newsletter.mail.replies import Reply, Stage, judge, unbuilt
from newsletter.mail.smtp import Connection, Connections
from newsletter.operating import switches
from newsletter.values import Message

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Rows in doubt after a kill: at most one group a worker.
GROUP = 8
CLAIM = 4 * GROUP
# A lease outlives three missed heartbeats; a sweep takes up the rows of a dead worker so soon.
LEASE = dt.timedelta(seconds=30)
HEARTBEAT_SECONDS = 8
# So many refusals in a row that are about us, and the run stops: the next thousand would fare no better.
SENDER_REFUSALS = 5
BREAKER_PAUSE = dt.timedelta(minutes=15)
SETTLE_PATIENCE = dt.timedelta(minutes=2)
SETTLE_PAUSE = 0.5

Clock = Callable[[], dt.datetime]
Sendable = tuple[Delivery, Message]


@dataclass(slots=True)
class DrainReport:
    """What one drain did, by state; ``stopped`` names why it ended before the queue was empty."""

    by_state: dict[str, int] = field(default_factory=dict)
    lost_leases: int = 0
    stopped: str = ""

    def count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.by_state[outcome.state] = self.by_state.get(outcome.state, 0) + 1


class Heartbeat(threading.Thread):
    """Renews a lease while its worker lives, so that a slow relay costs no lease and a dead worker keeps none."""

    def __init__(self, database: Database, lease: str, *, now: Clock, seconds: float = HEARTBEAT_SECONDS) -> None:
        super().__init__(name="lease-heartbeat", daemon=True)
        self._database, self._lease, self._now, self._seconds = database, lease, now, seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                with self._database.transaction() as session:
                    leases.renew(session, lease=self._lease, until=self._now() + LEASE)
            except TemporaryError as error:
                log.warning("lease not renewed", lease=self._lease, problem=str(error))
            except Exception:
                # A heart that stopped over one bad beat would lose the leases of a worker that lives.
                log.exception("lease not renewed", lease=self._lease)

    def end(self) -> None:
        self._ended.set()
        self.join()


def drain(services: Services, *, now: Clock, stop: Callable[[], bool] = lambda: False) -> DrainReport:
    """Sends due deliveries until none is left, sending is paused, or ``stop`` says so; gives back what it did not try.

    Safe to run any number of times at once. Raises TemporaryError where the database cannot be reached.
    """
    return _Drain(services, now=now, stop=stop).run()


def held(session: Session, *, now: dt.datetime) -> str:
    """Why no worker sends now, after a mail server refused us several times in a row; empty where sending is free."""
    hold = switches.value_of(session, switches.HOLD)
    return hold["reason"] if hold and now < dt.datetime.fromisoformat(hold["until"]) else ""


class _Drain:
    def __init__(self, services: Services, *, now: Clock, stop: Callable[[], bool]) -> None:
        self._services, self._database, self._now, self._stop = services, services.database, now, stop
        self._lease = uuid.uuid4().hex
        self._letters = Letters(services)
        self._connections = Connections(services.smtp_servers(), size=GROUP, hostname=services.mail_domain)
        self._report = DrainReport()
        self._refusals = 0
        self._refused = False
        # How many connections are used side by side; fewer once a relay gives fewer.
        self._width = GROUP

    def run(self) -> DrainReport:
        heartbeat = Heartbeat(self._database, self._lease, now=self._now)
        heartbeat.start()
        try:
            while not self._must_stop():
                claimed = self._claim()
                if not claimed:
                    break
                self._send(claimed)
        finally:
            heartbeat.end()
            self._connections.close()
            with self._database.transaction() as session:
                leases.release(session, lease=self._lease)
                if self._refused:
                    hold = {"until": (self._now() + BREAKER_PAUSE).isoformat(), "reason": self._report.stopped[:300]}
                    switches.set_value(session, switches.HOLD, hold, now=self._now())
        log.info("drained", stopped=self._report.stopped, **self._report.by_state)
        return self._report

    def _claim(self) -> list[Delivery]:
        now = self._now()
        with self._database.transaction() as session:
            if switches.paused(session):
                self._report.stopped = "sending is paused"
                return []
            if hold := held(session, now=now):
                self._report.stopped = hold
                return []
            claimed = leases.claim(session, lease=self._lease, until=now + LEASE, limit=CLAIM, now=now)
            if not claimed:
                skipped = store.skip_ineligible(session, now=now)
                self._report.by_state["skipped"] = self._report.by_state.get("skipped", 0) + skipped
        return claimed

    def _send(self, claimed: Sequence[Delivery]) -> None:
        built = self._letters.build(claimed, now=self._now())
        outcomes = [
            unbuilt(delivery, problem, now=self._now())
            for delivery in claimed
            if not isinstance(problem := built[delivery.id], Message)
        ]
        waiting = deque((delivery, message) for delivery in claimed if isinstance(message := built[delivery.id], Message))
        while waiting and not self._must_stop():
            group = [waiting.popleft() for _ in range(min(self._width, len(waiting)))]
            outcomes = self._send_group(group, settling=outcomes, waiting=waiting)
        self._settle_and_mark(outcomes, [])

    def _send_group(self, group: Sequence[Sendable], *, settling: list[Outcome], waiting: deque[Sendable]) -> list[Outcome]:
        """Sends one group; ``settling`` are the outcomes of the one before, committed together with the marks of this one.

        Messages that find no connection free, while others of the group found one, go back to ``waiting`` untried.
        """
        prepared: list[tuple[Delivery, Connection]] = []
        outcomes: list[Outcome] = []
        for slot, (delivery, message) in enumerate(group):
            connection, refusal = self._prepare(slot, message)
            if connection is None and slot and self._connections.any_open:
                # Many relays allow a few connections of one client: go on with those that there are.
                self._width = slot
                waiting.extendleft(reversed(group[slot:]))
                break
            if connection is None or refusal is not None:
                outcomes.append(self._judge(delivery, refusal or Reply(Stage.CONNECT, 0, "no connection")))
            else:
                prepared.append((delivery, connection))
        dots = self._settle_and_mark(settling, [delivery.id for delivery, _ in prepared])
        self._break_off(connection for delivery, connection in prepared if delivery.id not in dots)
        return outcomes + self._finish([pair for pair in prepared if pair[0].id in dots])

    def _settle_and_mark(self, outcomes: Sequence[Outcome], ids: Sequence[int]) -> set[int]:
        """One commit: what became of the last group, and the marks of the next; gives the rows whose dot may be sent.

        A database that is locked or restarting is waited for: the answers in ``outcomes`` are known here and nowhere else.
        """
        give_up = self._now() + SETTLE_PATIENCE
        while True:
            now = self._now()
            try:
                with self._database.transaction() as session:
                    settled = leases.settle(session, outcomes, lease=self._lease, now=now)
                    paused = switches.paused(session)
                    dots = set() if paused or not ids else leases.mark_final_dot(session, ids, lease=self._lease, now=now)
                break
            except TemporaryError as error:
                if now >= (min(give_up, now) if self._stop() else give_up):
                    raise
                log.warning("ledger not reached, trying again", problem=str(error))
                time.sleep(SETTLE_PAUSE)
        self._report.count(outcomes)
        self._report.lost_leases += len(outcomes) - settled
        return dots

    def _prepare(self, slot: int, message: Message) -> tuple[Connection | None, Reply | None]:
        try:
            connection = self._connections.take(slot)
        except TemporaryError as error:
            return None, Reply(Stage.CONNECT, 0, str(error))
        refusal = connection.prepare(message)
        if refusal is not None and refusal.code == 421:
            # The relay has had enough of this connection, not of this message: a fresh one is due at once.
            return self._prepare_anew(slot, message, refusal)
        return connection, refusal

    def _prepare_anew(self, slot: int, message: Message, refusal: Reply) -> tuple[Connection | None, Reply | None]:
        try:
            connection = self._connections.take(slot)
        except TemporaryError:
            return None, refusal
        return connection, connection.prepare(message)

    def _break_off(self, connections: Iterable[Connection]) -> None:
        """Drops the messages whose lease is lost, or that a pause caught, before their dot."""
        for connection in connections:
            connection.abort()
            self._report.lost_leases += 1

    def _finish(self, prepared: Sequence[tuple[Delivery, Connection]]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        waiting: list[tuple[Delivery, Connection]] = []
        for delivery, connection in prepared:
            trouble = connection.send_dot()
            if trouble is None:
                waiting.append((delivery, connection))
            else:
                outcomes.append(self._judge(delivery, trouble))
        outcomes.extend(self._judge(delivery, connection.read_answer()) for delivery, connection in waiting)
        return outcomes

    def _judge(self, delivery: Delivery, reply: Reply) -> Outcome:
        self._refusals = self._refusals + 1 if reply.blames_sender else 0
        if self._refusals >= SENDER_REFUSALS:
            self._refused = True
            self._report.stopped = one_line(f"the mail server refuses us: {reply.code} {reply.text}", 300)
            log.error("sending held", refusals=self._refusals, code=reply.code, stage=reply.stage)
        return judge(delivery, reply, now=self._now())

    def _must_stop(self) -> bool:
        if not self._report.stopped and self._stop():
            self._report.stopped = "asked to stop"
        return bool(self._report.stopped)
