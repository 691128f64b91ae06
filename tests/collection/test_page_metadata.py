"""What a page says of itself is read, whatever its letters and its faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.collection.page_metadata import MOST_DESCRIPTION, MOST_PARSED, MOST_TITLE, Head, head_of, read_head
from newsletter.errors import InputError
from tests.collection.fake_site import HONEST

URL = "https://example.org/a/b"


def test_title_description_picture_and_day_come_from_the_open_graph_tags() -> None:
    assert head_of(HONEST.encode(), url=URL) == Head(
        "Splatting & the world", "What it is about.", "https://example.org/picture.png", "2024-03-01"
    )


def test_a_page_with_a_title_alone_gives_that() -> None:
    assert head_of(b"<title>\n Only  this </title><p>x", url=URL) == Head("Only this")


def test_a_page_without_a_title_gives_none() -> None:
    assert head_of(b"<p>Hello", url=URL) == Head()


def test_letters_are_read_as_the_server_says_then_as_the_page_says() -> None:
    assert head_of("<title>高斯泼溅</title>".encode("gb18030"), url=URL, charset="gb18030").title == "高斯泼溅"
    assert head_of('<meta charset="shift_jis"><title>論文</title>'.encode("shift_jis"), url=URL).title == "論文"
    assert head_of("<title>é</title>".encode(), url=URL, charset="no-such-charset").title == "é"


def test_a_picture_that_is_no_web_address_is_left_out() -> None:
    for address in ("javascript:alert(1)", "data:image/png;base64,AA", "http://[", "file:///x.png", "//x y"):
        assert head_of(f'<meta property="og:image" content="{address}">'.encode(), url=URL).image == ""


@given(
    st.binary(max_size=400) | st.text(max_size=300).map(lambda text: f"<title>{text}<meta name=date content='{text}'>".encode())
)
def test_whatever_a_page_is_what_it_says_is_short_and_one_line(body: bytes) -> None:
    found = head_of(body, url=URL)
    assert len(found.title) <= MOST_TITLE
    assert len(found.description) <= MOST_DESCRIPTION
    assert found.title.isprintable()


def test_a_page_is_read_in_a_process_of_its_own_with_the_same_result() -> None:
    body = HONEST.encode("utf-16")
    assert read_head(body, url=URL, charset="utf-16") == head_of(body, url=URL, charset="utf-16")


SLOW = {
    "beginnings of tags": "<a ",
    "beginnings of comments": "<!-",
    "beginnings of declarations": "<!D",
    "open attributes": "<a b='",
    "open elements": "<title><b>",
    "metadata": "<meta name=a content=b>",
    "entities": "&#x",
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_page_that_is_made_to_be_slow_holds_nobody_up(kind: str) -> None:
    body = SLOW[kind].encode() * (MOST_PARSED // len(SLOW[kind]))
    try:
        assert read_head(body, url=URL).image == ""
    except InputError as error:
        assert "too much" in str(error)
