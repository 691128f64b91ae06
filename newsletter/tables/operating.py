"""Tables that all machines of an installation share: counters, small facts, own files, operators' logins, slots of requests."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import ONE_EACH, Expiry, Person, Reach, Rule, about
from newsletter.tables.base import Base, Big, Id, Json, Short, Time, Words


class CounterRow(Base):
    """Numbers given out under a lock (`db.take_numbers`)."""

    __tablename__ = "counters"
    __table_args__ = about(kept=ONE_EACH)
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Big]


class StateRow(Base):
    """Small facts that all machines of an installation share, by name; their types are in ``operating.state``."""

    __tablename__ = "switches"
    __table_args__ = about(Person(Reach.MENTION, "value"), kept=ONE_EACH)
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Json]
    changed_at: Mapped[Time]


class OwnFileRow(Base):
    """A version of a file of the operator's own (``operating.own_files``); in use is the newest of a name that was not undone."""

    __tablename__ = "own_files"
    __table_args__ = about(kept="the last twenty versions of each: operators give them, and go back")
    name: Mapped[Short] = mapped_column(primary_key=True)
    number: Mapped[Big] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[Short]
    note: Mapped[Words]
    given_by: Mapped[Short]
    given_at: Mapped[Time]
    undone_by: Mapped[Short]
    undone_at: Mapped[Time | None]


class RequestSlotRow(Base):
    """When the next request to an outside service may leave, over all processes and machines."""

    __tablename__ = "request_slots"
    __table_args__ = about(kept=ONE_EACH)
    service: Mapped[Short] = mapped_column(primary_key=True)
    next_at: Mapped[Time]


class AdminRow(Base):
    """An operator. ``code_key``: the sealed key of the second factor; ``code_step``: of its last code; ``recovery``: hashes."""

    __tablename__ = "admins"
    __table_args__ = about(kept="until `newsletter admin remove`: those who operate the service are no readers")
    id: Mapped[Id]
    name: Mapped[Short] = mapped_column(unique=True)
    password_hash: Mapped[Words]
    created_at: Mapped[Time]
    role: Mapped[Short] = mapped_column(server_default="owner")
    code_key: Mapped[Words] = mapped_column(server_default="")
    code_step: Mapped[Big] = mapped_column(server_default="0")
    recovery: Mapped[Json] = mapped_column(server_default="[]")


class ActRow(Base):
    """What an operator did on the pages, when, and to whom, who is named by the keyed hash of their address alone."""

    __tablename__ = "acts"
    __table_args__ = about(Person(Reach.ADDRESS_KEY, "address_key", ("who",)), expires=(Expiry(Rule.RECORDS, "at"),))
    id: Mapped[Id]
    at: Mapped[Time]
    who: Mapped[Short]
    what: Mapped[Short]
    address_key: Mapped[Short] = mapped_column(index=True)
    words: Mapped[Words]


class LoginRow(Base):
    """Who is logged in: ``key`` is the hash of what their browser keeps, ``who`` an operator or editor by ``kind``."""

    __tablename__ = "logins"
    __table_args__ = about(kept="until somebody logs out, or the login ends by itself")
    key: Mapped[Short] = mapped_column(primary_key=True)
    kind: Mapped[Short]
    who: Mapped[Big]
    began_at: Mapped[Time]


class HeartbeatRow(Base):
    """When each scheduler, worker (by machine and process) and stage (by its name) was last seen alive."""

    __tablename__ = "heartbeats"
    __table_args__ = about(kept=ONE_EACH)
    part: Mapped[Short] = mapped_column(primary_key=True)
    name: Mapped[Short] = mapped_column(primary_key=True)
    began_at: Mapped[Time]
    beat_at: Mapped[Time]
    ended_at: Mapped[Time | None]
    seconds: Mapped[float | None]
    problem: Mapped[Words]


class AlarmRow(Base):
    """What is wrong, by kind; ``ended_at`` is set until somebody is told that it is well again, and then the row goes."""

    __tablename__ = "alarms"
    __table_args__ = about(Person(Reach.MENTION, "words"), kept="until it is well again and somebody was told")
    kind: Mapped[Short] = mapped_column(primary_key=True)
    words: Mapped[Words]
    since: Mapped[Time]
    told: Mapped[bool]
    ended_at: Mapped[Time | None]
    claimed_until: Mapped[Time | None]
