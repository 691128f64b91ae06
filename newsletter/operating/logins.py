"""Logins: operators made, given a new password, taken away; and who is logged in, operators and editors, for how long.

A login stands in the database, under the hash of what the browser keeps: a copy of a cookie is worth nothing once its login
ended. Whether a password fits is looked at by the admin pages.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets

from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.operating import store

# However busy somebody is: https://owasp.org/www-project-application-security-verification-standard/ (5.0, 7.3.2).
LONGEST = dt.timedelta(hours=12)
NAME = re.compile(r"[\w.@+-]{1,64}")


def checked_name(name: str) -> str:
    """``name``, which can be a login. Raises InputError where it cannot."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be a login: use up to 64 letters, digits and . @ + - _")
    return name


def keep(database: Database, name: str, password_hash: str, *, now: dt.datetime) -> None:
    """Makes the login ``name``, or gives the one of that name a new password, which ends its sessions. Raises InputError."""
    name = checked_name(name)
    with database.transaction() as session:
        store.keep_operator(session, name, password_hash, now=now)


def remove(database: Database, name: str) -> None:
    """Takes the login ``name`` away, and ends its sessions. Raises InputError where there is none."""
    with database.transaction() as session:
        if not store.remove_operator(session, name):
            raise InputError(f"there is no login {name!r}: `newsletter admin list` shows them")


def open_login(database: Database, kind: str, who: int, *, now: dt.datetime) -> str:
    """Logs ``who`` in and gives what their browser is to keep."""
    raw = secrets.token_urlsafe(24)
    with database.transaction() as session:
        store.add_login(session, _hashed(raw), kind, who, now=now, oldest=now - LONGEST)
    return raw


def stands(session: Session, raw: str, kind: str, who: int, *, now: dt.datetime) -> bool:
    """True where ``raw`` is a login of ``who`` that nobody has ended and that is younger than `LONGEST`."""
    began = store.login_began(session, _hashed(raw), kind, who)
    return began is not None and now - began < LONGEST


def close_login(database: Database, raw: str) -> None:
    """Logs out: what the browser kept is good for nothing any more, in whose hands it may be."""
    with database.transaction() as session:
        store.end_login(session, _hashed(raw))


def _hashed(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()
