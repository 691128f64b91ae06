"""Link scanners follow every link of a mail, and some run scripts: each of ours answers, and none of them changes anything."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path

import pytest

from newsletter.daily import send
from newsletter.subscribers import notices, rights
from newsletter.subscribers.links import Purpose, mint
from newsletter.values.mail import MailKind
from tests.conftest import missing
from tests.factories import a_letter_row, a_subscriber
from tests.services import within
from tests.smtp_sink import Sink, Taken
from tests.walk.browser import chromium, launched, page_of
from tests.web.conftest import NOW, Site, digest_of, site_on
from tests.web.serving import served

MAILS = 100
# Of links that are as like as their readers, so many or up to twice as many are opened again.
OF_A_PAGE = 12
LETTERS = (MailKind.CONFIRM, MailKind.PREFERENCES, MailKind.GOODBYE, MailKind.ADDRESS)


@dataclass(frozen=True)
class Mailed:
    """A site with a server in front of it, and the mails that it sent: HTML, text and the headers that hold links of each."""

    site: Site
    base_url: str
    mails: list[tuple[str, str, str]]

    @property
    def links(self) -> list[str]:
        """Every address of ours in all of them, each once."""
        plain = re.compile(r"https?://[^\s<>]+")
        found = (
            re.findall(r'href="([^"#]+)"', html) + plain.findall(text) + plain.findall(head) for html, text, head in self.mails
        )
        links = {unescape(link) for mail in found for link in mail}
        return sorted(link for link in links if link.startswith(self.base_url))

    def some_of_each_page(self) -> list[str]:
        """Hundreds of them are as like as their readers: a dozen or two of each page, from mails of every language."""
        by_page: dict[str, list[str]] = {}
        for link in self.links:
            by_page.setdefault(self.page_of(link), []).append(link)
        return [link for found in by_page.values() for link in found[:: 1 + len(found) // OF_A_PAGE]]

    def page_of(self, link: str) -> str:
        """The first part of the path: what the link is for."""
        return link.removeprefix(self.base_url).strip("/").split("/")[0]


def words_of(taken: Taken, kind: str) -> str:
    body = taken.message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def links_of_head(taken: Taken) -> str:
    return " ".join(str(value) for name, value in taken.message.items() if name.startswith("List-"))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _plan(site: Site) -> None:
    """One hundred mails of every kind; the site itself has planned a confirmation, three first digests and a goodbye."""
    services = site.services
    with services.database.transaction() as session:
        people = [
            a_subscriber(
                session,
                "3dgs",
                language=("en", "zh-CN", "ar")[n % 3],
                layout=("brief", "standard", "bilingual")[n % 3],
            )
            for n in range(90)
        ]
        states = {MailKind.CONFIRM: "pending", MailKind.GOODBYE: "unsubscribed"}
        for kind in LETTERS:
            a_letter_row(session, a_subscriber(session, "3dgs", state=states.get(kind, "confirmed")), kind)
        moving = a_subscriber(session, "3dgs", email="old@example.org")
        raw = mint(session, moving, Purpose.ADDRESS, now=NOW)
        rights.move(within(session, services.settings), raw, "new@example.org", now=NOW, origin="test")
        notices.plan_preferences(session, site.reader_id, settings=services.settings, now=NOW)
    # Each paper has two links for each reader, all of one kind: one paper in most mails, all of them in every tenth.
    for n, one in enumerate(people):
        digest_of(services, one, most=None if n % 10 == 0 else 1)


@pytest.fixture(scope="module")
def mailed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """One for all tests here: whatever follows its links is to change nothing."""
    folder = tmp_path_factory.mktemp("mailed")
    shutil.copy(sqlite_template, folder / "newsletter.db")
    port = _free_port()
    base_url = f"http://127.0.0.1:{port}"
    with Sink() as sink:
        site = site_on(f"sqlite:///{folder / 'newsletter.db'}", folder, SMTP_URL=sink.url, BASE_URL=base_url)
        _plan(site)
        send.drain(site.services, now=lambda: NOW + dt.timedelta(minutes=5))
        mails = [(*map(partial(words_of, taken), ("html", "plain")), links_of_head(taken)) for taken in sink.taken]
    with served(site.app, port):
        yield Mailed(site, base_url, mails)
    site.services.database.close()


def answer(site: Site, link: str, method: str) -> int:
    """The status that a scanner gets in the end, which keeps no cookie."""
    return site.client().open(link, method=method, follow_redirects=True).status_code


def test_every_link_of_ours_in_a_hundred_mails_answers_and_changes_nothing(mailed: Mailed) -> None:
    assert len(mailed.mails) >= MAILS
    pages = {mailed.page_of(link) for link in mailed.links}
    assert {"preferences", "unsubscribe", "view", "confirm", "address"} <= pages
    before = mailed.site.rows()
    asked = [("GET", link) for link in mailed.links] + [("HEAD", link) for link in mailed.some_of_each_page()]
    refused = {(method, link): got for method, link in asked if (got := answer(mailed.site, link, method)) != 200}
    assert refused == {}
    assert mailed.site.rows() == before


@pytest.mark.browser
def test_a_scanner_that_runs_scripts_changes_nothing_with_any_kind_of_link(mailed: Mailed) -> None:
    if chromium() is None:
        missing("Chromium")
    links = mailed.some_of_each_page()
    before = mailed.site.rows()
    posted: list[str] = []
    with launched() as browser, page_of(browser) as page:
        # What a page sends by itself counts even where nothing comes of it.
        page.on("request", lambda asked: posted.append(f"{asked.method} {asked.url}") if asked.method != "GET" else None)
        for link in links:
            page.goto(link, wait_until="load")
        page.wait_for_timeout(500)
    assert posted == []
    assert mailed.site.rows() == before
