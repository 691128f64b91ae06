"""What `newsletter run` tells a person: the addresses once the pages answer, and what is new in one line."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.settings import Settings

PATIENCE_SECONDS = 30
LOOK_SECONDS = 1.0
# One line for the person at the start; "" where there is nothing to tell, None where that is not known yet.
News = Callable[[Database], str | None]


@dataclass(frozen=True, slots=True)
class Ready:
    """``address`` is where the pages are served on this machine, which BASE_URL may show differently to the outside."""

    address: str
    settings: Settings


def wait_until_ready(ready: Ready) -> Iterator[None]:
    """Asks /readyz at each step; ends when it says yes and the addresses are told. Tells once when that takes too long."""
    deadline: float | None = time.monotonic() + PATIENCE_SECONDS
    while (problem := _problem(f"{ready.address}/readyz")) is not None:
        if deadline and time.monotonic() > deadline:
            say(f"Not ready after {PATIENCE_SECONDS} s: {problem}. Still trying; the lines above may tell why.")
            deadline = None
        yield
    say("\n".join(_addresses(ready)))


def tell_news(database: Database, news: News) -> Iterator[None]:
    """Asks ``news`` now and then until it knows what to tell, and tells it."""
    looked = 0.0
    line: str | None = None
    while line is None:
        if time.monotonic() - looked >= LOOK_SECONDS:
            looked = time.monotonic()
            with suppress(TemporaryError):
                line = news(database)
        yield
    if line:
        say(line)


def say(text: str) -> None:
    """Lines for the person who started the service."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _problem(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - an address of our own
            return None if answer.status == 200 else f"/readyz answers {answer.status}"
    except urllib.error.HTTPError as error:
        return f"/readyz answers {error.code}: {error.read(300).decode('utf-8', 'replace').strip()}"
    except OSError as error:
        return f"the pages do not answer ({error})"


def _addresses(ready: Ready) -> list[str]:
    lines = ["", f"Ready.    Sign up:  {ready.address}/"]
    if ready.settings.local_inbox:
        lines.append(f"          Inbox:    {ready.address}/inbox   (SMTP_URL is not set: mail goes here)")
    lines.append(f"          Admin:    {ready.address}/admin   (make a login with: newsletter admin create NAME)")
    if ready.settings.base_url != ready.address:
        lines.append(f"          Outside:  {ready.settings.base_url}/")
    return [*lines, "          Ctrl-C ends everything."]
