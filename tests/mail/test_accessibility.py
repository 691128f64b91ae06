"""axe-core finds nothing against WCAG 2.2 AA in the HTML of any kind of mail, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.conftest import missing
from tests.pictures import mails
from tests.walk.browser import chromium, launched

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# In the dark nothing but the colours differs.
IN_THE_DARK = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LANGUAGES = ("en", "zh-CN", "zh-TW", "ja", "ar")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_kind_of_mail_breaks_a_rule_of_wcag(browser: Browser, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    checked, broken = 0, []
    languages = LANGUAGES if scheme == "light" else ("en", "ar")
    for name, mail in mails():
        if name.partition("-")[2] in languages:
            page.set_content(mail.html)
            found = Axe().run(page, options=RULES if scheme == "light" else IN_THE_DARK).response
            checked += len(found["passes"]) > (5 if scheme == "light" else 0)
            broken += [(name, one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
    assert broken == []
    assert checked == len(languages) * 16
    page.close()


def test_axe_would_find_words_that_cannot_be_read(browser: Browser) -> None:
    page = browser.new_page()
    html = dict(mails())["digest-en"].html
    page.set_content(html.replace("color: #595f63", "color: #dddddd"))
    assert "color-contrast" in {one["id"] for one in Axe().run(page, options=RULES).response["violations"]}
    page.close()
