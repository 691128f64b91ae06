"""Passwords of operators: argon2id hashes, checked in about the same time whether the name is known or not.

One that is easily guessed is refused when it is given, never later: what zxcvbn knows of common passwords, names, keyboards and
dates, and the words that an attacker of this service would try first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from newsletter.errors import InputError

LEAST_LENGTH = 10
MOST_LENGTH = 1024
# Of zxcvbn's 0 to 4: more than 10^8 guesses, https://github.com/zxcvbn/zxcvbn. What it says of the beginning holds for the whole.
LEAST_SCORE, LOOKED_AT = 3, 72
OURS = ("paper", "papers", "morning", "newsletter", "digest", "arxiv", "admin", "operator", "owner", "editor", "viewer")
_hasher = PasswordHasher()


def hashed(password: str, *, about: Sequence[str] = ()) -> str:
    """The hash to store. Raises InputError for a password that is too short, too long or easily guessed.

    ``about``: words that belong to the person or the installation, such as the login and the name of the site.
    """
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise InputError(f"the password has {len(password)} characters: give {LEAST_LENGTH} to {MOST_LENGTH}")
    if _easily_guessed(password, about):
        raise InputError("this password is easily guessed: take four or five words that nobody would say together")
    return _hasher.hash(password)


def _easily_guessed(password: str, about: Sequence[str]) -> bool:
    from zxcvbn import zxcvbn

    words = [*OURS, *(word for text in about for word in (text, re.sub(r"\W", "", text), *re.split(r"\W+", text)) if word)]
    return bool(zxcvbn(password[:LOOKED_AT], user_inputs=words)["score"] < LEAST_SCORE)


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
