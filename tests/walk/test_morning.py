"""The morning digest, end to end: real processes, a real browser, real SMTP, the real clients of arXiv and LibreTranslate."""

from __future__ import annotations

import datetime as dt
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.smtp_sink import Sink, Taken
from tests.translation.engines.fake_engines import FakeEngines
from tests.waiting import PATIENCE
from tests.walk import browser, journey, papers, service

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _needs_a_browser() -> None:
    if browser.chromium() is None:
        missing("Chromium")


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
READER = journey.Reader("reader@example.org", ("nerf", "3dgs", "llm"), "zh-CN")


def run(folder: Path, environ: dict[str, str], *arguments: str) -> None:
    """Runs `newsletter ARGUMENTS`, which must succeed."""
    done = service.command(*arguments, environ=environ, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def text_of(mail: Taken) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return body.get_content()


def html_of(mail: Taken) -> str:
    body = mail.message.get_body(("html",))
    assert body is not None
    return body.get_content()


# On SQLite `test_journeys` walks, with and without scripts.
@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_sign_up_confirm_and_read_the_papers_of_the_last_announcement(
    tmp_path: Path, environ: dict[str, str], sink: Sink
) -> None:
    run(tmp_path, environ, "fetch")
    with (
        service.running(tmp_path, environ) as base_url,
        browser.launched() as chromium,
        browser.page_of(chromium, width=360, javascript=False) as page,
    ):
        journey.sign_up(page, base_url, READER)
        journey.confirm(page, sink, READER, button=True)
        mail = journey.digest(sink, READER, count=2)
        html, text = html_of(mail), text_of(mail)
        for ref in ("2606.00001", "2606.00002", "2606.00003"):
            assert html.count(f'href="https://arxiv.org/pdf/{ref}') == 1, "each paper once"
        assert "2606.00008" not in html, "a paper of no chosen topic"
        assert "2606.00009" not in html, "a paper of the announcement before"
        assert 'lang="zh-CN"' in html
        assert "libre" in html.lower(), "the mail says which engine translated"
        assert "n²" in text, "a simple formula is shown in Unicode"
        assert "https://github.com/example/splatpose" in html
        _leave(base_url, mail, sink)


def _leave(base_url: str, mail: Taken, sink: Sink) -> None:
    """Unsubscribes by RFC 8058 as a mail program does, without a cookie."""
    url = str(mail.message["List-Unsubscribe"]).strip("<>")
    assert url.startswith(base_url)
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for _ in range(2):
        request = urllib.request.Request(url, data=b"List-Unsubscribe=One-Click", method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 200
            assert answer.url == url, "an answer to a mail program never redirects"
    goodbye = journey.digest(sink, READER, count=3)
    assert goodbye.message["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_imported_subscribers_get_one_digest_each_and_a_second_run_sends_none(
    tmp_path: Path, environ: dict[str, str], sink: Sink
) -> None:
    languages = ("en", "zh-CN", "ja")
    rows = [f"r{n}@example.org,{'nerf;llm' if n % 2 else '3dgs'},{languages[n % 3]},UTC,0,confirmed" for n in range(PEOPLE)]
    people = tmp_path / "people.csv"
    people.write_text("email,topics,language,timezone,hour,status\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run(tmp_path, environ, "subscribers", "import", str(people), "--consent", "asked at the desk")
    assert sink.taken == [], "an import sends no mail"
    for _ in range(2):
        run(tmp_path, environ, "daily")
        assert len(sink.taken) == len({taken.recipient for taken in sink.taken}) == PEOPLE
