"""What a collection kept as Markdown is read as."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from newsletter.collection.dates import is_dated
from newsletter.collection.document import Document
from newsletter.collection.reading import read, recognise
from newsletter.collection.values import Draft, NodeKind, PieceKind
from tests.collection.pages import ENGLISH, NOTEBOOK


def outline(document: Document) -> list[tuple[str, int, str | None]]:
    """Kind, level and section of each item, by title."""
    titles = [item.draft.title for item in document.items]
    return [
        (item.draft.title or item.draft.kind.value, item.draft.level, None if item.parent is None else titles[item.parent])
        for item in document.items
    ]


def entry(document: Document, title: str) -> Draft:
    return next(item.draft for item in document.items if item.draft.title == title)


def kinds(draft: Draft) -> list[str]:
    return [piece.kind.value for piece in draft.pieces]


def test_sections_entries_and_texts_stand_in_the_tree_as_on_the_page() -> None:
    assert outline(read(NOTEBOOK)) == [
        ("text", 0, None),
        ("Motion", 1, None),
        ("Walking", 2, "Motion"),
        ("Walking Lights: Gait from Shadows", 3, "Walking"),
        ("A Title That Breaks", 3, "Walking"),
        ("text", 0, "Walking"),
        ("Standing Still", 3, "Walking"),
        ("Only words", 1, None),
        ("Data", 2, "Only words"),
        ("A Data Set", 3, "Data"),
    ]


def test_an_entry_has_title_address_date_and_the_parts_of_its_body() -> None:
    found = entry(read(NOTEBOOK), "Walking Lights: Gait from Shadows")
    assert (found.url, found.dated) == ("https://arxiv.org/abs/2606.26101v2", "2026年6月27日")
    assert kinds(found) == ["image", "repository", "demo", "heading", "note", "abstract", "rule"]
    image, repository, demo, heading, note, abstract, _ = found.pieces
    assert (image.url, image.size) == ("https://example.org/gait.png", "50%x")
    assert (repository.label, repository.url) == ("lights/gait", "https://github.com/lights/gait")
    assert (demo.label, heading.label, note.text) == ("Demo", "摘要", "**先看這一句。**")
    assert abstract.language == "zh-TW"
    assert abstract.text.endswith("* 第一\n    * 更深")


def test_an_image_and_a_link_on_one_line_are_two() -> None:
    image, repository, *_ = entry(read(NOTEBOOK), "A Title That Breaks").pieces
    assert (image.kind, image.tail, repository.kind) == (PieceKind.IMAGE, "", PieceKind.REPOSITORY)


def test_tables_downloads_and_venues_are_told() -> None:
    found = entry(read(NOTEBOOK), "Standing Still")
    assert found.dated == "CVPR 2019"
    assert kinds(found) == ["table", "download", "heading", "abstract", "rule"]


def test_a_section_keeps_its_words() -> None:
    document = read(NOTEBOOK)
    assert [piece.text for piece in entry(document, "Motion").pieces] == ["Everything that moves."]
    assert kinds(entry(document, "Only words")) == ["text", "rule"]


def test_what_is_not_understood_is_told_with_its_line() -> None:
    told = {NOTEBOOK.splitlines()[remark.line - 1]: remark.what for remark in read(NOTEBOOK).remarks}
    assert set(told) == {
        "The next two do not get along.",
        "### [A Data Set](https://huggingface.co/datasets/a/b)[2023年8月22]",
    }
    assert "neither a date nor a venue" in told["### [A Data Set](https://huggingface.co/datasets/a/b)[2023年8月22]"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("### [T](http://a.b", "the link of this heading does not end"),
        ("###", "a heading without words"),
        ("### [T](http://a.b)[soon]", "'soon' is neither a date nor a venue"),
        ("#### How it was made", "the heading 'How it was made' inside of an entry is not known"),
        ("![](https://a.b/c.png=80%x)", "a size hint without a space before it"),
        ("![]()", "an image without an address"),
        ("[Blog]()", "a link without an address"),
    ],
)
def test_each_thing_that_is_odd_has_words_of_its_own(line: str, what: str) -> None:
    text = f"# S\n### [First](http://f.f)\n#### Abstract\nWords.\n{line}\n\n### [Last](http://l.l)\n"
    (remark,) = read(text).remarks
    assert (remark.line, remark.what.startswith(what)) == (5, True)


def test_other_levels_english_heads_and_headings_of_other_forms_are_understood() -> None:
    document = read(ENGLISH)
    assert outline(document) == [
        ("Reading list", 1, None),
        ("Robots", 2, "Reading list"),
        ("Grip", 4, "Robots"),
        ("Push, Pull and Shove", 4, "Robots"),
        ("No link at all", 4, "Robots"),
        ("Empty", 2, "Reading list"),
    ]
    grip, push = entry(document, "Grip"), entry(document, "Push, Pull and Shove")
    assert (grip.dated, push.url, push.dated) == ("ICRA 2026", "https://example.org/push", "June 2025")
    assert kinds(grip) == ["image", "repository", "heading", "abstract", "heading", "note"]
    assert grip.pieces[0].size == "300"
    assert kinds(push) == ["heading", "abstract"]
    assert kinds(entry(document, "No link at all")) == ["abstract"]


@pytest.mark.parametrize(
    ("heading", "title", "url", "dated"),
    [
        ("### [T](http://a.b)[2023年6月27日]", "T", "http://a.b", "2023年6月27日"),
        ("### [T](http://a.b) [ICML2020] ###", "T", "http://a.b", "ICML2020"),
        ("### **[T](http://a.b)** (NeurIPS'22)", "T", "http://a.b", "NeurIPS'22"),
        ("### [T](http://a.b) - 27 June 2023", "T", "http://a.b", "27 June 2023"),
        ("### [T](http://a.b)[2023年6月27日", "T", "http://a.b", "2023年6月27日"),
        ("### [T](http://a.b) (2023年8月22)", "T", "http://a.b", "2023年8月22"),
        ("### [T](http://a.b) (nice)", "T", "http://a.b", ""),
        ("### [CVPR 2019] [T](http://a.b)", "T", "http://a.b", "CVPR 2019"),
        ("### [T](http://a.b) 【2024.1】", "T", "http://a.b", "2024.1"),
        ("###[T [x] y](http://a.b/c_(d))", "T [x] y", "http://a.b/c_(d)", ""),
        (r"### [T \[x](http://a.b)", "T [x", "http://a.b", ""),
        ("### 🔥 3. [T](<http://a.b> 'words')[oral]", "T", "http://a.b", "oral"),
        ("### T without link [2023]", "T without link", "", "2023"),
        ("### T [[paper](http://a.b)] [[code](http://c.d)] (2023-06)", "T", "http://a.b", "2023-06"),
        ("### Words and https://a.b/c", "Words and https://a.b/c", "", ""),
        ("### https://a.b/c", "https://a.b/c", "https://a.b/c", ""),
    ],
)
def test_headings_of_all_kinds_are_taken_apart(heading: str, title: str, url: str, dated: str) -> None:
    document = read(f"# S\n### [Other](http://o.o)\n#### Abstract\nx\n{heading}\n#### Abstract\ny\n")
    found = document.items[-1].draft
    assert (found.kind, found.title, found.url, found.dated) == (NodeKind.ENTRY, title, url, dated)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("### A tool", NodeKind.ENTRY),  # at the level of entries
        ("## A tool", NodeKind.SECTION),
        ("## A tool [2024-05]", NodeKind.ENTRY),  # with a date
        ("## A tool\n### Abstract", NodeKind.ENTRY),  # with an abstract
    ],
)
def test_a_heading_without_a_link_is_an_entry_where_something_says_so(heading: str, kind: NodeKind) -> None:
    document = read(f"# S\n## One\n### [T](http://a.b)\n\n## Two\n{heading}\nWords.\n")
    found = next(item.draft for item in document.items if item.draft.title == "A tool")
    assert found.kind is kind


@pytest.mark.parametrize(
    "line",
    [
        "#### Abstract",
        "#### abstract:",
        "**Abstract**",
        "### Summary",
        "##### 摘要",
        "#### 概要",
        "# 摘要",
        "__TL;DR__",
        "#### 中文摘要（機器翻譯）",
        "#### Abstract (translated)",
    ],
)
def test_the_head_of_an_abstract_has_many_forms(line: str) -> None:
    document = read(f"# S\n### [T](http://a.b)\n{line}\nWords of it.\n\n### [U](http://a.b/c)\n")
    assert [item.draft.title for item in document.items] == ["S", "T", "U"]
    assert kinds(entry(document, "T")) == ["heading", "abstract"]


def test_what_looks_like_a_heading_in_code_or_a_comment_is_none() -> None:
    document = read("# S\n### [T](http://a.b)\n```sh\n# no heading\n---\n```\n<!--\n## nor this\n-->\n")
    assert [item.draft.title for item in document.items] == ["S", "T"]
    assert kinds(entry(document, "T")) == ["note", "text"]


@pytest.mark.parametrize(
    "inside",
    [
        "<pre>\n# no heading\n\n# nor this\n</pre>",
        "<script>\n# x\n\n---\n</script>",
        "<![CDATA[\n# x\n]]>",
        "~~~~\n```\n# x\n~~~~",
    ],
)
def test_no_heading_and_no_rule_stands_in_what_renderers_take_as_it_is(inside: str) -> None:
    document = read(f"# S\n### [T](http://a.b)\n{inside}\nWords.\n")
    assert [item.draft.title for item in document.items] == ["S", "T"]
    assert len(entry(document, "T").pieces) == 2


def test_a_heading_under_a_tag_is_one_without_a_blank_line_too() -> None:
    document = read("# S\n### [T](http://a.b)\n<p align=center>\n<img src=http://i.j/k.png>\n</p>\n### [U](http://a.b/c)\n")
    assert [item.draft.title for item in document.items] == ["S", "T", "U"]
    assert "image" in kinds(entry(document, "T"))


def test_a_picture_under_a_quotation_is_none_of_it() -> None:
    document = read("# S\n### [T](http://a.b)\n> said\nand more\n![](http://i.j/k.png)\n**Abstract**\nIt walks.\n")
    assert kinds(entry(document, "T")) == ["note", "image", "heading", "abstract"]


def test_words_about_a_comment_begin_none() -> None:
    document = read("# S\n### [T](http://a.b)\nWrite `<!--` to begin one.\n### [U](http://a.b/c)\n")
    assert [item.draft.title for item in document.items] == ["S", "T", "U"]


def test_headings_without_a_space_are_headings_and_tags_are_not() -> None:
    document = read(
        "#Motion\n##Walking\n###[T](http://a.b)\n####摘要\n我們。\n\n---\n\n#One #two\n### [U](http://a.b/c)\n#three\n"
    )
    assert outline(document)[:3] == [("Motion", 1, None), ("Walking", 2, "Motion"), ("T", 3, "Walking")]
    assert kinds(entry(document, "T")) == ["heading", "abstract", "rule"]
    assert [piece.text for piece in document.items[3].draft.pieces] == ["#One #two"]
    assert [piece.text for piece in entry(document, "U").pieces] == ["#three"]


def test_front_matter_is_no_rule_with_a_heading_under_it() -> None:
    document = read("---\n# comment: 1\ntitle: x\n---\n# S\n### [T](http://a.b)\n")
    assert [item.draft.title for item in document.items] == ["", "S", "T"]


def test_rules_inside_of_entries_cut_nothing_off_where_entries_do_not_end_with_one() -> None:
    plain = "".join(f"### [{name}](http://a.b/{name})\nWords.\n\n" for name in ("T", "U"))
    document = read(f"# S\n{plain}### [V](http://a.b/v)\nWords.\n\n---\nMore of it.\n")
    assert kinds(entry(document, "V")) == ["note", "rule", "note"]


def test_all_that_stands_behind_the_first_rule_is_between_entries() -> None:
    document = read("# S\n### [T](http://a.b)\n---\nWords.\n\n---\nBetween.\n\n---\n### [U](http://a.b/c)\n\n---\n")
    assert [item.draft.kind.value for item in document.items] == ["section", "entry", "text", "entry"]
    assert kinds(entry(document, "T")) == ["rule", "note", "rule"]
    assert [piece.text for piece in document.items[2].draft.pieces] == ["Between.", "---"]


def test_a_link_in_a_lower_heading_belongs_to_the_entry_above() -> None:
    document = read("# S\n### [T](http://a.b)\n#### [Code](http://c.d)\nClone it.\n\n### [U](http://a.b/c)\n")
    assert [item.draft.title for item in document.items] == ["S", "T", "U"]
    assert "the heading 'Code' inside of an entry is not known" in document.remarks[0].what


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("[someone/demo](https://github.com/someone/demo)", ["repository"]),
        ("[Online demo](https://github.com/someone/demo)", ["demo"]),
        ("[x](https://huggingface.co/spaces/a/b)", ["demo"]),
        ("[model weights](https://a.b/c)", ["download"]),
        ("**Code:** [here](https://a.b/c)", ["repository"]),
        ("- [paper](https://a.b/c) | [code](https://a.b/d)", ["link", "repository"]),
        ("<https://github.com/a/b>", ["repository"]),
        ("[![badge](https://a.b/c.svg)](https://a.b)", ["link"]),
        ("see [paper](https://a.b/c)", ["note"]),
        ("[a label\n\nover a gap](https://a.b)", ["note", "note"]),
        ("[a label\nover lines](https://a.b)", ["note"]),
    ],
)
def test_a_line_of_links_is_told_from_words(line: str, found: list[str]) -> None:
    assert kinds(entry(read(f"# S\n### [T](http://a.b)\n{line}\n\nLast.\n"), "T")) == [*found, "note"]


@pytest.mark.parametrize(
    "dated",
    ["2023年6月27日", "2023年6月", "2023年", "2023", "2023-06-27", "2023.6", "27/06/2023", "June 2023", "27 Jun 2023", "Jun. 27, 2023",
     "2023 June", "CVPR 2019", "ICML2020", "NeurIPS'22", "arXiv 2023", "ACL 2022 Findings", "2024 CVPR"],
)  # fmt: skip
def test_dates_and_venues_with_a_year_are_known(dated: str) -> None:
    assert is_dated(dated)


@pytest.mark.parametrize(
    "dated", ["", "2023年8月22", "2023年13月1日", "2023-13", "32 June 2023", "40/40/2023", "oral", "very new", "99"]
)
def test_what_is_no_date_is_told(dated: str) -> None:
    assert not is_dated(dated)


def test_line_endings_and_a_byte_order_mark_change_nothing() -> None:
    assert read("\ufeff" + NOTEBOOK.replace("\n", "\r\n")) == read(NOTEBOOK)


def test_a_collection_is_recognised_and_other_pages_are_not() -> None:
    assert recognise(NOTEBOOK) > 0.8
    assert recognise(ENGLISH) > 0.5
    assert recognise("# Papers\n\n| Date | Title |\n|---|---|\n| 2026 | [T](http://a.b) |\n") == 0
    assert recognise("") == 0


# ---------------------------------------------------------------- the example beside the project


@pytest.fixture(scope="module")
def example(shared_data: Path) -> str:
    return (shared_data / "pages" / "curated-collection.md").read_text(encoding="utf-8")


def test_counts_of_the_example_are_those_made_by_hand(example: str) -> None:
    """By hand: grep -ac '^# ' (11), '^## ' (27), '^### ' (55), '^#### ' (55), '^-{3,}$' (54); grep -ao for images and links."""
    items = read(example).items
    pieces = [piece for item in items for piece in item.draft.pieces]
    assert Counter(item.draft.kind.value for item in items) == {"section": 11 + 27, "entry": 55, "text": 3}
    assert Counter(item.draft.level for item in items) == {0: 3, 1: 11, 2: 27, 3: 55}
    assert Counter(piece.kind.value for piece in pieces) == {
        "image": 66, "repository": 50, "demo": 2, "download": 1, "heading": 55, "rule": 54, "table": 1,
        "note": 3, "abstract": 56, "text": 4,
    }  # fmt: skip
    assert sum(bool(piece.size) for piece in pieces) == 14
    assert {piece.language for piece in pieces if piece.kind is PieceKind.ABSTRACT} == {"zh-TW"}


def test_dates_and_venues_of_the_example_are_those_made_by_hand(example: str) -> None:
    entries = [item.draft for item in read(example).items if item.draft.kind is NodeKind.ENTRY]
    dated = [one.dated for one in entries if one.dated]
    assert len(dated) == 52
    assert sorted(one for one in dated if not one[0].isdecimal()) == [
        "CVPR 2019", "CVPR 2023", "ICML2020", "Preprint 2023", "arXiv 2023",
    ]  # fmt: skip
    assert [one.url for one in entries if not one.url.startswith("https://paperswithcode.com/")] == [
        "https://arxiv.org/abs/2304.13712",
        "https://huggingface.co/datasets/silk-road/Luotuo-QA-A-CoQA-Chinese",
        "https://huggingface.co/datasets/sunzeyeah/chinese_chatgpt_corpus",
    ]


def test_what_is_odd_in_the_example_is_told_with_its_line(example: str) -> None:
    assert [remark.line for remark in read(example).remarks] == [134, 282, 441, 541]


def test_the_example_is_recognised_and_those_of_other_families_are_not(example: str, shared_data: Path) -> None:
    others = [(shared_data / "pages" / f"{name}.md").read_text(encoding="utf-8") for name in ("readme-table", "tldr-summary")]
    assert recognise(example) > 0.9
    assert [recognise(other) for other in others] == [0, 0]
