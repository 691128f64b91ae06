"""Notes are shown as their writers meant them, and can do nothing to whoever reads them."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from newsletter.collection.notes import ATTRIBUTES, TAGS, pictures_in, plain_of, rendered

KEPT = "/collection/images/" + "a" * 32 + ".webp"
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "[x](javascript:alert(1))",
    "[x](  JaVaScRiPt:alert(1))", "<a href='javascript:alert(1)'>x</a>", "![x](javascript:alert(1))", "<iframe src=//evil></iframe>",
    "<style>*{display:none}</style>", "<p style='position:fixed'>x</p>", "<form action=//evil><input></form>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "<math><mi xlink:href=javascript:alert(1)>", "<a href=//evil.example onclick=x>q</a>",
    "<img src='https://evil.example/track.png'>", "![t](https://evil.example/track.png =50%x)", "<base href=//evil>", "<b><script>",
    "[r]: javascript:alert(1)\n\n[r]", "<meta http-equiv=refresh content='0;url=//evil'>", "</div></main><h1>Mine</h1>",
    "<object data=//evil></object>", "`</code><script>alert(1)</script>`", "<!--><script>alert(1)</script>-->",
    "<a title='\"><script>alert(1)</script>'>x</a>", "{{ 7*7 }}<b id=main class=skip>", "<img src='/collection/images/../../link'>",
]  # fmt: skip


def shown(text: str) -> str:
    return rendered(text, picture_of=lambda url: KEPT if "kept" in url else "")


def dead(html: str) -> None:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all():
        assert tag.name in TAGS
        assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set()) | ({"rel"} if tag.name == "a" else set())
        if tag.name == "img" and "src" in tag.attrs:
            assert tag["src"] == KEPT
        if tag.name == "a" and "href" in tag.attrs:
            assert re.match(r"(https?://|mailto:)", str(tag["href"]), re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_note_is_dead(text: str) -> None:
    dead(shown(text))
    dead(shown(f"> - {text}\n\n|a|\n|-|\n|{text}|"))


@given(st.lists(st.sampled_from(HOSTILE) | st.text(alphabet="<>/ab=\"'` \n![]():&#;", max_size=30), max_size=5).map("".join))
def test_whatever_stands_in_a_note_only_known_tags_come_out(text: str) -> None:
    dead(shown(text))
    assert plain_of(text) == plain_of(text).strip()


def test_markdown_reads_as_markdown() -> None:
    html = shown("# Head\n\n**bold** ~~no~~ `code`\n\n- a\n  - b\n\n|x|y|\n|:-|-:|\n|1|2|\n\nhttps://a.example/b?c=d")
    for part in ("<h4>Head</h4>", "<strong>bold</strong>", "<table>", "<td>1</td>", 'href="https://a.example/b?c=d"'):
        assert part in html
    assert "nofollow noopener noreferrer" in html
    assert "style" not in html  # the pages' policy takes no style of an element's own


def test_an_address_in_code_stays_as_it_is() -> None:
    assert shown("`https://a.example`") == "<p><code>https://a.example</code></p>"


def test_a_kept_picture_is_shown_from_here_and_any_other_is_a_link() -> None:
    assert f'src="{KEPT}" alt="words"' in shown("![words](https://kept.example/p.png =50%x)")
    assert f'src="{KEPT}"' in shown("<img src='https://kept.example/p.png' width='50%'>")
    assert shown("![words](https://else.example/p.png)") == (
        '<p><a href="https://else.example/p.png" rel="nofollow noopener noreferrer">words</a></p>'
    )


def test_pictures_of_a_note_are_found_in_every_form() -> None:
    assert pictures_in(
        "![](http://a.example/1.png =50%x) <img src=https://b.example/2.png> ![](/x.png) `![](http://c.example/3)`"
    ) == [
        "http://a.example/1.png",
        "https://b.example/2.png",
    ]


def test_a_turn_of_direction_does_not_leave_its_note() -> None:
    assert "\u202e" not in shown("abc \u202e def") + plain_of("abc \u202e def")


def test_in_words_each_paragraph_is_a_line_and_pictures_go() -> None:
    assert plain_of("See [the *page*](https://a.example) ![p](https://b.example/p.png)\n\n- and https://c.example") == (
        "See the page\nand https://c.example"
    )
    assert plain_of("") == shown("") == ""
