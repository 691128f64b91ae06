"""The second factor of an operator's login: six digits of an app (TOTP, RFC 6238), or a recovery code where the phone is gone.

The key of an app is sealed with SECRET_KEY, recovery codes are kept as hashes: a stolen copy of the database is no second factor.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import partial

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.operating.operators import store
from newsletter.operating.operators.store import Operator

# A clock may be off by one step of thirty seconds, https://www.rfc-editor.org/rfc/rfc6238#section-5.2.
DRIFT = 1
RECOVERY_CODES, LETTERS = 10, "abcdefghjkmnpqrstuvwxyz23456789"


def new_key(keys: Sequence[SecretStr]) -> str:
    """A fresh key for an app, sealed: it may go to a browser and back, and stand in the database."""
    return _sealer(keys).encrypt(pyotp.random_base32().encode()).decode()


def key_to_type(sealed: str, keys: Sequence[SecretStr]) -> str:
    """The key as an app takes it where there is no camera. Raises InputError where ``sealed`` is none of ours."""
    return _opened(sealed, keys)


def picture(sealed: str, keys: Sequence[SecretStr], *, name: str, site: str) -> str:
    """The QR code that an app reads, as SVG without styles. Raises InputError where ``sealed`` is none of ours."""
    address = pyotp.TOTP(_opened(sealed, keys)).provisioning_uri(name=name, issuer_name=site)
    return segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, omitsize=True, svgclass=None, lineclass=None)


def enrol(
    database: Database, operator: Operator, sealed: str, code: str, *, keys: Sequence[SecretStr], now: dt.datetime
) -> list[str]:
    """Makes ``sealed`` the second factor, once a code shows that the app has it; ends all logins of the operator.

    Gives the recovery codes, which nobody can read again. Raises InputError for a code that does not fit.
    """
    step = _step(_opened(sealed, keys), code, now=now)
    if step is None:
        raise InputError("this code does not fit: type the six digits that the app shows now, and look at its clock")
    codes = [recovery_code() for _ in range(RECOVERY_CODES)]
    with database.transaction() as session:
        hashes = [_hashed(one) for one in codes]
        store.change_operator(session, operator.id, code_key=sealed, code_step=step, recovery=hashes)
    return codes


def recovery_code() -> str:
    """Seven groups of four letters: 138 random bits, so that a quick hash of it is enough (OWASP ASVS 5.0, 6.5.2 and 11.5.1)."""
    return "-".join("".join(map(secrets.choice, [LETTERS] * 4)) for _ in range(7))


def take_away(database: Database, name: str) -> None:
    """Lets the operator ``name`` log in by password alone again, and ends their logins. Raises InputError where there is none."""
    with database.transaction() as session:
        found = store.operator_by_name(session, name)
        if found is None:
            raise InputError(f"there is no login {name!r}: `newsletter admin list` shows them")
        store.change_operator(session, found.id, code_key="", code_step=0, recovery=[])


def fits(database: Database, operator: Operator, code: str, *, keys: Sequence[SecretStr], now: dt.datetime) -> bool:
    """True where ``code`` is good for this login, which uses it up: each is good once, and none that is older than the last."""
    if not operator.sealed:
        return True
    try:
        step = _step(_opened(operator.sealed, keys), code, now=now)
    except InputError:
        step = None
    use = partial(store.use_recovery_code, hashed=_hashed(code)) if step is None else partial(store.use_step, step=step)
    with database.transaction() as session:
        return use(session, operator.id)


def _step(key: str, code: str, *, now: dt.datetime) -> int | None:
    """The step of thirty seconds whose code this is, None where it is none of these minutes."""
    digits, app = "".join(code.split()), pyotp.TOTP(key)
    if not digits.isascii() or len(digits) != app.digits:
        return None
    here = int(now.timestamp()) // app.interval
    steps = range(here - DRIFT, here + DRIFT + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)), None)


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


def _sealer(keys: Sequence[SecretStr]) -> MultiFernet:
    digests = [hashlib.sha256(b"second factor " + key.get_secret_value().encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def _opened(sealed: str, keys: Sequence[SecretStr]) -> str:
    try:
        return _sealer(keys).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise InputError(
            "the key of this second factor cannot be read with SECRET_KEY: `newsletter admin reset-code NAME`"
        ) from error
