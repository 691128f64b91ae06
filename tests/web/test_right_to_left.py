"""Arabic lines that begin with a Latin name are still read from right to left, and Chinese ones have no gaps."""

from __future__ import annotations

import re
from itertools import product

from newsletter.mail.inbox import deliver, inbox_folder
from tests.directions import read_from_the_left
from tests.web.conftest import DAY, Site


def test_an_arabic_page_is_read_from_right_to_left_where_a_reason_begins_with_a_latin_word(site: Site) -> None:
    for path in (f"/archive/{DAY}?lang=ar", "/topics/3dgs?lang=ar", "/papers/2606.26101?lang=ar", "/search?q=splat&lang=ar"):
        page = site.client().get(path)
        assert page.status_code == 200
        assert "في العنوان" in page.text or "search" in path
        assert read_from_the_left(page.text) == []


def test_a_date_in_the_local_inbox_is_written_as_the_page_writes_dates(small_site: Site) -> None:
    for head in ("Date: Fri, 20 Nov 2026 09:30:00 +0200\r\n", "Date: soon\r\n", ""):
        mail = f"Subject: x\r\nTo: a@example.org\r\n{head}\r\nx".encode()
        deliver(inbox_folder(small_site.services.settings.data_dir), mail, sender="p@localhost", recipient="a@example.org")
    page = small_site.client().get("/inbox?lang=ar").text
    assert "\u206820 نوفمبر 2026\u2069 \u206807:30:00 UTC\u2069" in page and "soon" in page


def test_no_space_stands_after_a_sign_that_has_its_own(small_site: Site) -> None:
    private = (f"/preferences/{small_site.reader}?", f"/preferences/{small_site.reader}?saved=1&", "/inbox?")
    public = (
        "/?",
        "/archive?",
        f"/archive/{DAY}?code=1&",
        "/privacy?",
        "/help?",
        "/about?",
        "/collection?",
        "/search?q=splattin&",
    )
    for path, language in product((*private, *public), ("zh-CN", "ja")):
        page = small_site.client().get(f"{path}lang={language}").text
        shown = re.sub(r"<[^>]*>", "", page.partition("<main")[2])
        assert not re.findall(r".{9}[。：！？；] +\S.{9}", shown), path
