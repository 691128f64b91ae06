"""The SQL of the operating part: facts that all machines of an installation share, and who may operate it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.operating import AdminRow, LoginRow, StateRow

# Kinds of people who log in.
OPERATOR, EDITOR = "operator", "editor"
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
    changed = session.scalars(
        update(AdminRow).where(AdminRow.name == name).values(password_hash=password_hash).returning(AdminRow.id)
    ).all()
    for operator in changed:
        end_logins_of(session, OPERATOR, operator)
    if not changed:
        session.add(AdminRow(name=name, password_hash=password_hash, created_at=now))
        session.flush()


def remove_operator(session: Session, name: str) -> bool:
    """Takes the login ``name`` away; False where there is none."""
    gone = session.scalars(delete(AdminRow).where(AdminRow.name == name).returning(AdminRow.id)).all()
    for operator in gone:
        end_logins_of(session, OPERATOR, operator)
    return bool(gone)


def add_login(session: Session, key: str, kind: str, who: int, *, now: dt.datetime, oldest: dt.datetime) -> None:
    """Keeps that ``who`` is logged in, and forgets logins that began before ``oldest``."""
    session.execute(delete(LoginRow).where(LoginRow.began_at < oldest))
    session.add(LoginRow(key=key, kind=kind, who=who, began_at=now))
    session.flush()


def login_began(session: Session, key: str, kind: str, who: int) -> dt.datetime | None:
    """When this login of ``who`` began, None where there is none."""
    return session.scalar(select(LoginRow.began_at).where(LoginRow.key == key, LoginRow.kind == kind, LoginRow.who == who))


def end_login(session: Session, key: str) -> None:
    """Ends one login, if it is there."""
    session.execute(delete(LoginRow).where(LoginRow.key == key))


def end_logins_of(session: Session, kind: str, who: int) -> None:
    """Ends all logins of ``who``."""
    session.execute(delete(LoginRow).where(LoginRow.kind == kind, LoginRow.who == who))
