"""What holds of any collection: nothing is lost on the way in and out, and what changes is what was changed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.collection.bodies import image, link, pieces_of
from newsletter.collection.document import Document, Item
from newsletter.collection.headings import parse, written
from newsletter.collection.inline import as_label, link_at, plain_label
from newsletter.collection.reading import read
from newsletter.collection.rich_page import BEGIN
from newsletter.collection.values import Draft, NodeKind, PieceKind
from newsletter.collection.writing import body_of, text_of, write
from newsletter.errors import InputError

LINES = (
    "# A", "## B ##", "### [T](http://a.b/c)[2023年6月27日]", "### [Broken\n](http://x.y)", "### [U](http://u.u) (2023)", "### Alone",
    "#### 摘要", "#### Abstract", "## Abstract", "###", "#x", "####### seven", "---------", "***", "", "", "  ", "words", "我們學習。",
    "![](http://i.j/k.png =50%x)", "![](http://i.j/k.png)[a/b](https://github.com/a/b)", "[Demo](http://d.d) | [x](http://e.e)",
    "- item", "  deeper", "| a | b |\n| --- | --- |\n| 1 | 2 |", "    | a |\n    | - |", "```\n# x\n```", "<!-- # c -->", "**bold**",
    "> said", "Abstract: x", "[open", "]( ", r"\[x\]", "1) a", "<img src=x>", "https://a.b", "\u2028 odd \u0085 line \x0b",
)  # fmt: skip
PAGES = st.lists(st.sampled_from(LINES), max_size=16).map("\n".join)

WORD = st.text("abcDEF我們學 ‘é()[]\\*_`#|:-.\"'!?&<>$", min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
TITLE = st.lists(
    st.sampled_from(["Walking", "Lights", "我們", "(x)", "[y]", "C++", "a|b", "$x_1$", "50%", "&", "\\[", "—"]), min_size=1
).map(" ".join)
ADDRESS = st.sampled_from(
    ["https://a.b/c", "https://a.b/c_(d)?e=f#g", "http://xn--a.b/%20", "https://arxiv.org/abs/2606.26101v2"]
)
DATED = st.sampled_from(["", "2023年6月27日", "CVPR 2019", "ICML2020", "oral", "2023-06", "June 2025"])
BODY = st.lists(
    st.sampled_from(["![](http://i.j/k.png =50%x)", "[a/b](https://github.com/a/b)", "A note.", "> said", "| a | b |\n| - | - |\n| 1 | 2 |"]),
    max_size=4,
).map(lambda parts: "".join(f"{part}\n\n" for part in parts))  # fmt: skip
ABSTRACT = st.sampled_from(["", "#### Abstract\nIt walks.\n\n* and\n    * runs\n\n", "#### 摘要\n我們學習。\n\n"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Sections of two levels with entries, as an import would have drafted them."""
    items: list[Item] = []
    for _ in range(draw(st.integers(1, 3))):
        items.append(Item(section(draw, 1)))
        outer = len(items) - 1
        items += [Item(entry(draw), outer) for _ in range(draw(st.integers(0, 2)))]
        for _ in range(draw(st.integers(0, 2))):
            items.append(Item(section(draw, 2), outer))
            inner = len(items) - 1
            items += [Item(entry(draw), inner) for _ in range(draw(st.integers(0, 3)))]
    last = max(place for place, item in enumerate(items) if item.draft.kind is NodeKind.SECTION)
    items.append(Item(entry(draw), last))
    return Document(tuple(items))


def section(draw: st.DrawFn, level: int) -> Draft:
    title = draw(TITLE.map(lambda text: f"Section {text}"))
    return Draft(NodeKind.SECTION, title=title, level=level, heading=f"{'#' * level} {as_label(title, all_brackets=True)}\n")


def entry(draw: st.DrawFn) -> Draft:
    made = Draft(NodeKind.ENTRY, title=draw(TITLE), url=draw(ADDRESS), dated=draw(DATED), level=3)
    heading = written("", level=3, title=made.title, url=made.url, dated=made.dated)
    body = draw(BODY) + draw(ABSTRACT) + "---------\n\n"
    return Draft(NodeKind.ENTRY, made.title, made.url, made.dated, pieces_of(body), level=3, heading=heading)


