"""The SQL of the operating part: facts that all machines of an installation share, and who may operate it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.operating import AdminRow, StateRow

# Read with each group of mails: the statement is built once, and not an object of the session's.
_STATE = select(StateRow.value).where(StateRow.name == bindparam("wanted"))


def get_state(session: Session, name: str) -> Any:
    """The JSON of the fact ``name``, None where it was never set."""
    return session.connection().execute(_STATE, {"wanted": name}).scalar()


def set_state(session: Session, name: str, value: Any, *, now: dt.datetime) -> None:
    """Sets the fact ``name`` to ``value`` (anything JSON can hold but null); the last writer wins."""
    row = {"value": value, "changed_at": now}
    statement = dialect_insert(session, StateRow).values(name=name, **row)
    session.execute(statement.on_conflict_do_update(index_elements=[StateRow.name], set_=row))


def operator_names(session: Session) -> list[tuple[str, dt.datetime]]:
    """Who may log into the admin pages, by name, with the time the login was made."""
    return [(row.name, row.created_at) for row in session.scalars(select(AdminRow).order_by(AdminRow.name))]


def keep_operator(session: Session, name: str, password_hash: str, *, now: dt.datetime) -> None:
    """Adds an operator, or gives the one of that name a new password."""
    changed = session.execute(
        update(AdminRow).where(AdminRow.name == name).values(password_hash=password_hash).returning(AdminRow.id)
    ).all()
    if not changed:
        session.add(AdminRow(name=name, password_hash=password_hash, created_at=now))
        session.flush()


def remove_operator(session: Session, name: str) -> bool:
    """Takes the login ``name`` away; False where there is none."""
    return bool(session.execute(delete(AdminRow).where(AdminRow.name == name).returning(AdminRow.id)).all())
