"""Wrapping of plain text by display width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.mail.rendering.plain_text import WIDTH, bulleted, display_width, wrapped, wrapped_list

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("扩散模型", 8), ("ガ", 2), ("é", 1), ("e\u0301", 1), ("👍", 2), ("نص", 2)]
)
def test_width_counts_wide_characters_double_and_marks_not(text: str, width: int) -> None:
    assert display_width(text) == width


def test_chinese_breaks_at_38_characters_a_line() -> None:
    assert [len(line) for line in wrapped("渲" * 100).splitlines()] == [38, 38, 24]


def test_no_line_begins_with_closing_or_ends_with_opening_punctuation() -> None:
    lines = wrapped("渲" * 38 + "，" + "染（" * 60 + "）。").splitlines()
    assert all(line[0] not in "，。）" for line in lines)
    assert all(line[-1] not in "（" for line in lines[:-1])


def test_latin_words_within_chinese_stay_whole() -> None:
    text = "我们在" * 12 + "Mip-NeRF上测试" * 12
    assert all("Mip-NeRF" in line or "Mip" not in line for line in wrapped(text).splitlines())
    assert wrapped(text).replace("\n", "") == text


def test_a_url_stays_on_one_line_and_another_endless_word_is_cut() -> None:
    url = "https://example.org/" + "a" * 200
    assert url in wrapped(f"see {url} for more").splitlines()
    assert max(map(display_width, wrapped("b" * 300).splitlines())) == WIDTH


def test_an_item_of_a_list_hangs_under_its_bullet() -> None:
    lines = bulleted("word " * 40).splitlines()
    assert lines[0].startswith("  * word")
    assert all(line.startswith("    word") for line in lines[1:])
    assert bulleted("") == "  * "


@given(st.lists(WORDS, max_size=40))
def test_no_word_is_lost_and_no_line_too_wide(words: list[str]) -> None:
    text = " ".join(words)
    lines = wrapped(text).splitlines() if text else []
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= WIDTH or "://" in line for line in lines)
    parts = [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    assert wrapped_list(parts) == wrapped(text)
