"""axe-core finds nothing against WCAG 2.2 AA in the HTML of any kind of mail, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.axe import bring_axe, report
from tests.conftest import missing
from tests.pictures import mails_in
from tests.walk.browser import chromium, launched

pytestmark = pytest.mark.browser

# In the dark nothing but the colours differs.
IN_THE_DARK = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LANGUAGES = ("en", "zh-CN", "zh-TW", "ja", "ar")
LANGUAGES_IN_THE_DARK = ("en", "ar")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing("Chromium")
    with launched() as found:
        yield found


def test_no_kind_of_mail_breaks_a_rule_of_wcag(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    checked, broken = 0, []
    # A script of a page outlives its content.
    bring_axe(page)
    for language in LANGUAGES:
        for name, mail in mails_in(language):
            page.emulate_media(color_scheme="light")
            page.set_content(mail.html)
            found = report(page)
            checked += found.passed > 5
            broken += [(name, *rule) for rule in found.broken]
            if language in LANGUAGES_IN_THE_DARK:
                page.emulate_media(color_scheme="dark")
                found = report(page, IN_THE_DARK)
                checked += found.passed > 0
                broken += [(f"{name} in the dark", *rule) for rule in found.broken]
    assert broken == []
    assert checked == (len(LANGUAGES) + len(LANGUAGES_IN_THE_DARK)) * 16
    page.close()


def test_axe_would_find_words_that_cannot_be_read(browser: Browser) -> None:
    page = browser.new_page()
    bring_axe(page)
    html = dict(mails_in("en"))["digest-en"].html
    page.set_content(html.replace("color: #595f63", "color: #dddddd"))
    assert "color-contrast" in report(page).rules
    # Whatever the mail itself says of the colours of its elements.
    unreadable = "<style>@media (prefers-color-scheme: dark) {:not(#none) {color: #222 !important}}</style></head>"
    page.set_content(html.replace("</head>", unreadable))
    assert not report(page, IN_THE_DARK).broken
    page.emulate_media(color_scheme="dark")
    assert "color-contrast" in report(page, IN_THE_DARK).rules
    page.close()
