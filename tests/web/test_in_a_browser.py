"""What only a browser shows: a scanner with scripts confirms nothing, the browser of the sign-up confirms by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from newsletter.subscribers.store import subscribers
from tests.conftest import missing
from tests.walk.browser import chromium, launched
from tests.web.conftest import Site, confirm_link
from tests.web.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
def address(small_site: Site) -> Iterator[str]:
    with served(small_site.app) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


def state_of(site: Site, email: str) -> str:
    with site.services.database.reading() as session:
        found = subscribers.subscriber_by_key(session, email)
    assert found is not None
    return str(found.state)


def test_only_the_browser_that_signed_up_confirms_by_itself(small_site: Site, address: str, browser: Browser) -> None:
    scanner = browser.new_page()
    scanner.goto(f"{address}/confirm/{small_site.confirm}")
    scanner.wait_for_timeout(500)
    assert state_of(small_site, "waiting@example.org") == "pending"
    page = browser.new_context(timezone_id="Asia/Brunei", locale="en").new_page()
    page.goto(address)
    # A city that few know: the list is completed for it.
    expect(page.locator("#timezone")).to_have_value("Asia/Brunei")
    page.fill("#find", "splat")
    page.locator("#found-told").wait_for()
    assert page.locator("#topics input[name=topics]:visible").count() == 1
    page.check("input[value='3dgs']")
    page.fill("#email", "new@example.org")
    page.click("form.signup .address button")
    page.wait_for_url("**/subscribe")
    page.goto(f"{address}/confirm/{confirm_link(small_site.services, 'new@example.org')}")
    page.wait_for_selector("a[href^='/preferences/']")
    assert state_of(small_site, "new@example.org") == "confirmed"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_is_wider_than_a_small_phone(small_site: Site, address: str, browser, language: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_context(viewport={"width": 320, "height": 700}).new_page()
    token = small_site.reader
    for path in (
        "/",
        "/archive",
        "/archive/2026-06-26",
        "/papers/2606.26101",
        "/topics/3dgs",
        f"/preferences/{token}",
        "/link",
        "/admin/login",
    ):
        page.goto(f"{address}{path}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_topics_are_found_and_ticked_by_keyboard_and_their_number_is_told(
    small_site: Site, address: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/?lang=zh-CN")
    page.focus("#find")
    page.keyboard.type("splat")
    page.keyboard.press("Enter")
    page.locator("#found-told").wait_for()
    assert page.locator("#found-told").text_content() == "有 1 个主题符合“splat”。", "also by the English name"
    assert page.locator("#topics input[name=topics]:visible").count() == 1
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "3dgs":
            break
    page.keyboard.press("Space")
    assert page.is_checked("input[value='3dgs']")
    page.locator("#preview-status", has_text="3").wait_for(state="attached")
    assert page.locator("#sum").text_content() == "1 个主题 · 每天约 3 篇"
    page.fill("#find", "量子物理")
    page.check("#found input[value='quant-ph']")
    page.fill("#find", "≈")
    page.locator("#found-told", has_text="≈").wait_for()
    assert page.locator("#found-told").text_content() == "没有名为“≈”的主题。论文是英文的，请用英文词搜索。"
    assert page.is_checked("#chosen input[value='quant-ph']"), "what was ticked stays when something else is looked for"
    page.close()


@pytest.mark.parametrize("script", [True, False])
def test_enter_in_a_field_presses_the_button_of_the_form(small_site: Site, address: str, browser, script: bool) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_context(java_script_enabled=script).new_page()
    page.goto(address)
    page.check("input[value='3dgs']")
    page.fill("#email", "reader3@example.org")
    page.press("#email", "Enter")
    page.wait_for_url("**/subscribe")
    assert state_of(small_site, "reader3@example.org") == "pending"
    page.goto(f"{address}/preferences/{small_site.reader}")
    page.click("#amount summary")
    page.press("#max_papers", "Enter")
    page.wait_for_url("**saved=1")
