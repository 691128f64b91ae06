"""Reads what all clients need of a response: a body of limited size and time, and Retry-After."""

from __future__ import annotations

import datetime as dt
import re
import time
from email.utils import parsedate_to_datetime

import requests

from newsletter.errors import TemporaryError


def whole_body(response: requests.Response, *, name: str, longest: int, seconds: float) -> bytes:
    """The body of a streamed response of the service ``name``: at most ``longest`` bytes, within ``seconds``.

    A body that comes in small pieces never meets the read time-out.
    Raises: TemporaryError where it has no end within these limits.
    """
    body = bytearray()
    deadline = time.monotonic() + seconds
    for piece in response.iter_content(65_536):
        body += piece
        if len(body) > longest or time.monotonic() > deadline:
            raise TemporaryError(f"{name}'s answer does not come to an end")
    return bytes(body)


def retry_after(text: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or as a date; None where there is none to be read.

    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    text = (text or "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    now = dt.datetime.now(dt.UTC)
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now).total_seconds())
