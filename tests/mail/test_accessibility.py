"""axe-core finds nothing against WCAG 2.2 AA in the HTML of any kind of mail, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.conftest import missing
from tests.pictures import mails_in
from tests.walk.browser import chromium, launched

pytestmark = pytest.mark.browser

VIOLATIONS = {"resultTypes": ["violations"]}
RULES = VIOLATIONS | {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# In the dark nothing but the colours differs.
IN_THE_DARK = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LANGUAGES = ("en", "zh-CN", "zh-TW", "ja", "ar")
LANGUAGES_IN_THE_DARK = ("en", "ar")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


def found_in(page: Page, rules: dict[str, object]) -> dict[str, list[Any]]:
    """What axe-core, which stands in the page already, finds by these rules."""
    found: dict[str, list[Any]] = page.evaluate("rules => axe.run(rules)", rules)
    return found


def test_no_kind_of_mail_breaks_a_rule_of_wcag(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    checked, broken = 0, []
    # A script of a page outlives its content.
    page.evaluate(AXE_SCRIPT)
    for language in LANGUAGES:
        for name, mail in mails_in(language):
            page.emulate_media(color_scheme="light")
            page.set_content(mail.html)
            found = found_in(page, RULES)
            checked += len(found["passes"]) > 5
            broken += [(name, one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
            if language in LANGUAGES_IN_THE_DARK:
                page.emulate_media(color_scheme="dark")
                found = found_in(page, IN_THE_DARK)
                checked += len(found["passes"]) > 0
                broken += [(name, "in the dark", one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
    assert broken == []
    assert checked == (len(LANGUAGES) + len(LANGUAGES_IN_THE_DARK)) * 16
    page.close()


def test_axe_would_find_words_that_cannot_be_read(browser: Browser) -> None:
    page = browser.new_page()
    page.evaluate(AXE_SCRIPT)
    html = dict(mails_in("en"))["digest-en"].html
    page.set_content(html.replace("color: #595f63", "color: #dddddd"))
    assert "color-contrast" in {one["id"] for one in found_in(page, RULES)["violations"]}
    # Whatever the mail itself says of the colours of its elements.
    unreadable = "<style>@media (prefers-color-scheme: dark) {:not(#none) {color: #222 !important}}</style></head>"
    page.set_content(html.replace("</head>", unreadable))
    assert found_in(page, IN_THE_DARK)["violations"] == []
    page.emulate_media(color_scheme="dark")
    assert "color-contrast" in {one["id"] for one in found_in(page, IN_THE_DARK)["violations"]}
    page.close()
