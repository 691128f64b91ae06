"""The messages of `newsletter run`: where the data is, the addresses once the pages answer, and one line of news.

How they are shown is decided by `screen`.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.operating import setup_token, start_checks
from newsletter.operating.log_files import FOLDER
from newsletter.operating.screen import Line, Screen
from newsletter.settings import Settings
from newsletter.text.model_weights import ADDS, folder, install_command

PATIENCE_SECONDS = 30
LOOK_SECONDS = 1.0
# One line of news for the start; "" where there is none, None where that is not known yet.
StartNews = Callable[[Database], str | None]
# Prepares a database that is at the newest form, before anything else uses it; gives lines to show.
Prepare = Callable[[Settings], list[str]]
# Fills a new database: gets the settings, a function to report progress to, and one that says whether to stop. Gives the words
# on how to log in.
FillDatabase = Callable[[Settings, Callable[[str], None], Callable[[], bool]], str]


@dataclass(frozen=True, slots=True)
class RunProfile:
    """How `run` and `demo` differ: the ``news`` of the start, what ``prepare``s or ``fill``s the database, and ``notes`` to show.

    ``about`` stands behind the data folder, ``mails`` behind the address of the local inbox.
    """

    news: StartNews
    about: str = "set DATA_DIR to keep it elsewhere; logs are in its log/"
    mails: str = "SMTP_URL is not set: mail goes here"
    notes: tuple[str, ...] = ()
    prepare: Prepare = lambda _: []
    fill: FillDatabase | None = None


@dataclass(frozen=True, slots=True)
class StartedService:
    """``address`` is where the pages are served on this machine; BASE_URL may be another one, for the outside.

    ``login`` says how to log in as an operator, "" where there may be no login yet.
    """

    address: str
    settings: Settings
    profile: RunProfile
    login: str


def where_data_lives(settings: Settings, about: str) -> Line:
    """The first line: the folder, and the database where it is elsewhere."""
    url = settings.database_url.get_secret_value()
    inside = url == f"sqlite:///{settings.data_dir / 'newsletter.db'}"
    database = "" if inside else f"   Database: {start_checks.without_password(url)}"
    return [("Data:", "bold"), f"     {settings.data_dir}", (f"   ({about})", "dim"), database]


def announce_start(started: StartedService, database: Database, screen: Screen) -> Iterator[None]:
    """Waits for /readyz, shows the addresses, then waits for news and shows them; each step asks once and never blocks long.

    Says so once where the pages are not ready in time.
    """
    deadline: float | None = time.monotonic() + PATIENCE_SECONDS
    while (problem := problem_of_pages(started.address)) is not None:
        if deadline and time.monotonic() > deadline:
            logs = started.settings.data_dir / FOLDER
            screen.show(f"Not ready after {PATIENCE_SECONDS} s: {problem}. Still trying; the logs in {logs} may tell why.")
            deadline = None
        yield
    screen.spinner("")
    screen.show(*_addresses(started))
    yield from _show_news(database, started.profile.news, screen)


def _show_news(database: Database, news: StartNews, screen: Screen) -> Iterator[None]:
    line: str | None = None
    looked = 0.0
    while line is None:
        if time.monotonic() - looked >= LOOK_SECONDS:
            with suppress(TemporaryError):
                line = news(database)
            if not looked and line is None:
                screen.spinner("Fetching the first papers; you can sign up meanwhile")
            looked = time.monotonic()
        yield
    screen.spinner("")
    if line:
        screen.show(line)


def problem_of_pages(address: str) -> str | None:
    """Why the pages at ``address`` are not ready; None where they are. Takes a second at most."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=1) as answer:  # noqa: S310 - an address of our own
            return None if answer.status == 200 else f"/readyz answers {answer.status}"
    except urllib.error.HTTPError as error:
        return f"/readyz answers {error.code}: {error.read(300).decode('utf-8', 'replace').strip()}"
    except OSError as error:
        return f"the pages do not answer ({error})"


def _command() -> str:
    """How the command is called from here: it is on PATH only where somebody put it there."""
    return "newsletter" if shutil.which("newsletter") else os.path.relpath(Path(sys.executable).with_name("newsletter"))


def _addresses(started: StartedService) -> list[Line]:
    login = started.login or f"make a login with: {_command()} admin create NAME"
    lines: list[Line] = ["", [("Ready.", "bold green"), *_address("   Sign up:", f"{started.address}/")]]
    if started.settings.local_inbox:
        lines.append(_address("         Inbox:  ", f"{started.address}/inbox", started.profile.mails))
    lines.append(_address("         Admin:  ", f"{started.address}/admin", login))
    if offered := setup_token.standing(started.settings.data_dir):
        note = f"to mail real people, step by step; on this machine only, until there is a login. Or: {_command()} setup"
        lines.append(_address("         Set up: ", f"{started.address}/setup/{offered.token}", note))
    elif started.settings.local_inbox and not started.login:
        lines.append([(f"          To mail real people: {_command()} setup leads there, step by step.", "dim")])
    if not started.login and folder() is None:
        lines.append([(f"          Extra topic model: {ADDS}: {install_command()}", "dim")])
    if started.settings.base_url != started.address:
        lines.append(_address("         Outside:", f"{started.settings.base_url}/"))
    return [*lines, [("          Ctrl-C ends everything.", "dim")]]


def _address(what: str, address: str, note: str = "") -> list[str | tuple[str, str]]:
    return [f" {what}  ", (address, "cyan"), (f"   ({note})" if note else "", "dim")]
