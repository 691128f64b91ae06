"""Published lists are read whole: every field of every row, and every character of what stands around them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.archive.formats.columns import roles_of
from newsletter.archive.formats.document import Kind
from newsletter.archive.formats.json_store import read_store
from newsletter.archive.formats.table_pages import read_table_page
from newsletter.archive.formats.tldr_pages import read_tldr_page
from newsletter.errors import InputError
from newsletter.text.language_detection import language_told
from tests.archive.list_pages import README, STORE, TLDR


@pytest.fixture(scope="session")
def tables(shared_data: Path) -> str:
    return (shared_data / "pages" / "readme-table.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def notes(shared_data: Path) -> str:
    return (shared_data / "pages" / "tldr-summary.md").read_text(encoding="utf-8")


def test_the_counts_of_a_real_page_of_tables_are_those_made_by_hand(tables: str) -> None:
    page = read_table_page(tables)
    kinds = Counter(block.kind for block in page.blocks)
    assert page.topics == ("3D", "MLLM")
    assert [sum(row.topic == place for row in page.rows) for place in (0, 1)] == [10, 10]
    assert (kinds[Kind.BADGE], kinds[Kind.DEFINITION], kinds[Kind.BACK], kinds[Kind.UPDATED], kinds[Kind.USAGE]) == (
        4,
        8,
        2,
        1,
        1,
    )
    assert sum(row.item.links != () for row in page.rows) == 2
    assert all(row.item.ref.startswith("2312.") and row.item.title and row.item.date for row in page.rows)
    assert {language for row in page.rows for _, language, _ in row.item.texts} == {"zh-CN"}
    assert not page.remarks


def test_the_counts_of_a_real_page_of_notes_are_those_made_by_hand(notes: str) -> None:
    page = read_tldr_page(notes)
    found = [block.item for block in page.blocks if block.kind is Kind.NOTE]
    assert (len(page.rows), len(found)) == (18, 18)
    assert Counter(item.announce_type for item in found) == {"cross": 8, "replace-cross": 1, "": 9}
    assert Counter(item.categories for item in found) == {(): 12, ("cs.CV",): 4, ("cs.HC",): 1, ("cs.LG",): 1}
    assert Counter(name for item in found for name, _, _ in item.texts) == {"tldr": 18, "abstract": 18, "title": 17}
    assert all(item.abstract and "Announce" not in item.abstract for item in found)
    assert not any("arXiv:" in text for item in found for _, _, text in item.texts)


def test_a_page_read_is_the_page_again(tables: str, notes: str) -> None:
    assert read_table_page(tables).raw == tables
    assert read_tldr_page(notes).raw == notes
    assert read_table_page(README).raw == README
    assert read_tldr_page(TLDR).raw == TLDR


def test_columns_are_found_by_their_headers_in_any_order() -> None:
    page = read_table_page(README)
    first, second, third, fourth = (row.item for row in page.rows)
    assert (first.ref, first.title, first.authors) == ("2606.10001", "Fields of Light: $|x|$ Matters", ("Ada Byron",))
    assert first.links == (("code", "https://github.com/lights/fields"),)
    assert (second.ref, second.version, second.date) == ("2606.10002", 2, dt.date(2026, 6, 21))
    assert second.texts[0][1:] == ("zh-TW", "我們提出一種新的方法，結果顯示它優於現有的方法 | 見 https://example.org/page.")
    assert (third.ref, third.title) == ("2606.10003", "Things We Made")
    assert third.links == (("code", "https://github.com/a/b"), ("project", "https://a.example.org"))
    assert fourth.ref == ""


def test_what_is_not_understood_is_named_with_its_line() -> None:
    lines = README.splitlines()
    told = {remark.line: remark.words for remark in read_table_page(README).remarks}
    assert "'Mood'" in told[lines.index("| PDF | Code | Title | Mood | Publish Date |") + 1]
    assert "no cell of this row" in told[next(place for place, line in enumerate(lines, 1) if line.startswith("| no link"))]
    assert len(told) == 2


def test_a_prefix_of_the_feed_is_read_into_fields_in_any_language() -> None:
    first, second = (block.item for block in read_tldr_page(TLDR).blocks if block.kind is Kind.NOTE)
    assert (first.version, first.announce_type, first.abstract) == (2, "cross", "We say how grids learn. They learn well.")
    assert ("abstract", "zh-CN", "我们说明网格怎样学习，并且给出实验结果。") in first.texts
    assert (second.title, second.version, second.categories) == ("Old Grids", 1, ("cs.GR",))
    assert not any(name == "title" for name, _, _ in second.texts), "English under a Chinese head is no translation"


def test_a_store_is_read_without_a_header() -> None:
    page = read_store(STORE)
    first, second = (row.item for row in page.rows)
    assert page.topics == ("NeRF", "SLAM")
    assert (first.ref, first.authors, first.date) == ("2606.10001", ("Ada Byron",), dt.date(2026, 6, 22))
    assert (second.texts, second.links) == (
        (("abstract", "zh-CN", "我们提出一种定位方法。"),), (("code", "https://github.com/where/am-i"),)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我们提出了一种新的模型压缩方法", "zh-CN"),
        ("我們提出了一種新的模型壓縮方法", "zh-TW"),
        ("本稿では新しい手法を提案する", "ja"),
        ("우리는 새로운 방법을 제안한다", "ko"),
        ("We propose a new method 方", "en"),
        ("NeRF-MAE: 自监督三维表示学习中的Masked AutoEncoders", "zh-CN"),
        ("Мы предлагаем новый метод", "ru"),
        ("123 — …", ""),
    ],
)
def test_a_language_is_told_by_its_characters(text: str, language: str) -> None:
    assert language_told(text) == language


@pytest.mark.parametrize("share", [0.35, 0.5, 0.7, 0.9])
def test_a_page_of_notes_that_was_cut_is_refused_with_the_line(notes: str, share: float) -> None:
    with pytest.raises(InputError, match=r"line \d+: the file ends"):
        read_tldr_page(notes[: int(len(notes) * share)])


@pytest.mark.parametrize("left", [60, 40, 20, 2])
def test_a_page_of_tables_that_was_cut_in_a_row_is_refused_with_the_line(left: int) -> None:
    end = README.index("[2606.10002v2]")
    with pytest.raises(InputError, match=r"line 23: the file ends in the middle of a row"):
        read_table_page(README[: end - left])


def test_a_store_that_was_cut_is_refused_with_the_line() -> None:
    with pytest.raises(InputError, match=r"line 1, column \d+: this is no whole JSON"):
        read_store(STORE[:-30])


# Cells as people write them: no pipe that nobody escaped beside another text, no line break.
names = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="|\\\x85"), min_size=1, max_size=30
)
cells = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\x85"), max_size=40)


@settings(max_examples=60)
@given(topic=names, cell=cells, formula=st.sampled_from(["$|x|_2$", r"$\|x\|$", "a | b", r"a \| b", ""]))
def test_any_page_read_is_the_page_again(topic: str, cell: str, formula: str) -> None:
    row = f"|**2026-06-22**|**T {formula}**|{cell}|[2606.10001](http://arxiv.org/abs/2606.10001)|null|"
    text = f"## {topic}\n\n|Publish Date|Title|Abstract|PDF|Code|\n|---|---|---|---|---|\n{row}\n"
    page = read_table_page(text)
    assert page.raw == text
    (found,) = page.rows
    assert (found.item.ref, found.item.date) == ("2606.10001", dt.date(2026, 6, 22))


@pytest.mark.parametrize(
    ("headers", "roles"),
    [
        ("Code|Authors|PDF|Title|Abstract|Publish Date", "code authors ref title abstract date"),
        ("日期|标题|论文与代码|摘要", "date title ref abstract"),
        ("Date|Paper|Code|Project Page|Comments", "date title code project comment"),
        ("Title|Paper|中文標題|翻譯摘要", "title ref translated title abstract"),
        ("Title|Title (zh)|Mood", "title translated title extra"),
        ("Ref|Title|Summary", "place title tldr"),
        ("Date|Title|Summary", "date title abstract"),
    ],
)
def test_a_header_says_what_its_column_holds(headers: str, roles: str) -> None:
    found = roles_of(headers.split("|"))
    assert " ".join(role.value for role in found) == roles


VARIANT = """\
| 日期 | 标题 | 论文与代码 | 摘要 |
|:--:|:---|---|---|
| 2024年3月29日 | [**壓縮大型語言模型**](https://arxiv.org/pdf/2403.20000v2.pdf) | [PDF](https://arxiv.org/pdf/2403.20000), [代码](https://github.com/x/y), [项目](https://x.example.io) | 我們壓縮模型，結果顯示優於現有方法。 |
"""


def test_a_page_in_chinese_with_several_links_in_a_cell_is_read_and_written_alike() -> None:
    page = read_table_page(VARIANT)
    item = page.rows[0].item
    assert page.raw == VARIANT
    assert item is not None
    assert (item.ref, item.version, item.date) == ("2403.20000", 2, dt.date(2024, 3, 29))
    assert item.links == (("code", "https://github.com/x/y"), ("project", "https://x.example.io"))
    assert item.texts[0] == ("title", "zh-TW", "壓縮大型語言模型")


NOTE = """\
# Summary

| Title | Ref | TLDR |
|:--|:--|:--|
| [Wide Things](https://arxiv.org/abs/cs/0501001) | [^w] | Wide things are good. |

# Details

[^w]: **宽的事物**

    Wide Things. (arXiv:cs/0501001v2 [cs.LG, stat.ML] UPDATED)

    <http://arxiv.org/abs/cs/0501001>

    Wide things are good.

    The abstract, which was cut off,

    The abstract, which was cut off, in full.
"""


def test_a_page_of_notes_in_another_order_with_an_old_id_is_read() -> None:
    page = read_tldr_page(NOTE)
    item = page.rows[0].item
    assert page.raw == NOTE
    assert item is not None
    assert (item.ref, item.version, item.categories, item.title) == ("cs/0501001", 2, ("cs.LG", "stat.ML"), "Wide Things")
    assert item.texts == (("title", "zh-CN", "宽的事物"),)
    assert item.abstract == "The abstract, which was cut off, in full."


def test_a_store_may_hold_lines_in_the_place_of_rows() -> None:
    row = "- 2024-03-29, **Where, and When**, Jane Doe et.al., Paper: [http://arxiv.org/abs/2403.20331v1](http://arxiv.org/abs/2403.20331v1), Code: **[x](https://github.com/a/b)**\n"
    page = read_store(json.dumps({"SLAM": {"2403.20331": row}}))
    item = page.rows[0].item
    assert item is not None
    assert (item.ref, item.title, item.authors, item.links) == (
        "2403.20331", "Where, and When", ("Jane Doe",), (("code", "https://github.com/a/b"),),
    )  # fmt: skip
    assert page.rows[0].raw == "2403.20331" + row


@settings(max_examples=150)
@given(text=st.text(alphabet="|-#[]()^:* \n`>a1中é.~<", max_size=200))
def test_no_text_makes_a_traceback(text: str) -> None:
    for read in (read_table_page, read_tldr_page, read_store):
        with contextlib.suppress(InputError):
            assert read(text).raw == text or read is read_store


@pytest.mark.parametrize("cell", ["[" * 20_000, "a, " * 9_000, "x | " * 7_000, "](" * 10_000, "$" * 25_000])
def test_hostile_cells_are_read_as_any_others(cell: str) -> None:
    # So many that the square of their length would take longer than any test may.
    rows = f"|2026-06-22|T|{cell}|[2606.10001](http://arxiv.org/abs/2606.10001)|\n" * 100
    text = f"## T\n\n|Date|Title|Abstract|PDF|\n|---|---|---|---|\n{rows}"
    page = read_table_page(text)
    assert page.raw == text
    assert [row.item.ref for row in page.rows if row.item] == ["2606.10001"] * 100


def test_a_line_too_long_for_any_row_is_refused_with_its_number() -> None:
    with pytest.raises(InputError, match="line 3: it has 40002 characters"):
        read_table_page(f"# A\n\n|{'x' * 40_000}\n")