@settings(max_examples=60)
@given(documents())
def test_a_document_that_is_written_is_read_as_it_was(document: Document) -> None:
    assert read(write(item.draft for item in document.items)) == document


@given(PAGES)
def test_any_page_comes_back_letter_by_letter(page: str) -> None:
    try:
        document = read(page)
    except InputError:
        return
    again = write(item.draft for item in document.items)
    assert again == page.lstrip("\n") or (again.split(), read(again)) == (page.split(), document)


@given(st.text(max_size=200))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        again = write(item.draft for item in read(text).items)
    except InputError:
        return
    assert again.split() == text.removeprefix("\ufeff").split()


@given(PAGES)
def test_a_body_is_its_pieces_joined(page: str) -> None:
    assert body_of(pieces_of(page)) == re.sub(r"^(?:[ \t]*\n)+", "", page) or not page.strip()


@given(WORD)
def test_any_words_can_be_a_label(words: str) -> None:
    found = link_at(f"[{as_label(words)}](http://a.b)", 0)
    assert found is not None
    assert found.url == "http://a.b"
    assert found.label == plain_label(as_label(words))


@given(st.text(max_size=20), st.text(min_size=1, max_size=20), st.sampled_from(["", "50%x"]))
def test_whatever_is_typed_becomes_one_image_or_link(words: str, address: str, size: str) -> None:
    for made in (image(address, alt=words, size=size), link(words, address)):
        assert (made.kind is PieceKind.IMAGE) == made.text.startswith("!")
        assert body_of(pieces_of(made.text + made.tail)) == made.text + made.tail
        assert pieces_of(made.text) == (replace(made, tail=""),)


@given(st.sampled_from([line for line in LINES if line.startswith("### [")]), TITLE, ADDRESS, DATED)
def test_a_heading_says_what_was_put_into_it(raw: str, title: str, url: str, dated: str) -> None:
    changed = parse(written(raw, level=4, title=title, url=url, dated=dated))
    assert (changed.level, changed.title, changed.url, changed.dated) == (4, title, url, dated)


@settings(max_examples=60)
@given(documents(), st.data())
def test_a_changed_title_changes_its_line_and_no_other(document: Document, data: st.DataObject) -> None:
    drafts = [item.draft for item in document.items]
    place = data.draw(st.sampled_from([place for place, draft in enumerate(drafts) if draft.kind is NodeKind.ENTRY]))
    before = [text_of(draft) for draft in drafts]
    old = drafts[place]
    drafts[place] = Draft(old.kind, "Another", old.url, old.dated, old.pieces, level=old.level, heading=old.heading)
    after = write(drafts)
    before[place] = before[place].replace(
        before[place].split("\n", 1)[0], after[len("".join(before[:place])) :].split("\n", 1)[0], 1
    )
    assert after == "".join(before)
    assert read(after).items[place].draft.title == "Another"


HOSTILE = {
    "brackets in headings and bodies": "".join(f"### [T{n}](http://a.b/{n})[2023]\n{'[' * 2000}\n\n# {'[' * 200}\n" for n in range(40)),
    "tags that do not close": "<a " * 70_000,
    "comments in a line": "<!-- " * 40_000 + "-->",
    "marks of what publishing made": BEGIN * 7_000 + "\n",
    "a heading of spaces": "###" + " " * 200_000 + "x",
    "an empty line of spaces": " " * 200_000,
    "headings whose links do not end": "### [a\n[b\n[c\n\n" * 2_000,
    "a heading of links that open": "### " + "](" * 100_000,
    "quotations in quotations": "> " * 100_000,
    "lists in lists": "".join(f"{'  ' * depth}- x\n" for depth in range(400)),
    "lists on one line": "- " * 100_000 + "x",
    "a table as wide as long": "|a" * 200 + "\n" + "|-" * 200 + "\n" + "|x\n" * 4_000,
    "a row of pipes": "|" * 200_000,
    "a long line": "word " * 40_000,
    "fences": "```\nx\n```\n" * 10_000,
    "sections in sections": "".join(f"{'#' * (1 + place % 6)} x\n" for place in range(3_000)),
    "links between": "[a](http://b)" + "| " * 100_000 + "x",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_whole(name: str) -> None:
    """Each takes a second or two; one that took the square of its length would take many minutes."""
    page = f"# S\n{HOSTILE[name]}\nend\n"
    assert write(item.draft for item in read(page).items) == page
