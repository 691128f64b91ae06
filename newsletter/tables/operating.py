"""Tables that all machines of an installation share: counters, small facts, operators' logins, slots of requests."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.base import Base, Big, Id, Json, Short, Time, Words


class CounterRow(Base):
    """Numbers given out under a lock (`db.take_numbers`)."""

    __tablename__ = "counters"
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Big]


class StateRow(Base):
    """Small facts that all machines of an installation share, by name; their types are in ``operating.state``."""

    __tablename__ = "switches"
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Json]
    changed_at: Mapped[Time]


class RequestSlotRow(Base):
    """When the next request to an outside service may leave, over all processes and machines."""

    __tablename__ = "request_slots"
    service: Mapped[Short] = mapped_column(primary_key=True)
    next_at: Mapped[Time]


class AdminRow(Base):
    __tablename__ = "admins"
    id: Mapped[Id]
    name: Mapped[Short] = mapped_column(unique=True)
    password_hash: Mapped[Words]
    created_at: Mapped[Time]


class LoginRow(Base):
    """Who is logged in: ``key`` is the hash of what their browser keeps, ``who`` an operator or editor by ``kind``."""

    __tablename__ = "logins"
    key: Mapped[Short] = mapped_column(primary_key=True)
    kind: Mapped[Short]
    who: Mapped[Big]
    began_at: Mapped[Time]
