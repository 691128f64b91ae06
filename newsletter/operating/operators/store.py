"""The SQL of operators: who may log in with which role, second factors, logins that stand, and the note of each act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.operating.operators.roles import Role
from newsletter.tables.operating import ActRow, AdminRow, LoginRow

# Kinds of people who log in.
OPERATOR, EDITOR = "operator", "editor"
# Nobody is logged in in more browsers at once; databases take no number of values of any size.
MOST_ENDED = 400


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may log in. ``sealed`` is the key of the second factor, empty without one; ``spare`` counts recovery codes."""

    id: int
    name: str
    role: Role
    created_at: dt.datetime
    password_hash: str = field(repr=False)
    sealed: str = field(repr=False)
    spare: int


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator did: ``what`` names the act, ``address_key`` whom it was about (empty: nobody), ``words`` what else."""

    id: int
    at: dt.datetime
    who: str
    what: str
    address_key: str
    words: str


def operators(session: Session) -> list[Operator]:
    """All who may log in, by name."""
    return [_operator(row) for row in session.scalars(select(AdminRow).order_by(AdminRow.name))]


def operator_by_name(session: Session, name: str) -> Operator | None:
    """The operator ``name``; None where there is none."""
    row = session.scalar(select(AdminRow).where(AdminRow.name == name))
    return None if row is None else _operator(row)


def operator_by_id(session: Session, operator_id: int) -> Operator | None:
    """The operator with this id; None where there is none."""
    row = session.get(AdminRow, operator_id)
    return None if row is None else _operator(row)


def lock_operators(session: Session) -> list[Operator]:
    """All operators; nobody else changes them until the transaction ends, so that one owner at least can be left."""
    # Where there is none yet there is no row to lock, and two who come first at once would both be owners.
    take_numbers(session, "operator", 0)
    return [_operator(row) for row in session.scalars(select(AdminRow).order_by(AdminRow.id))]


def add_operator(session: Session, name: str, password_hash: str, role: Role, *, now: dt.datetime) -> None:
    """Adds an operator, who has no second factor yet."""
    row = AdminRow(name=name, password_hash=password_hash, created_at=now, role=role, code_key="", code_step=0, recovery=[])
    session.add(row)
    session.flush()


def change_operator(session: Session, operator_id: int, **columns: object) -> None:
    """Changes columns of an operator, and ends their logins."""
    session.execute(update(AdminRow).where(AdminRow.id == operator_id).values(**columns))
    end_logins_of(session, OPERATOR, operator_id)


def remove_operator(session: Session, operator_id: int) -> None:
    """Takes an operator's login away."""
    session.execute(delete(AdminRow).where(AdminRow.id == operator_id))
    end_logins_of(session, OPERATOR, operator_id)


def use_step(session: Session, operator_id: int, step: int) -> bool:
    """Notes that the code of ``step`` was used; False where that one, or a later one, had been used before."""
    later = update(AdminRow).where(AdminRow.id == operator_id, AdminRow.code_step < step).values(code_step=step)
    return session.scalar(later.returning(AdminRow.id)) is not None


def use_recovery_code(session: Session, operator_id: int, hashed: str) -> bool:
    """Uses up the recovery code with this hash; False where the operator has none of it (any more)."""
    codes = session.scalar(select(AdminRow.recovery).where(AdminRow.id == operator_id).with_for_update())
    if not codes or hashed not in codes:
        return False
    left = [code for code in codes if code != hashed]
    session.execute(update(AdminRow).where(AdminRow.id == operator_id).values(recovery=left))
    return True


def add_login(session: Session, key: str, kind: str, who: int, *, now: dt.datetime, oldest: dt.datetime) -> None:
    """Keeps that ``who`` is logged in, and forgets logins that began before ``oldest``."""
    session.execute(delete(LoginRow).where(LoginRow.began_at < oldest))
    session.add(LoginRow(key=key, kind=kind, who=who, began_at=now))
    session.flush()


def login_began(session: Session, key: str, kind: str, who: int) -> dt.datetime | None:
    """When this login of ``who`` began, None where there is none."""
    return session.scalar(select(LoginRow.began_at).where(LoginRow.key == key, LoginRow.kind == kind, LoginRow.who == who))


def logins_of(session: Session, kind: str, who: int, *, since: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """The logins of ``who`` that began after ``since``, as (key, beginning), the newest first."""
    rows = select(LoginRow.key, LoginRow.began_at).where(LoginRow.kind == kind, LoginRow.who == who, LoginRow.began_at > since)
    return [(key, began) for key, began in session.execute(rows.order_by(LoginRow.began_at.desc(), LoginRow.key))]


def end_login(session: Session, key: str) -> None:
    """Ends one login, if it is there."""
    session.execute(delete(LoginRow).where(LoginRow.key == key))


def end_some_logins(session: Session, kind: str, who: int, keys: Collection[str]) -> int:
    """Ends those logins of ``who`` that have these keys; gives how many there were."""
    theirs = delete(LoginRow).where(LoginRow.kind == kind, LoginRow.who == who, LoginRow.key.in_(list(keys)[:MOST_ENDED]))
    return len(session.scalars(theirs.returning(LoginRow.key)).all())


def end_logins_of(session: Session, kind: str, who: int) -> None:
    """Ends all logins of ``who``."""
    session.execute(delete(LoginRow).where(LoginRow.kind == kind, LoginRow.who == who))


def add_act(session: Session, who: str, what: str, *, now: dt.datetime, address_key: str = "", words: str = "") -> None:
    """Adds the note of an act (``acts.note``)."""
    session.add(ActRow(at=now, who=who, what=what, address_key=address_key, words=words))
    session.flush()


def acts(
    session: Session, *, most: int, before: int | None = None, who: str = "", what: str = "", address_key: str = ""
) -> Sequence[Act]:
    """Up to ``most`` acts, the newest first, of lower ids than ``before``; what is empty narrows nothing."""
    row = ActRow
    statement = select(row.id, row.at, row.who, row.what, row.address_key, row.words).order_by(row.id.desc()).limit(most)
    if before is not None:
        statement = statement.where(row.id < before)
    for column, wanted in ((row.who, who), (row.what, what), (row.address_key, address_key)):
        if wanted:
            statement = statement.where(column == wanted)
    return [Act(*found) for found in session.execute(statement)]


def _operator(row: AdminRow) -> Operator:
    spare = len(row.recovery)
    return Operator(row.id, row.name, Role(row.role), row.created_at, row.password_hash, row.code_key, spare)
