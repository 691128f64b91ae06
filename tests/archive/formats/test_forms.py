"""Lists in the forms that people publish are read whole, and every paper that stands visibly in one is stored or told."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.archive.formats.document import Document
from newsletter.archive.formats.json_store import read_store
from newsletter.archive.formats.records import read_records
from newsletter.archive.formats.registry import format_of
from newsletter.archive.formats.table_pages import read_table_page
from newsletter.archive.formats.visible_ids import refs_by_line
from newsletter.errors import InputError
from tests.archive.form_pages import MUTATIONS, PAGES, mutated
from tests.archive.list_pages import README


def found(text: str) -> list[tuple[str, str, str]]:
    """Topic, id and title of each row."""
    page = read_table_page(text)
    assert page.raw == text
    return [
        ("" if row.topic is None else page.topics[row.topic], row.item.ref, row.item.title)
        for row in page.rows
        if row.item is not None
    ]


def lost(page: Document, text: str) -> list[tuple[int, str]]:
    """The ids that stand in ``text`` and are neither a row's nor told with their line."""
    stored = {block.item.ref for block in page.blocks if block.item is not None}
    told = {(remark.line, word) for remark in page.remarks for word in remark.words.split()}
    return [
        (line, ref)
        for line, refs in refs_by_line(text.split("\n"))
        for ref in refs
        if ref not in stored and (line, ref) not in told
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_each_form_is_read_as_it_was_meant(name: str) -> None:
    text, rows = PAGES[name]
    assert format_of(text).name in ("readme", "jekyll")
    assert found(text) == rows
    assert lost(read_table_page(text), text) == []


def test_what_nobody_sees_or_stands_in_code_is_no_paper_and_told() -> None:
    text = README + (
        "\n<!--\n|2026-06-01|**Hidden**|[2606.20001](http://arxiv.org/abs/2606.20001)|\n-->\n"
        "```\n|2026-06-01|**Code**|[2606.20002](http://arxiv.org/abs/2606.20002)|\n```\n\nSee also arXiv:2606.20003.\n"
    )
    page = read_table_page(text)
    told = {remark.line: remark.words for remark in page.remarks if "2606.2000" in remark.words}
    assert [words.split()[:5] for words in told.values()] == [
        ["2606.20001", "stands", "in", "a", "comment,"],
        ["2606.20002", "stands", "in", "a", "block"],
        ["2606.20003", "stands", "beside", "what", "was"],
    ]
    assert all(f"{words.split()[0]}" in text.split("\n")[line - 1] for line, words in told.items())


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05 Mar 2025", (3, 5)),
        ("Mar 5, 2025", (3, 5)),
        ("5th March 2025", (3, 5)),
        ("2025/3/5", (3, 5)),
        ("20250305", (3, 5)),
        ("03-05", (3, 5)),
        ("3月5日", (3, 5)),
        ("25.03.05", (3, 5)),
        ("2025-03-05 12:01", (3, 5)),
        ("2025-03-05T12:01:00Z", (3, 5)),
        ("05.03.2025", (3, 5)),
        ("13/03/2025", (3, 13)),
        ("03/05/2025", (3, 5)),
        ("March 2025", (3, 1)),
    ],
)
def test_a_date_is_read_in_the_spellings_that_people_use(cell: str, day: tuple[int, int]) -> None:
    page = read_table_page(
        f"|Date|Title|PDF|\n|---|---|---|\n|{cell}|**A Kettle**|[2503.14951](http://arxiv.org/abs/2503.14951)|\n"
    )
    assert [row.item.date for row in page.rows if row.item] == [dt.date(2025, *day)]
    assert page.remarks == ()


def test_a_date_that_can_be_two_days_is_told_and_not_guessed() -> None:
    page = read_table_page(
        "|Date|Title|PDF|\n|---|---|---|\n|03/05/2025|**A Kettle**|[2401.14951](http://arxiv.org/abs/2401.14951)|\n"
    )
    assert [(row.item.date, remark.words) for row in page.rows for remark in page.remarks if row.item] == [
        (None, "the date of this row cannot be read")
    ]


