"""The forms of a setting: text, URL, address, domain, list, secret; what is wrong is told in one line that names the variable.

It knows no variable by name. No login stands in a line, and of what is marked HIDDEN no part at all.
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import SplitResult, urlsplit

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic import ValidatorFunctionWrapHandler as Handler
from pydantic.fields import FieldInfo

from newsletter.errors import SettingsError
from newsletter.settings import logins
from newsletter.settings.hosts import is_host

# Nothing in it can be a password, however it was meant.
_LOGIN_FREE = re.compile(r"(?:[a-z+]*://)?[^:@]*(?::\d{0,5})?(?:/[^:@]*)?", re.IGNORECASE)
_LOGIN = re.compile(r"^([a-z+]*://)?.*@", re.IGNORECASE)
SHOWN = 200
# https://www.rfc-editor.org/rfc/rfc2104#section-3: not less than the hash gives. One that only verifies any more may be of a time
# before this was asked for.
KEY_BYTES, OLD_KEY_BYTES = 32, 16
# Before a key that is shorter and cannot be another any more.
SHORT = "short:"
HIDDEN = "hidden"
NO_SECRET = SecretStr("")


class Section(BaseModel):
    """Settings that are read together, each from the variable of its name. Frozen, and printed without logins and secrets."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=str.upper, validate_default=False)

    @field_validator("*", mode="wrap")
    @classmethod
    def _told(cls, value: Any, read: Handler, info: ValidationInfo) -> Any:
        """What ``read`` makes of ``value``. Raises SettingsError, which pydantic lets through, in the place of its own errors."""
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, str):
            _check_characters(field.alias, value)
        try:
            return read(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
        # What our functions below raised, else what pydantic has against a number, a choice, yes or no.
        *said, mend = getattr(first.get("ctx", {}).get("error"), "args", (_mend(field),))
        wrong = "cannot be used" if HIDDEN in field.metadata else (said or [f"is {shown(value)}"])[0]
        raise SettingsError(f"{field.alias} {wrong}: {mend}")

    def __repr_args__(self) -> Any:
        for name, value in super().__repr_args__():
            yield name, without_login(value) if isinstance(value, str) and "://" in value else value


def _check_characters(name: str | None, text: str) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise SettingsError(f"{name} holds a line break or control character: put it on one line")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SettingsError(f"{name} holds bytes that are no UTF-8: write it in UTF-8")


def _mend(field: FieldInfo) -> str:
    bounds = {type(bound): bound for bound in field.metadata}
    if Ge in bounds:
        return f"give {field.description or 'a whole number'} from {bounds[Ge].ge} to {bounds[Le].le}"
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ("no", "yes")
    return f"choose among {', '.join(choices)}"


# Each function below reads a text. It raises ValueError(mend), or ValueError(said, mend) where "is 'the whole text'" would not
# do; `Section` puts the variable before it.


def names(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list, in order."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise ValueError("it names nothing, give a value or unset it")
    return found


def keys(text: str) -> tuple[str, ...]:
    """A comma-separated list of keys: the first signs, and has to be as long as its kind of signature is strong."""
    found = names(text)
    return key(found[0]), *(key(one, least=OLD_KEY_BYTES) for one in found[1:])


def key(text: str, *, least: int = KEY_BYTES) -> str:
    """A key of at least ``least`` bytes."""
    if len(text.encode()) < least:
        raise ValueError(
            f"it is too short for a key, give {least} random characters or more, such as `openssl rand -hex {least}` makes"
        )
    return text


def lasting_key(text: str) -> str:
    """A key that hashes are kept under, which a longer one would not know any more; one that is in use may be short."""
    if text.startswith(SHORT):
        return key(text.removeprefix(SHORT), least=1)
    try:
        return key(text)
    except ValueError as error:
        in_use = f"of an installation that has hashes under it already, keep it, written as {SHORT}KEY (a new one forgets them)"
        raise ValueError(f"{error}; {in_use}") from None


def among(*choices: str, or_none: bool = False) -> BeforeValidator:
    """A comma-separated list of some of ``choices``, each once; with ``or_none`` the word ``none`` stands for an empty one."""

    def read(text: str) -> tuple[str, ...]:
        if or_none and text.lower() == "none":
            return ()
        named = tuple(dict.fromkeys(name.lower() for name in names(text)))
        for name in named:
            if name not in choices:
                raise ValueError(f"names {name!r}", f"choose among {', '.join(choices)}{', or give none' if or_none else ''}")
        return named

    return BeforeValidator(read)


def one_of(*choices: str) -> BeforeValidator:
    """One of ``choices``."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"choose among {', '.join(choices)}")
        return text.lower()

    return BeforeValidator(read)


def url(text: str, *schemes: str) -> str:
    """A URL of one of ``schemes`` (default: http, https), without slashes at its end."""
    text = logins.encoded(text, logins.HTTP)
    split_url(text, *(schemes or ("http", "https")))
    return text.rstrip("/")


def base_url(text: str) -> str:
    """The URL of a host that is the pages' own, which can stand in a mail header."""
    text = url(text)
    parts = urlsplit(text)
    # A path would be shared with whatever else the host serves, and so would the cookies of logins (`__Host-` asks for "/").
    plain = not parts.path and text.isascii() and not re.search(r"[\s\"'<>\\^`{|}]", text) and is_host(parts.hostname or "")
    if not plain or parts.query or parts.fragment or "@" in parts.netloc or text.endswith(("?", "#")):
        mend = "give scheme and host only, such as https://papers.example.org: the pages need a host of their own, not a path"
        raise ValueError(f"is {shown(text)}" if _LOGIN_FREE.fullmatch(text) else "cannot be used", mend)
    return text


def domain(text: str) -> str:
    """A name in the ASCII form of a domain."""
    if not is_host(text):
        raise ValueError("give a domain such as example.org, in its ASCII form")
    return text


def address(text: str) -> str:
    """One mail address, with or without a name."""
    found = getaddresses([text])
    local, at, host = (found[0][1] if len(found) == 1 else "").rpartition("@")
    usable = local and at and is_host(host) and local.isascii() and not re.search(r"[\s<>@,;:\"]", local)
    if not usable or len(local) > 64:  # https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
        raise ValueError("give one mail address such as 'Papers <papers@example.org>'")
    return text


def split_url(text: str, *schemes: str) -> SplitResult:
    """Parses a URL; raises ValueError where scheme, host or port cannot be right."""
    # Without a host there is no telling what is a password.
    said = f"is {shown(text)}" if _LOGIN_FREE.fullmatch(text) else "cannot be used"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(said, f"host or port cannot be read; give a URL such as {schemes[0]}://host:1234") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(said, f"give a URL that starts with {' or '.join(scheme + '://' for scheme in schemes)}")
    return parts


def without_login(url: str) -> str:
    """``url`` as it may be shown: neither user nor password, wherever an ``@`` may stand in them."""
    return _LOGIN.sub(r"\1...@", url)


def shown(text: object) -> str:
    """``text`` in quotes, cut where it is absurdly long."""
    plain = str(text)
    return repr(plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}...")


Url = Annotated[str, BeforeValidator(url)]
BaseUrl = Annotated[str, BeforeValidator(base_url)]
Domain = Annotated[str, BeforeValidator(domain)]
Address = Annotated[str, BeforeValidator(address)]
Secret = Annotated[SecretStr, HIDDEN]
