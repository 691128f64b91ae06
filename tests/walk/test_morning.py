"""The morning digest of many, end to end: the real command, real SMTP, the real clients of arXiv and LibreTranslate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forked import Commands
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.smtp_sink import Sink
from tests.translation.engines.fake_engines import FakeEngines
from tests.walk import papers, service


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def environ(tmp_path: Path, database_url: str, redis_url: str, sink: Sink) -> Iterator[dict[str, str]]:
    """The outside on loopback; database and Redis are the test's own, and real."""
    engines = FakeEngines()
    engines.start()
    with FakeArxiv(papers.announced(dt.datetime.now(dt.UTC))) as arxiv_url:
        yield service.settings_for(
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            SMTP_URL=sink.url,
            ARXIV_API_URL=arxiv_url,
            ARXIV_DELAY_SECONDS="0",
            LIBRETRANSLATE_URL=engines.libre_url,
            TRANSLATORS="libre",
        )
    engines.stop()


# More than are sent over one connection.
PEOPLE = 120


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_imported_subscribers_get_one_digest_each_and_a_second_run_sends_none(
    commands: Commands, tmp_path: Path, environ: dict[str, str], sink: Sink
) -> None:
    def run(*words: str) -> None:
        done = commands.run(tmp_path, *words, **environ)
        assert done.returncode == 0, done.stdout + done.stderr

    languages = ("en", "zh-CN", "ja")
    rows = [f"r{n}@example.org,{'nerf;llm' if n % 2 else '3dgs'},{languages[n % 3]},UTC,0,confirmed" for n in range(PEOPLE)]
    people = tmp_path / "people.csv"
    people.write_text("email,topics,language,timezone,hour,status\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run("subscribers", "import", str(people), "--consent", "asked at the desk")
    assert sink.taken == [], "an import sends no mail"
    for _ in range(2):
        run("daily")
        assert len(sink.taken) == len({taken.recipient for taken in sink.taken}) == PEOPLE
