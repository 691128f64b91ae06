"""Texts that were made to be slow are read: what a pattern does with a text grows as the text does. A quadratic one hangs here."""

from __future__ import annotations

from contextlib import suppress

import pytest

from newsletter.archive.formats.table_pages import read_table_page
from newsletter.collection.notes import pictures_in, plain_of, rendered
from newsletter.errors import InputError
from newsletter.mail.bounces.reading import read
from newsletter.ranking.examples import read_examples
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.faults import FieldError
from newsletter.text.formulas import plain
from newsletter.text.html_text import without_html
from newsletter.text.masking import without_people
from newsletter.text.sentences import sentences
from newsletter.text.tex import clean
from newsletter.text.venues import venue_of

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
    "A. ",
    "; a=",
    "@article{a,",
]


def made(run: str, most: int = LONG) -> str:
    return "x" + run * (most // len(run))


@pytest.mark.parametrize("run", RUNS, ids=ascii)
def test_titles_and_abstracts(run: str) -> None:
    assert isinstance(clean(made(run)), str)
    assert isinstance(plain(made(run, LONG // 10)), str)


# The longest line of a list that is read; of the ids in brackets thirty took hours.
LINE = 25_000


@pytest.mark.parametrize("run", [" ", "(2606.01234)", "**,", "\N{LEFTWARDS ARROW}", "<a href=x>", "(@a) ", ", "], ids=ascii)
def test_pages_of_lists_of_others(run: str) -> None:
    wide, row = made(run, LINE), "- **A title of some words**{} https://arxiv.org/abs/2606.01234\n"
    for line in (f"- A title{wide}x", row.format(wide), f"| {wide} | 2606.01234 | x |", f"### A topic{wide}x"):
        assert read_table_page(f"## LLM\n\n{line}\n{row.format('')}").blocks


@pytest.mark.parametrize("run", ["?", "!?", ". "], ids=ascii)
def test_sentences(run: str) -> None:
    assert "".join(sentences(made(run) + "\0")).startswith("x")


@pytest.mark.parametrize("run", ["x", "a1", "%4", "x%40 ", "@", "/"], ids=ascii)
def test_what_is_logged(run: str) -> None:
    assert "@" not in without_people(made(run)).strip("@")


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


@pytest.mark.parametrize("run", [" ", " @", ".", "\u200b", "＠", "mailto:"], ids=ascii)
def test_addresses(run: str) -> None:
    with pytest.raises(FieldError):
        normalise(made(run) + "b@example.org")


def test_names_of_texts_that_stand_for_long_ones_make_no_file_long() -> None:
    """A file of a few kB is read as what it says: a name (`@string`) a thousand times, each time a long text."""
    entries = "".join(f"@a{{k{number}, title = t, abstract = T}}\n" for number in range(400))
    assert len(read_examples(f"@string{{t = {{A title}}}}\n{entries}".encode())) == 1
    with pytest.raises(InputError, match="more than 2 MB"):
        read_examples(f"@string{{t = {{{'x ' * 50_000}}}}}\n{entries}".encode())


@pytest.mark.parametrize("run", ["@article{a,", "a = {", '[{"', "- "], ids=ascii)
def test_files_of_readers(run: str) -> None:
    with suppress(InputError):
        assert read_examples((run * (LONG // len(run))).encode())


@pytest.mark.parametrize(
    ("head", "body"), [("Content-Type: multipart/report; x=" + "A. " * (LONG // 3), "x"), ("X: y", "\n" * LONG)]
)
def test_mails_that_came_back(head: str, body: str) -> None:
    assert read(f"{head}\nSubject: Undelivered\n\n{body}".encode()).tokens == ()


@pytest.mark.parametrize("run", ["\n", "; ", "accepted "], ids=ascii)
def test_comments(run: str) -> None:
    assert len(venue_of(made(run), made(run)[:5000])) < 100


def test_a_size_is_still_read_after_one_space_or_many() -> None:
    for spaces in (" ", "   ", "\n"):
        assert pictures_in(f"![a](https://example.org/a.png{spaces}=10x20)") == ["https://example.org/a.png"]


def test_formulas_and_comments_are_found_as_before() -> None:
    assert clean("a \\(x \\alpha\\) \\'e \\[y\\] \\(never closed \\'e") == "a \\(x \\alpha\\) é \\[y\\] \\(never closed é"
    assert without_html("a<!-- b <!-- c -->d<!--e") == "a d<!--e"
    assert without_html("a<p class='b' />c<br/>d<br />e<b x=y>f</b>").split() == ["a", "c", "d", "ef"]
