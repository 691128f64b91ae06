"""Logins of operators: made, given a new password, taken away. Whether a password fits is looked at by the admin pages."""

from __future__ import annotations

import datetime as dt
import re

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.operating import store

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
