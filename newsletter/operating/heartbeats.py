"""Heartbeats: every scheduler, worker and stage tells the database that it lives, where all machines can see it.

A process that beats has a database that answers and a loop that turns, which a PING of Redis does not say. A beat that cannot be
written is dropped: it must never stop what it tells of.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import NewsletterError
from newsletter.operating import store

log = structlog.get_logger(__name__)


class Part(StrEnum):
    """What beats: the processes, and what they do (its ``name`` is that of the stage)."""

    SCHEDULER = "scheduler"
    WORKER = "worker"
    STAGE = "stage"


class Stage(StrEnum):
    """The stages that note when they began and ended."""

    FETCH = "fetch"
    TRANSLATE = "translate"
    PLAN = "plan"
    SEND = "send"
    PUBLISH = "publish"


# A process that is well beats so often; planning for very many readers may hold a scheduler up for minutes.
BEAT_EVERY = 30.0
SILENT_AFTER: Mapping[Part, dt.timedelta] = {Part.SCHEDULER: dt.timedelta(minutes=5), Part.WORKER: dt.timedelta(minutes=2)}
# Processes that ended long ago are forgotten.
KEPT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Beat:
    """One row. For a stage ``began_at`` is its last beginning, ``ended_at`` its last end, which took ``seconds``.

    ``problem`` says how it failed, or what a process waits for; empty where it is well.
    """

    part: Part
    name: str
    began_at: dt.datetime
    beat_at: dt.datetime
    ended_at: dt.datetime | None = None
    seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """A ``part`` of which no process has beaten for longer than it may: since ``last``."""

    part: Part
    last: dt.datetime

    @property
    def words(self) -> str:
        """One line for an operator."""
        return f"no {self.part} is at work: the last one was seen at {self.last:%Y-%m-%d %H:%M} UTC"


def own_name() -> str:
    """This process's name among those of all machines."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


class Pulse:
    """The beats of this process, at most one in `BEAT_EVERY` seconds however often it is asked; safe in any thread."""

    def __init__(self, database: Database, part: Part, *, clock: Callable[[], dt.datetime], name: str = "") -> None:
        self._database, self._part, self._clock, self._name = database, part, clock, name or own_name()
        self._began_at = clock()
        self._next = 0.0
        self._told = False

    def beat(self, problem: str = "") -> None:
        """Tells that this process lives, and what it waits for. Never raises for want of a database."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + BEAT_EVERY
        now = self._clock()
        try:
            with self._database.transaction() as session:
                if not self._told:
                    store.forget_beats(session, self._part, before=now - KEPT)
                store.put_beat(session, Beat(self._part, self._name, self._began_at, now, problem=problem))
            self._told = True
        except (NewsletterError, SQLAlchemyError) as error:
            log.debug("heartbeat not told", problem=str(error))


@contextmanager
def stage(database: Database, which: Stage, *, clock: Callable[[], dt.datetime]) -> Iterator[None]:
    """Notes when the block began and ended, and how it failed; the error goes on."""
    began = clock()
    _put(database, Beat(Part.STAGE, which, began, began))
    problem = ""
    try:
        yield
    except Exception as error:
        problem = str(error)[:500] or type(error).__name__
        raise
    finally:
        ended = clock()
        _put(database, Beat(Part.STAGE, which, began, ended, ended, (ended - began).total_seconds(), problem))


def done(database: Database, which: Stage, *, began: dt.datetime, seconds: float, problem: str = "") -> None:
    """Notes that a stage has come to its end in ``seconds``, where its beginning was not worth a note."""
    ended = began + dt.timedelta(seconds=seconds)
    _put(database, Beat(Part.STAGE, which, began, ended, ended, seconds, problem))


def _put(database: Database, beat: Beat) -> None:
    try:
        with database.transaction() as session:
            store.put_beat(session, beat)
    except (NewsletterError, SQLAlchemyError) as error:
        log.debug("heartbeat not told", problem=str(error))


def beats(session: Session) -> Sequence[Beat]:
    """All beats, by part and name."""
    return [Beat(Part(part), *rest) for part, *rest in store.all_beats(session)]


def silences(found: Sequence[Beat], *, now: dt.datetime) -> list[Silence]:
    """The parts of which there were processes, and none beats any more. Nothing is said of a part that was never seen."""
    silent = []
    for part, allowed in SILENT_AFTER.items():
        last = max((beat.beat_at for beat in found if beat.part is part), default=None)
        if last is not None and now - last > allowed:
            silent.append(Silence(part, last))
    return silent


def alive(found: Sequence[Beat], part: Part, *, now: dt.datetime, host: str = "") -> int:
    """How many processes of ``part`` beat, on ``host`` or anywhere."""
    here = [beat for beat in found if beat.part is part and (not host or beat.name.startswith(f"{host[:40]}:"))]
    return sum(now - beat.beat_at <= SILENT_AFTER[part] for beat in here)
