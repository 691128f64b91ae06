"""Adding, editing and undoing as a person does it in a browser: without scripts, two at once, and nothing refused by the policy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from newsletter.collection.bodies import pieces_of
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Draft, NodeKind
from tests.axe import bring_axe, report
from tests.collection.fake_site import FakeSite
from tests.conftest import missing
from tests.walk.browser import chromium, launched
from tests.web.conftest import HOSTILE, NOW, PASSWORD, Site, site_on
from tests.web.editors.test_editors import invited
from tests.web.public.test_collection import filled, stored
from tests.web.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    found = site_on(sqlite_url, tmp_path, COLLECTION_LOOPBACK="yes")
    yield found
    found.services.database.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with served(site.app) as found:
        yield found


def entered(browser: Browser, address: str, token: str, refused: list[str], **context: object) -> Page:
    """A browser of its own in which the link of an editor was opened; what the policy refuses is noted."""
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    page.on("console", lambda told: refused.append(told.text) if "Security Policy" in told.text else None)
    page.on("request", lambda asked: None if asked.url.startswith(address) else refused.append(asked.url))
    page.goto(f"{address}/collection/editor/{token}")
    page.click("main form button")
    page.wait_for_url(f"{address}/collection")
    return page


def test_an_editor_adds_a_page_by_pasting_changes_it_and_takes_it_back_without_scripts(
    site: Site, address: str, browser: Browser
) -> None:
    refused: list[str] = []
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "PNG")
    page = entered(browser, address, invited(site), refused, java_script_enabled=False, viewport={"width": 320, "height": 800})
    with FakeSite(pages={"/picture.png": ("image/png", out.getvalue())}) as web:
        page.click("text=Add")
        page.fill("#text", f"{web.url}/honest")
        page.click("text=Look it up")
        assert page.input_value("#title") == "Splatting & the world"
        assert "What it is about." in page.input_value("#body")
        page.fill("#body", page.input_value("#body") + "\n\n**Read** this.")
        page.click("button:has-text('Save')")
    assert page.locator("h1").inner_text() == "Splatting & the world"
    assert page.locator("img.picture").count() == 1
    [entry] = stored(site)
    page.goto(f"{address}/collection/{entry.id}/edit")
    page.fill("#title", "Another title")
    page.click("button:has-text('Save')")
    assert page.locator("h1").inner_text() == "Another title"
    page.locator(".history form button").first.click()
    assert page.locator("h1").inner_text() == "Splatting & the world"
    assert stored(site)[0].pieces == entry.pieces
    assert refused == []


def test_two_editors_at_once_in_two_browsers_lose_nothing(site: Site, address: str, browser: Browser) -> None:
    refused: list[str] = []
    _, entry = filled(site)
    ada = entered(browser, address, invited(site), refused)
    bob = entered(browser, address, invited(site, "bob@example.org", "Bob"), refused)
    for page in (ada, bob):
        page.goto(f"{address}/collection/{entry.id}/edit")
    ada.fill("#title", "By Ada")
    ada.click("button:has-text('Save')")
    ada.wait_for_url(f"{address}/collection/{entry.id}")
    bob.fill("#title", "By Bob")
    bob.fill("#dated", "ICCV 2025")
    bob.click("button:has-text('Save')")
    assert bob.locator("[role=alert] del").inner_text().endswith("By Ada")
    assert (bob.input_value("#title"), bob.input_value("#dated")) == ("By Bob", "ICCV 2025")
    assert stored(site)[1].title == "By Ada"
    bob.fill("#title", "By Ada and Bob")
    bob.click("button:has-text('Save')")
    bob.wait_for_url(f"{address}/collection/{entry.id}")
    assert (stored(site)[1].title, stored(site)[1].dated) == ("By Ada and Bob", "ICCV 2025")
    assert refused == []


def rich(site: Site) -> int:
    """A collection with hostile and wide things in it; gives the id of an entry."""
    section, entry = filled(site)
    wide = "|" + "a wide column|" * 8 + "\n|" + "-|" * 8 + "\n|" + "x|" * 8
    body = f"{HOSTILE}\n\n{wide}\n\n![p](https://192.0.2.1/x.png)\n\n`{'x' * 300}`\n\nhttps://example.org/{'y' * 200}\n"
    with site.services.database.transaction() as session:
        draft = Draft(NodeKind.ENTRY, title="Longword" * 40, pieces=pieces_of(body), picked_by="Ada")
        nodes_store.add(session, draft, parent=section.id, who="Ada", now=NOW)
        nodes_store.comment(session, entry.id, "**Good**, see [this](https://example.org).", who="Bob", now=NOW)
        nodes_store.change(session, entry.id, seen_version=1, fields={"title": "Gaussians, again"}, who="Bob", now=NOW)
    return entry.id


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_no_page_of_the_collection_breaks_a_rule_of_wcag_or_scrolls_sideways(
    site: Site, address: str, browser: Browser, language: str, width: int, scheme: str
) -> None:
    refused: list[str] = []
    broken: list[tuple[object, ...]] = []
    entry_id, spare = rich(site), invited(site, "bob@example.org", "Bob")
    page = entered(browser, address, invited(site), refused, viewport={"width": width, "height": 900}, color_scheme=scheme)
    paths = ["", f"/{entry_id}", "/add", f"/{entry_id}/edit", "/changes", "/editor", f"/editor/{spare}"]
    for path in [*(f"/collection{one}" for one in paths), "/admin/editors"]:
        if path.startswith("/admin"):
            page.goto(f"{address}/admin/login")
            page.fill("#name", "operator")
            page.fill("#password", PASSWORD)
            page.click("main form button")
        page.goto(f"{address}{path}?lang={language}")
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            broken.append((path, "wide", wide))
        bring_axe(page)
        broken += [(path, *rule) for rule in report(page).broken]
    assert broken == []
    assert [one for one in refused if "axe" not in one] == []
