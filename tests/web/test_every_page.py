"""What a browser finds on every page there is: nothing against WCAG 2.2 AA, nothing wider than a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from newsletter.search.store import index_new
from tests.axe import bring_axe, report
from tests.conftest import missing
from tests.walk.browser import chromium, launched
from tests.web.conftest import Site, site_on
from tests.web.every_page import visited
from tests.web.serving import served

pytestmark = pytest.mark.browser

KINDS = 62


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


TARGET_SIZE = "target-size"
# The targets that are still behind the bar once they are scrolled to, as the focus does; then the bar is put in its place.
STAY_COVERED = """() => {
  const bar = document.querySelector('.bar, .save')
  if (!bar) return []
  const targets = document.querySelectorAll('a[href], button, input, select, textarea, summary')
  const covered = [...targets].filter(one => {
    if (bar.contains(one) || !one.checkVisibility()) return false
    one.scrollIntoView({block: 'nearest', behavior: 'instant'})
    const [target, over] = [one.getBoundingClientRect(), bar.getBoundingClientRect()]
    return target.bottom > over.top + 1 && target.top < over.bottom - 1
  })
  bar.style.position = 'static'
  return covered.map(one => one.outerHTML.slice(0, 120))
}"""


# Links in headings that are set in other letters than the heading; tables of operators that a phone would show in part.
LOOKS_BROKEN = """() => {
  const letters = one => getComputedStyle(one).fontFamily
  const links = [...document.querySelectorAll(':is(h1, h2, h3) > a:not([lang])')].filter(one => letters(one) !== letters(one.parentElement))
  const tables = [...document.querySelectorAll('.scroll:has(> .wide)')].filter(one => one.scrollWidth > one.clientWidth + 1)
  return [...links, ...tables].map(one => one.outerHTML.slice(0, 120))
}"""


@pytest.fixture
def rich_site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    site = site_on(sqlite_url, tmp_path, IMPRINT="Example Street 1, 12345 Example City", CONTACT_EMAIL="papers@example.org")
    index_new(site.services.database)
    yield site
    site.services.database.close()


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_no_page_breaks_a_rule_of_wcag_or_scrolls_sideways(
    rich_site: Site, browser: Browser, language: str, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page, broken, seen = context.new_page(), [], 0
    with served(rich_site.app) as address:
        for one in visited(page, address, rich_site, language=language):
            # A page that posts by itself may be on its way to the next.
            page.locator("html").wait_for(state="attached")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                broken.append((one.name, "wide", wide))
            broken += [(one.name, "looks broken", part) for part in page.evaluate(LOOKS_BROKEN)]
            bring_axe(page)
            found = report(page)
            assert found.passed > 5, one
            broken += [(one.name, *rule) for rule in found.broken if rule[0] != TARGET_SIZE]
            if TARGET_SIZE in found.rules:
                # What sticks to the foot of the window covers a part of some target wherever one is: that is to come out whole.
                broken += [(one.name, "stays covered", target) for target in page.evaluate(STAY_COVERED)]
                broken += [(one.name, *rule) for rule in report(page, [TARGET_SIZE]).broken]
            seen += 1
        context.close()
    assert broken == []
    assert seen == KINDS


def test_a_page_without_contrast_would_be_found(rich_site: Site, browser: Browser) -> None:
    page = browser.new_page()
    with served(rich_site.app) as address:
        page.goto(address)
        page.locator(".hint").first.evaluate("one => one.style.color = '#ddd'")
        bring_axe(page)
        found = report(page)
        page.close()
    assert "color-contrast" in found.rules
