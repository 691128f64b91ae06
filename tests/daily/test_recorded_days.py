"""Over recorded days of arXiv, played by a server that fails in four ways: all papers are stored, none twice, no failure untold."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.bootstrap import Services
from newsletter.daily import fetch
from newsletter.papers.store.papers import SAMPLE
from newsletter.tables.papers import PaperRow
from newsletter.text.identifiers import canonical_category
from tests.services import give_catalogue
from tests.waiting import PATIENCE, wait_until
from tests.walk.service import free_port

FAULTS = ("--http503", "0.3", "--http429", "0.1", "--empty-page", "0.2", "--drop", "0.1")
OLD_DAY = dt.date(2025, 6, 18)
MOST_FETCHES = 40


@pytest.fixture
def recorded(shared_data: Path) -> dict[str, dict[str, Any]]:
    """The recorded papers by ref."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((shared_data / "arxiv").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                found.setdefault(paper["id"], paper)
    return found


@pytest.fixture
def replayed(shared_data: Path) -> Iterator[str]:
    """The address of a server that plays arXiv from the recorded papers."""
    script = shared_data.parent / "tools" / "replay.py"
    if not script.is_file():
        pytest.skip("no script that plays arXiv from recorded papers")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-u", script, "--port", str(port), "--seed", "5", *FAULTS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
        return True
    return False


def at_noon(url: str, day: dt.date) -> dt.datetime:
    """Moves the server's clock to noon of ``day``, and gives that time."""
    now = dt.datetime.combine(day, dt.time(12), dt.UTC)
    with urllib.request.urlopen(f"{url}/_now?at={now:%Y-%m-%dT%H:%M:%SZ}", timeout=PATIENCE):
        return now


def stored(services: Services) -> dict[str, int]:
    """The numbers of the stored papers by ref; fails where a ref stands twice."""
    with services.database.reading() as session:
        rows = session.execute(select(PaperRow.ref, PaperRow.number).where(PaperRow.source != SAMPLE)).all()
    assert len({ref for ref, _ in rows}) == len(rows)
    return {row.ref: row.number for row in rows}


def test_every_recorded_paper_is_stored_once_and_no_failure_is_untold(
    recorded: dict[str, dict[str, Any]], replayed: str, sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    categories = sorted({canonical_category(paper["categories"][0]) for paper in recorded.values()})
    services = make_services(sqlite_url, ARXIV_API_URL=f"{replayed}/api/query", ARXIV_FEED_URL=f"{replayed}/rss")
    names = "{en: All, zh-CN: 全, zh-TW: 全, ja: 全}"
    entry = f"- slug: all\n  names: {names}\n  means: All.\n  categories: [{', '.join(categories)}]\n  strong: [the]\n"
    give_catalogue(services, entry)
    days = {ref: dt.date.fromisoformat(paper["announced"]) for ref, paper in recorded.items()}
    numbers: dict[str, int] = {}
    for day in sorted(set(days.values()) - {OLD_DAY}):
        visible = {ref for ref, announced in days.items() if OLD_DAY < announced <= day}
        now = at_noon(replayed, day)
        for _ in range(MOST_FETCHES):
            report = fetch.fetch(services, now=now, attempts=2)
            there = stored(services)
            assert all(there[ref] == number for ref, number in numbers.items()), "a stored paper became new"
            numbers = there
            assert report.problem or not visible - there.keys(), "a failure that was not healed is told"
            if not report.problem:
                break
        assert not visible - there.keys()
    for _ in range(MOST_FETCHES):
        if not fetch.fetch(services, now=now, since=OLD_DAY - dt.timedelta(days=7), until=OLD_DAY, attempts=2).problem:
            break
    assert not recorded.keys() - stored(services).keys()
