"""A reader's way through the service, from the form to the first digest, as one browser and one mailbox see it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.smtp_sink import Sink, Taken
from tests.waiting import PATIENCE, wait_until


@dataclass(frozen=True)
class Reader:
    """Who walks: what they type and choose."""

    email: str
    topics: tuple[str, ...]
    language: str


def sign_up(page: Page, base_url: str, reader: Reader) -> None:
    """Fills the form of the front page and sends it."""
    page.goto(base_url + "/")
    page.fill("input[name=email]", reader.email)
    assert page.locator("input[name=topics]:checked").count() == 0, "a topic is ticked before anybody chose it"
    for topic in reader.topics:
        tick(page, topic)
    page.select_option("select[name=language]", reader.language)
    page.click("form[action$='/subscribe'] .address button")
    page.wait_for_load_state()


def tick(page: Page, topic: str) -> None:
    """Ticks a topic; on a phone its group is unfolded first."""
    box = page.locator(f"input[name=topics][value='{topic}']")
    if not box.is_visible():
        box.locator("xpath=ancestor::details/summary").click()
    box.check()


def links_in(taken: Taken, part: str) -> list[str]:
    """The links of the text part that hold ``part``, in order."""
    body = taken.message.get_body(("plain",))
    assert body is not None
    return [link for link in re.findall(r"https?://[^\s<>\"')\]]+", body.get_content()) if part in link]


def confirm(page: Page, sink: Sink, reader: Reader, *, button: bool) -> None:
    """Waits for the confirmation mail and opens its link; presses the button where the page does not post by itself."""
    mail = _newest(sink, reader)
    page.goto(links_in(mail, "/confirm/")[0])
    if button:
        page.click("main button[type=submit]")
    page.locator("main a[href^='/preferences/']").wait_for()


def digest(sink: Sink, reader: Reader, *, count: int) -> Taken:
    """Waits until ``count`` mails came to the reader and gives the last: the digest."""
    return _newest(sink, reader, count=count)


def _newest(sink: Sink, reader: Reader, *, count: int = 1) -> Taken:
    wait_until(lambda: len(sink.to(reader.email)) >= count)
    mails = sink.to(reader.email)
    assert len(mails) >= count, f"{len(mails)} of {count} mails to the reader"
    return mails[-1]


def wait_for_papers(page: Page, base_url: str, count: int) -> None:
    """Waits until the newest page of the archive lists ``count`` papers or more."""
    deadline = time.monotonic() + PATIENCE
    found = 0
    while time.monotonic() < deadline:
        page.goto(base_url + "/archive")
        days = [str(one.get_attribute("href")) for one in page.locator("main a[href*='/archive/20']").all()]
        if days:
            page.goto(base_url + max(days))
            found = page.locator("main a[href*='/papers/']").count()
            if found >= count:
                return
        time.sleep(0.5)
    raise AssertionError(f"{found} papers in the archive")
