"""What `newsletter run` tells a person: where the data lives, the addresses once the pages answer, and in one line what is new.

How it is shown is the matter of `screen`.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.operating import start_checks
from newsletter.operating.logs import FOLDER
from newsletter.operating.screen import Line, Screen
from newsletter.settings import Settings

PATIENCE_SECONDS = 30
LOOK_SECONDS = 1.0
# One line for the person at the start; "" where there is nothing to tell, None where that is not known yet.
News = Callable[[Database], str | None]
# Fills a new database; is given a way to tell what it is at, and one to ask whether to stop. Gives a login, in words.
Fill = Callable[[Settings, Callable[[str], None], Callable[[], bool]], str]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a run is for: the ``news`` of its start; what ``fill``s its database; ``notes`` at the start, in words.

    ``about`` tells of the data, ``mails`` of the local inbox.
    """

    news: News
    about: str = "set DATA_DIR to keep it elsewhere; logs are in its log/"
    mails: str = "SMTP_URL is not set: mail goes here"
    notes: tuple[str, ...] = ()
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """``address`` is where the pages are served on this machine, which BASE_URL may show differently to the outside.

    ``login`` says how to log in as an operator, empty where there may be none yet.
    """

    address: str
    settings: Settings
    occasion: Occasion
    login: str


def where_data_lives(settings: Settings, about: str) -> Line:
    """The first line: the folder, and the database where it is elsewhere."""
    url = settings.database_url.get_secret_value()
    inside = url == f"sqlite:///{settings.data_dir / 'newsletter.db'}"
    database = "" if inside else f"   Database: {start_checks.without_password(url)}"
    return [("Data:", "bold"), f"     {settings.data_dir}", (f"   ({about})", "dim"), database]


def tell(ready: Ready, database: Database, screen: Screen) -> Iterator[None]:
    """At each step asks /readyz until it says yes, and tells the addresses; then asks for news until there is something to tell.

    Tells once when the first takes too long.
    """
    deadline: float | None = time.monotonic() + PATIENCE_SECONDS
    while (problem := _problem(f"{ready.address}/readyz")) is not None:
        if deadline and time.monotonic() > deadline:
            logs = ready.settings.data_dir / FOLDER
            screen.say(f"Not ready after {PATIENCE_SECONDS} s: {problem}. Still trying; the logs in {logs} may tell why.")
            deadline = None
        yield
    screen.working("")
    screen.say(*_addresses(ready))
    yield from _tell_news(database, ready.occasion.news, screen)


def _tell_news(database: Database, news: News, screen: Screen) -> Iterator[None]:
    line: str | None = None
    looked = 0.0
    while line is None:
        if time.monotonic() - looked >= LOOK_SECONDS:
            with suppress(TemporaryError):
                line = news(database)
            if not looked and line is None:
                screen.working("Fetching the first papers; you can sign up meanwhile")
            looked = time.monotonic()
        yield
    screen.working("")
    if line:
        screen.say(line)


def _problem(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - an address of our own
            return None if answer.status == 200 else f"/readyz answers {answer.status}"
    except urllib.error.HTTPError as error:
        return f"/readyz answers {error.code}: {error.read(300).decode('utf-8', 'replace').strip()}"
    except OSError as error:
        return f"the pages do not answer ({error})"


def _addresses(ready: Ready) -> list[Line]:
    login = ready.login or "make a login with: newsletter admin create NAME"
    lines: list[Line] = ["", [("Ready.", "bold green"), *_address("   Sign up:", f"{ready.address}/")]]
    if ready.settings.local_inbox:
        lines.append(_address("         Inbox:  ", f"{ready.address}/inbox", ready.occasion.mails))
    lines.append(_address("         Admin:  ", f"{ready.address}/admin", login))
    if ready.settings.base_url != ready.address:
        lines.append(_address("         Outside:", f"{ready.settings.base_url}/"))
    return [*lines, [("          Ctrl-C ends everything.", "dim")]]


def _address(what: str, address: str, note: str = "") -> list[str | tuple[str, str]]:
    return [f" {what}  ", (address, "cyan"), (f"   ({note})" if note else "", "dim")]
