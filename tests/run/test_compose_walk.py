"""The walk through the composed service: PostgreSQL, Redis, gunicorn, sender, worker and scheduler, each by its own command."""

from __future__ import annotations

import datetime as dt
import urllib.request
from collections.abc import Iterator

import pytest

from newsletter.db import connect
from newsletter.operating.migrate import migrate, pending
from newsletter.subscribers import import_export
from tests.conftest import missing
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.run.conftest import OURS, Composed, end, start
from tests.services import services_over
from tests.smtp_sink import Taken
from tests.translation.engines.fake_engines import FakeEngines
from tests.waiting import PATIENCE, wait_until
from tests.walk import browser, journey, papers

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def outside() -> Iterator[dict[str, str]]:
    engines = FakeEngines()
    engines.start()
    with FakeArxiv(papers.announced(dt.datetime.now(dt.UTC))) as arxiv_url:
        yield {"ARXIV_API_URL": arxiv_url, "LIBRETRANSLATE_URL": engines.libre_url, "TRANSLATORS": "libre"}
    engines.stop()


# The form of the database that the upgrade begins with.
BEFORE = "0031"

WALKER = journey.Reader("walker@example.org", ("nerf", "3dgs", "llm"), "ja")


def test_the_services_carry_a_reader_from_an_empty_volume_to_the_digest_and_their_database_through_an_upgrade(
    composed: Composed,
) -> None:
    """One story, because each start of all services takes ten seconds of a processor."""
    mail = a_new_reader_walks(composed)
    end(composed)
    somebody_comes_before_the_upgrade(composed)
    start(composed)
    database = connect(composed.database_url)
    assert not pending(database)
    database.close()
    wait_until(lambda: composed.sink.to("reader@example.org"))
    for name in OURS[1:-1]:
        assert composed.processes[name].poll() is None, composed.log_of(name)
    assert len(composed.sink.to("reader@example.org")) == 1, "who was there before gets a digest"
    assert len(composed.sink.to(WALKER.email)) == 2, "who had today's gets no other"
    they_leave(composed, mail)


def somebody_comes_before_the_upgrade(composed: Composed) -> None:
    """Brings the database, with what the walk left in it, into its form of the version before."""
    services = services_over(composed.database_url, composed.logs / "before")
    lines = ["email,topics,language,timezone,hour,status\n", "reader@example.org,3d;llm,en,UTC,0,confirmed\n"]
    now = dt.datetime.now(dt.UTC)
    import_export.import_csv(services, lines, consent="asked", known=services.catalogue.by_slug.keys(), now=now)
    migrate(services.database, revision=BEFORE)
    services.database.close()


def a_new_reader_walks(composed: Composed) -> Taken:
    """From the form to the digest, which is given."""
    if browser.chromium() is None:
        missing("Chromium")
    with browser.launched() as chromium, browser.page_of(chromium) as page:
        journey.wait_for_papers(page, composed.base_url, 3)
        journey.sign_up(page, composed.base_url, WALKER)
        journey.confirm(page, composed.sink, WALKER, button=False)
        mail = journey.digest(composed.sink, WALKER, count=2)
    html, text = part_of(mail, "html"), part_of(mail, "plain")
    assert 'lang="ja"' in html
    for ref in ("2606.00001", "2606.00002", "2606.00003"):
        assert html.count(f'href="https://arxiv.org/pdf/{ref}') == 1, "each paper once"
    assert "2606.00008" not in html, "a paper of no chosen topic"
    assert "2606.00009" not in html, "a paper of the announcement before"
    assert "libre" in html.lower(), "the mail says which engine translated"
    assert "n²" in text, "a simple formula is shown in Unicode"
    assert "https://github.com/example/splatpose" in html
    return mail


def part_of(mail: Taken, kind: str) -> str:
    body = mail.message.get_body((kind,))
    assert body is not None
    return body.get_content()


def they_leave(composed: Composed, mail: Taken) -> None:
    """Unsubscribes by RFC 8058 as a mail program does, without a cookie, by a mail from before the upgrade."""
    url = str(mail.message["List-Unsubscribe"]).strip("<>")
    assert url.startswith(composed.base_url)
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for _ in range(2):
        request = urllib.request.Request(url, data=b"List-Unsubscribe=One-Click", method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 200
            assert answer.url == url, "an answer to a mail program never redirects"
    goodbye = journey.digest(composed.sink, WALKER, count=3)
    assert goodbye.message["List-Unsubscribe-Post"] is None
