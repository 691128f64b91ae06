"""Arabic lines that begin with a Latin name are still read from right to left."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from newsletter.mail.rendering.renderer import Renderer
from newsletter.values.readers import Layout
from tests.directions import read_from_the_left
from tests.mail.samples import LINKS, digest, entry

TITLE = "LanternSplat: تناثر غاوسي لمشاهد يضيئها مصباح واحد"
REASON = "title: Gaussian Splatting, abstract: splat (3x)"


@pytest.mark.parametrize("tldr", ["", "LanternSplat يعمل بسرعة 140 إطارًا في الثانية."])
def test_an_arabic_mail_is_read_from_right_to_left_where_a_line_begins_with_a_latin_name(renderer: Renderer, tldr: str) -> None:
    mail = renderer.digest(
        digest([entry("ar", title=TITLE, reason=REASON, tldr=tldr)], language="ar"), LINKS, topics=("LiDAR وسحب النقاط",)
    )
    assert mail.html.count("LanternSplat") >= 2
    assert "Gaussian Splatting" in mail.html
    assert read_from_the_left(mail.html) == []


def test_a_figure_stays_behind_a_name_that_ends_in_latin_letters(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("ar")], language="ar", names=("وضعية 6DoF",)), LINKS, topics=())
    brief = renderer.digest(
        replace(digest([entry("ar")], language="ar", names=("وضعية 6DoF",)), layout=Layout.BRIEF), LINKS, topics=()
    )
    assert '<b dir="rtl">وضعية 6DoF</b>' in brief.html
    assert "6DoF\N{NO-BREAK SPACE}\N{RIGHT-TO-LEFT MARK}1</span>" in unescape(mail.html)
    assert re.search('6DoF <span class="m" dir="rtl">', mail.html)
