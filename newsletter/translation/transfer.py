"""One HTTP exchange with an engine: time-outs, a bound on size, and the errors of ``requests`` turned into ours.

It knows no engine's format. The text of a request never stands in an error or a log line.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from newsletter.errors import PermanentError, TemporaryError

# (connect, read) in seconds.
TIME_OUT = (5.0, 20.0)
# A translation of 5,000 characters is far smaller; more is not one.
MOST_BYTES = 2_000_000
# Refused for now: 408 and 425 by HTTP, 403 and 406 where a provider shuts out an address for a while.
REFUSED_FOR_NOW = (408, 425, 429)


def exchange(
    method: str, url: str, *, engine: str, time_out: tuple[float, float] = TIME_OUT, **arguments: Any
) -> requests.Response:
    """The answer with a status below 300, its body read; ``arguments`` are those of ``requests.request``.

    Raises:
        TemporaryError: no connection, time-out, 408, 425, 429, 5xx (with the time of Retry-After), or an endless body.
        PermanentError: any other status, such as a refused key, text or language; or a URL that cannot be requested.
    """
    try:
        with requests.request(method, url, timeout=time_out, stream=True, **arguments) as response:
            _refuse(response, engine)
            body = bytearray()
            for part in response.iter_content(65_536):
                body += part
                if len(body) > MOST_BYTES:
                    raise TemporaryError(f"{engine} sent more than {MOST_BYTES} bytes")
            response._content = bytes(body)
            return response
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as error:
        raise PermanentError(f"{engine} has an address that cannot be requested: mend its URL") from error
    except requests.RequestException as error:
        raise TemporaryError(f"{engine} does not answer ({type(error).__name__})") from error


def _refuse(response: requests.Response, engine: str) -> None:
    status = response.status_code
    if status in REFUSED_FOR_NOW or status >= 500:
        raise TemporaryError(f"{engine} answered {status}", retry_after=retry_after(response.headers.get("Retry-After")))
    if not 200 <= status < 300:
        raise PermanentError(f"{engine} answered {status}")


def retry_after(text: str | None) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3); None where it holds neither."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds())
