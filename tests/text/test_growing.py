"""Texts that were made to be slow are read: what a pattern does with a text grows as the text does. A quadratic one hangs here."""

from __future__ import annotations

import pytest

from newsletter.collection.notes import pictures_in, plain_of, rendered
from newsletter.text.formulas import plain
from newsletter.text.html_text import without_html
from newsletter.text.tex import clean

# Of each the quadratic pattern that stood there took minutes for so much.
LONG = 400_000
# Seconds: thousands of times what is needed, and a fraction of what was.
pytestmark = pytest.mark.timeout(90)

RUNS = [
    " ",
    "\n",
    "\t",
    " \n",
    "(",
    "[",
    "![",
    "](",
    "<",
    "<!--",
    "<p",
    "<a ",
    "<p ",
    "\\(",
    "\\[",
    "$",
    "$$ ",
    "{",
    "\\a{",
    "=",
    "&",
    "*",
    "_",
    "`",
]


def made(run: str, most: int = LONG) -> str:
    return "x" + run * (most // len(run))


@pytest.mark.parametrize("run", RUNS, ids=ascii)
def test_titles_and_abstracts(run: str) -> None:
    assert isinstance(clean(made(run)), str)
    assert isinstance(plain(made(run, LONG // 10)), str)


@pytest.mark.parametrize("run", RUNS, ids=ascii)
def test_html_in_texts(run: str) -> None:
    assert isinstance(without_html(made(run)), str)
    assert isinstance(without_html("<p" + made(run)), str)
    assert isinstance(without_html("<p" + " " * LONG + "<"), str)


@pytest.mark.parametrize("run", [" ", "\n", "\t", " \n"], ids=ascii)
def test_notes(run: str) -> None:
    text = made(run)
    assert pictures_in(text) == []
    assert plain_of(text) == "x"
    assert "x" in rendered(text, picture_of=lambda url: "")


def test_a_size_is_still_read_after_one_space_or_many() -> None:
    for spaces in (" ", "   ", "\n"):
        assert pictures_in(f"![a](https://example.org/a.png{spaces}=10x20)") == ["https://example.org/a.png"]


def test_formulas_and_comments_are_found_as_before() -> None:
    assert clean("a \\(x \\alpha\\) \\'e \\[y\\] \\(never closed \\'e") == "a \\(x \\alpha\\) é \\[y\\] \\(never closed é"
    assert without_html("a<!-- b <!-- c -->d<!--e") == "a d<!--e"
    assert without_html("a<p class='b' />c<br/>d<br />e<b x=y>f</b>").split() == ["a", "c", "d", "ef"]