RECORDS = [
    '{"id": "2503.14962", "title": "Kettle Lines", "summary": "We keep lines.", "AI": {"tldr": "我们记录。"}}\n{"id": "2503.14963", "title": "Spoon Lines"}\n',
    '[\n  {"arxiv_id": "2503.14962v2", "title": "Kettle Lines", "authors": [{"name": "Ada Orr"}]},\n  {"id": "http://arxiv.org/abs/2503.14963v1", "title": "Spoon Lines"}\n]\n',
    '{"2503.14962": {"title": "Kettle Lines"}, "2503.14963": {"title": "Spoon Lines", "date": "2025-03-05"}}',
    '{"papers": [{"id": "2503.14962", "title": "Kettle Lines"}, {"url": "https://arxiv.org/abs/2503.14963", "title": "Spoon Lines"}]}',
    '{"SLAM": {"2503.14962": {"title": "Kettle Lines"}}, "NeRF": [{"id": "2503.14963", "title": "Spoon Lines"}]}',
]


@pytest.mark.parametrize("text", RECORDS)
def test_records_in_json_are_read_and_are_the_file_again(text: str) -> None:
    assert format_of(text).name == "records"
    page = read_records(text)
    assert page.raw == text
    assert [(row.item.ref, row.item.title) for row in page.rows if row.item] == [
        ("2503.14962", "Kettle Lines"),
        ("2503.14963", "Spoon Lines"),
    ]


def test_the_topics_of_records_are_the_names_above_them() -> None:
    page = read_records(RECORDS[-1])
    assert (page.topics, [row.topic for row in page.rows]) == (("SLAM", "NeRF"), [0, 1])


def test_a_summary_in_another_language_is_a_translation_wherever_it_is_nested() -> None:
    first = read_records(RECORDS[0]).rows[0].item
    assert first is not None
    assert (first.abstract, first.texts) == ("We keep lines.", (("tldr", "zh-CN", "我们记录。"),))


def test_records_that_were_cut_are_refused_with_the_line() -> None:
    with pytest.raises(InputError, match=r"line 2, column \d+: this is no whole JSON"):
        read_records(RECORDS[0][:-20])


def test_a_store_without_topics_is_read() -> None:
    text = '{\n "2503.14962": "|2025-03-05|**T**|A B et.al.|[2503.14962](http://arxiv.org/abs/2503.14962)|null|\\n",\n "x": "|2025|no|"\n}'
    assert format_of(text).name == "json"
    page = read_store(text)
    assert [row.item.ref for row in page.rows if row.item] == ["2503.14962", ""]
    assert {remark.line for remark in page.remarks} == {3}


@pytest.mark.parametrize("seed", range(6))
def test_a_page_that_was_damaged_anywhere_loses_no_paper_in_silence(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        text = mutated(chance.choice([page for page, _ in PAGES.values()]), chance)
        try:
            page = read_table_page(text)
        except InputError:
            continue
        assert page.raw == text
        assert lost(page, text) == [], text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*MUTATIONS, "2503.14991", "[T](https://arxiv.org/abs/2503.14992)", "# N\n", "\n", "a "]), max_size=40
    )
)
def test_whatever_stands_around_an_id_it_is_stored_or_told(parts: list[str]) -> None:
    text = "- **Sure**, [pdf](https://arxiv.org/abs/2503.14990)\n\n" + "".join(parts)
    try:
        page = read_table_page(text)
    except InputError:
        return
    assert page.raw == text
    assert lost(page, text) == []


def test_real_pages_have_no_paper_that_is_not_told(shared_data: Path) -> None:
    for name in ("readme-table.md", "tldr-summary.md"):
        text = (shared_data / "pages" / name).read_text(encoding="utf-8")
        assert name.startswith("tldr") or lost(read_table_page(text), text) == []
