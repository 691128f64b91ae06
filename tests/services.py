"""The real Services, put together for a test: a database of its own, a folder of its own, outside services on loopback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter import bootstrap
from newsletter.bootstrap import Services
from newsletter.daily import own_files
from newsletter.db import Database
from newsletter.operating.own_files import CATALOGUE
from newsletter.settings import Settings, load

SECRET = "a-test-secret-of-sufficient-length"


def services_over(database_url: str, folder: Path, **environ: str) -> Services:
    """Services over ``database_url`` with ``environ`` on top of settings that reach nothing outside."""
    return bootstrap.build(load(environment(database_url, folder) | environ))


def environment(database_url: str, folder: Path) -> dict[str, str]:
    """The settings of such services, as a process of its own finds them."""
    return {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder / "var"),
        "SECRET_KEY": SECRET,
        "SUPPRESSION_KEY": SECRET,
        "BASE_URL": "http://papers.example.org",
        "MAIL_FROM": "Paper Morning <papers@example.org>",
        "TRANSLATORS": "none",
        "ARXIV_API_URL": "http://127.0.0.1:9/api/query",
        "ARXIV_DELAY_SECONDS": "0",
    }


@dataclass(frozen=True, slots=True)
class _Joined(Database):
    """A database whose transactions are parts of one that is open: what fails is taken back alone, and nothing is committed."""

    session: Session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self.session.begin_nested():
            yield self.session

    def forget_old_pages(self, gone: str) -> bool:
        return True

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self.session


def within(session: Session, config: Settings) -> Services:
    """Services inside the open transaction of ``session``: for tests that look between steps, or take all of them back."""
    return Services(config, _Joined(session.get_bind().engine, session))


def give_own(services: Services, name: str, text: str) -> int:
    """Has ``services`` use an own file of an operator, and gives the number of the version."""
    now = dt.datetime.now(dt.UTC)
    return own_files.take(services, name, text.encode(), where="own.yaml", who="anna", note="by hand", now=now).number


def give_catalogue(services: Services, text: str) -> int:
    """Has ``services`` use this catalogue of an operator."""
    return give_own(services, CATALOGUE, text)
