"""Editors in Chromium: what another changed beside a conflict stays, and long words make no page wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from newsletter.collection.store import nodes as nodes_store
from tests.axe import bring_axe, report
from tests.conftest import missing
from tests.walk.browser import chromium, launched
from tests.web import serving
from tests.web.conftest import Site, site_on
from tests.web.editors.test_editors import EMAIL, invited
from tests.web.public.test_collection import filled, stored

pytestmark = pytest.mark.browser

# What reaches over the edge of the window, as far as it makes the page scroll sideways.
WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('main *')]
  .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1 || one.getBoundingClientRect().left < -1)
  .map(one => location.pathname + ' ' + one.tagName + '.' + one.className)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


@pytest.fixture
def served(sqlite_url: str, tmp_path) -> Iterator[tuple[Site, str]]:  # type: ignore[no-untyped-def]
    site = site_on(sqlite_url, tmp_path, COLLECTION_LOOPBACK="yes")
    with serving.served(site.app) as address:
        yield site, address
    site.services.database.close()


def logged_in(browser: Browser, site: Site, address: str, *who: str, **context: object) -> tuple[Page, list[str]]:
    """A page without scripts in which an editor is logged in, and what it asks of any other host."""
    page = browser.new_context(locale="en", **{"java_script_enabled": False, **context}).new_page()  # type: ignore[arg-type]
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not request.url.startswith(address) else None)
    page.goto(f"{address}/collection/editor/{invited(site, *who)}")
    page.click("main form button")
    return page, elsewhere


def test_two_editors_at_once_lose_nothing(browser: Browser, served: tuple[Site, str]) -> None:
    site, address = served
    _, entry = filled(site)
    ada, _ = logged_in(browser, site, address)
    bob, _ = logged_in(browser, site, address, "bob@example.org", "Bob")
    for page in (ada, bob):
        page.goto(f"{address}/collection/{entry.id}/edit")
    ada.fill("#title", "Ada's title")
    ada.fill("#dated", "ECCV 2026")
    ada.click("button:has-text('Save')")
    bob.fill("#title", "Bob's title")
    bob.fill("#body", "Bob's note")
    bob.click("button:has-text('Save')")
    assert "Ada's title" in bob.inner_text("[role=alert]")
    assert bob.input_value("#title") == "Bob's title"
    bob.fill("#title", "Ada's and Bob's title")
    bob.click("button:has-text('Save')")
    [_, node] = stored(site)
    assert (node.title, node.dated, node.pieces[0].text) == ("Ada's and Bob's title", "ECCV 2026", "Bob's note")
    for page in (ada, bob):
        page.context.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_what_editors_see_breaks_no_rule_of_wcag_and_is_no_wider_than_a_phone(
    browser: Browser, served: tuple[Site, str], language: str, scheme: str
) -> None:
    site, address = served
    _, entry = filled(site)
    with site.services.database.transaction() as session:
        fields = {"title": "A very " + "long " * 30 + "title" + "x" * 60}
        nodes_store.change(session, entry.id, seen_version=1, fields=fields, who="Ada", now=entry.added_at)
        nodes_store.comment(session, entry.id, "`" + "x" * 120 + "`", who="Ada", now=entry.added_at)
    page, _ = logged_in(
        browser, site, address, EMAIL, viewport={"width": 320, "height": 700}, color_scheme=scheme, java_script_enabled=True
    )
    broken, wide = [], []
    for path in ("", f"/{entry.id}", "/changes", "/add", f"/{entry.id}/edit"):
        page.goto(f"{address}/collection{path}?lang={language}")
        bring_axe(page)
        broken += [(path, *rule) for rule in report(page).broken]
        wide += page.evaluate(WIDE)
    page.context.close()
    assert broken == []
    assert wide == []
