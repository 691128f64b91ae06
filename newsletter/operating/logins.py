"""Logins: operators made, given another role or password, taken away; and who is logged in, operators and editors, for how long.

A login stands in the database, under the hash of what the browser keeps: a copy of a cookie is worth nothing once its login
ended.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.operating.operators import store
from newsletter.operating.operators.roles import Role
from newsletter.operating.operators.store import Operator

# However busy somebody is: https://owasp.org/www-project-application-security-verification-standard/ (5.0, 7.3.2).
LONGEST = dt.timedelta(hours=12)
NAME = re.compile(r"[\w.@+-]{1,64}")


def checked_name(name: str) -> str:
    """``name``, which can be a login. Raises InputError where it cannot."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be a login: use up to 64 letters, digits and . @ + - _")
    return name


def keep(
    database: Database, name: str, password_hash: str, *, now: dt.datetime, role: Role | None = None, only_first: bool = False
) -> Role:
    """Makes the login ``name``, or gives the one of that name a new password, which ends its sessions; gives its role.

    The first of all is an owner and others are viewers, where no ``role`` is given; one that is there keeps its own. Raises
    InputError for a name that cannot be one, where no owner would be left, and, with ``only_first``, where there is a login.
    """
    name = checked_name(name)
    with database.transaction() as session:
        there = store.lock_operators(session)
        if only_first and there:
            raise InputError("somebody can log in already: owners give logins to others")
        found = next((one for one in there if one.name == name), None)
        if found is None:
            role = role or (Role.VIEWER if there else Role.OWNER)
            store.add_operator(session, name, password_hash, role, now=now)
            return role
        role = role or found.role
        _leave_an_owner(there, found, role)
        store.change_operator(session, found.id, password_hash=password_hash, role=role)
        return role


def set_role(database: Database, name: str, role: Role) -> None:
    """Gives the login ``name`` another role, and ends its sessions. Raises InputError: no such login, no owner left."""
    with database.transaction() as session:
        there = store.lock_operators(session)
        found = _named(there, name)
        _leave_an_owner(there, found, role)
        store.change_operator(session, found.id, role=role)


def remove(database: Database, name: str, *, an_owner_stays: bool = False) -> None:
    """Takes the login ``name`` away, and ends its sessions; the last owner's not where ``an_owner_stays``. Raises InputError."""
    with database.transaction() as session:
        there = store.lock_operators(session)
        found = _named(there, name)
        if an_owner_stays:
            _leave_an_owner(there, found, None)
        store.remove_operator(session, found.id)


def _named(there: list[Operator], name: str) -> Operator:
    found = next((one for one in there if one.name == name), None)
    if found is None:
        raise InputError(f"there is no login {name!r}: `newsletter admin list` shows them")
    return found


def _leave_an_owner(there: list[Operator], changed: Operator, role: Role | None) -> None:
    """Raises InputError where nobody would be an owner once ``changed`` has ``role``, or is gone (None)."""
    owners = {one.id for one in there if one.role is Role.OWNER} - ({changed.id} if role is not Role.OWNER else set())
    if not owners and changed.role is Role.OWNER:
        raise InputError(f"{changed.name} is the last owner: make somebody else an owner first")


def open_login(database: Database, kind: str, who: int, *, now: dt.datetime) -> str:
    """Logs ``who`` in and gives what their browser is to keep."""
    raw = secrets.token_urlsafe(24)
    with database.transaction() as session:
        store.add_login(session, key_of(raw), kind, who, now=now, oldest=now - LONGEST)
    return raw


def stands(session: Session, raw: str, kind: str, who: int, *, now: dt.datetime) -> bool:
    """True where ``raw`` is a login of ``who`` that nobody has ended and that is younger than `LONGEST`."""
    began = store.login_began(session, key_of(raw), kind, who)
    return began is not None and now - began < LONGEST


@dataclass(frozen=True, slots=True)
class Login:
    """A browser in which somebody is logged in. ``key`` names it, and is not what the browser keeps."""

    key: str
    began_at: dt.datetime


def standing(session: Session, kind: str, who: int, *, now: dt.datetime) -> list[Login]:
    """Where ``who`` is logged in, the newest first."""
    return [Login(*found) for found in store.logins_of(session, kind, who, since=now - LONGEST)]


def end_some(database: Database, kind: str, who: int, keys: Collection[str]) -> int:
    """Ends those logins of ``who`` whose keys are given; gives how many these were."""
    with database.transaction() as session:
        return store.end_some_logins(session, kind, who, keys)


def close_login(database: Database, raw: str) -> None:
    """Logs out: what the browser kept is good for nothing any more, in whose hands it may be."""
    with database.transaction() as session:
        store.end_login(session, key_of(raw))


def key_of(raw: str) -> str:
    """The key of the login whose browser keeps ``raw``."""
    return hashlib.sha256(raw.encode()).hexdigest()
