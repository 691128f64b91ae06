"""Pages are published by themselves once the papers of a fetch have been looked at for translation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter import scheduler
from newsletter.archive.formats import registry
from newsletter.bootstrap import Services
from newsletter.errors import InputError, SettingsError
from newsletter.operating import state
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.papers import FetchRecord
from tests.archive.bringing import NOW, bring
from tests.archive.list_pages import README

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def services(make_services: Callable[..., Services], sqlite_url: str, tmp_path: Path) -> Services:
    return make_services(sqlite_url, PUBLISH_DIR=str(tmp_path / "pages"), PUBLISH_CLASSIC="yes")


def fetched(services: Services, at: dt.datetime) -> None:
    with services.database.transaction() as session:
        record = FetchRecord("arxiv", at, at, at.date(), at.date(), found=1, new=1, updated=0)
        papers_store.record_fetch(session, record)


def translated(services: Services, at: dt.datetime) -> None:
    with services.database.transaction() as session:
        state.TRANSLATION_ENDED_AT.write(session, at, now=at)


def test_pages_are_due_once_after_each_fetch_whose_papers_were_looked_at(services: Services) -> None:
    bring(services, README, "mine")
    assert not scheduler.publishing_is_due(services), "nothing was fetched"
    fetched(services, NOW)
    translated(services, NOW - HOUR)
    assert not scheduler.publishing_is_due(services), "the look was before the fetch"
    translated(services, NOW + HOUR)
    assert scheduler.publishing_is_due(services)
    registry.publish_by_itself(services, now=NOW + HOUR)
    assert not scheduler.publishing_is_due(services)
    fetched(services, NOW + 2 * HOUR)
    translated(services, NOW + 3 * HOUR)
    assert scheduler.publishing_is_due(services)


def test_what_is_published_by_itself_says_today(services: Services, tmp_path: Path) -> None:
    bring(services, README, "mine")
    registry.publish_by_itself(services, now=NOW)
    assert "## Updated on 2026.06.25\n" in (tmp_path / "pages" / "mine.md").read_text(encoding="utf-8")


def test_what_fails_waits_for_the_next_fetch(services: Services, tmp_path: Path) -> None:
    fetched(services, NOW)
    translated(services, NOW + HOUR)
    with pytest.raises(InputError, match="newsletter fetch"):
        registry.publish_by_itself(services, now=NOW + HOUR)
    assert not scheduler.publishing_is_due(services)


def test_without_a_folder_nothing_is_published(make_services: Callable[..., Services], sqlite_url: str) -> None:
    services = make_services(sqlite_url)
    fetched(services, NOW)
    translated(services, NOW + HOUR)
    assert not scheduler.publishing_is_due(services)
    assert registry.publish_by_itself(services, now=NOW) is None


def test_a_format_that_nobody_knows_stops_the_start(make_services: Callable[..., Services], sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLISH_FORMAT is 'wiki'"):
        make_services(sqlite_url, PUBLISH_FORMAT="wiki")
