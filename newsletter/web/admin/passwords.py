"""Passwords of operators: argon2id hashes, checked in about the same time whether the name is known or not."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from newsletter.errors import InputError

LEAST_LENGTH = 10
MOST_LENGTH = 1024
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """The hash to store. Raises InputError for a password that is too short or too long."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise InputError(f"the password has {len(password)} characters: give {LEAST_LENGTH} to {MOST_LENGTH}")
    return _hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """True where ``password`` is the one behind the hash; None (no such operator) costs as much time and is False."""
    try:
        verified = _hasher.verify(password_hash or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return verified and password_hash is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
