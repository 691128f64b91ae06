"""A workbook of papers is read as the page of tables that it would be."""

from __future__ import annotations

import datetime as dt
from functools import partial

from newsletter.archive.formats.registry import document_of
from newsletter.archive.formats.workbook_pages import page_of, sheet_of
from newsletter.text.workbooks import sheets_of
from tests.workbooks import workbook

# Cells of spreadsheets have no zone.
WHEN = partial(dt.datetime, tzinfo=None)

TABLE = [
    ["arXiv ID", "Title", "Authors", "Date", "Code"],
    [2606.1001, "Fields | of Light", "Ada Byron", WHEN(2026, 6, 22), "https://github.com/lights/fields"],
    [704.0001, "An Old One", "Émilie du Châtelet", WHEN(2007, 4, 1), None],
    [],
    ["none yet", "A paper without an id", "Nobody", None, None],
]


def test_each_sheet_is_a_topic_and_each_row_a_paper_with_ids_and_days_as_they_were() -> None:
    bare = [["2606.10077", "No Head Here", "2026-06-20"], ["2606.10078", "Nor Here", "2026-06-21"]]
    text, places = page_of(sheets_of(workbook(NeRF=TABLE, Bare=bare)))
    document = document_of(text, format="readme")
    items = [block.item for block in document.rows if block.item]
    assert document.topics == ("NeRF", "Bare")
    assert [(one.ref, one.title, str(one.date or "")) for one in items] == [
        ("2606.10010", "Fields | of Light", "2026-06-22"),
        ("0704.0001", "An Old One", "2007-04-01"),
        ("", "A paper without an id", ""),
        ("2606.10077", "No Head Here", "2026-06-20"),
        ("2606.10078", "Nor Here", "2026-06-21"),
    ]
    assert items[0].links == (("code", "https://github.com/lights/fields"),)
    assert {places[remark.line] for remark in document.remarks} == {"sheet 'NeRF', row 5"}


def test_a_table_in_csv_is_read_likewise_and_a_page_is_none() -> None:
    rows = 'title,id,day\n"Lamps, that learn",2606.10001,2026-06-22\n\nSecond lamps,2506.01234,x\n'
    for text in (
        rows,
        rows.replace(", ", "~").replace(",", ";").replace("~", ", "),
        rows.replace(", ", "~").replace(",", "\t").replace("~", ", "),
    ):
        table = sheet_of(text)
        assert table is not None
        page, places = page_of([table], called="line")
        document = document_of(page, format="readme")
        assert [(one.item.ref, one.item.title) for one in document.rows if one.item] == [
            ("2606.10001", "Lamps, that learn"),
            ("2506.01234", "Second lamps"),
        ]
        assert places[4] == "line 4"
    assert sheet_of("# Papers\n\n| title | id |\n|---|---|\n") is None


def test_titles_in_italics_are_titles_and_an_outline_is_not_one_paper() -> None:
    document = document_of("1. *Lamps that learn* — Ada Byron, Bo Li (2026) https://arxiv.org/abs/2606.10001\n", format="readme")
    [item] = [block.item for block in document.rows if block.item]
    assert (item.title, item.authors) == ("Lamps that learn", ("Ada Byron", "Bo Li"))
    outline = document_of(
        "* NeRF\n** TODO [[https://arxiv.org/abs/2606.10001][Lamps]]\n   :DAY: 2026-06-22\n- [Other](https://arxiv.org/abs/2606.10002)\n",
        format="readme",
    )
    assert [block.item.ref for block in outline.rows if block.item] == ["2606.10002"]
    assert any("2606.10001" in remark.words for remark in outline.remarks)


def test_a_link_of_a_cell_is_a_link_and_other_numbers_stay_as_they_are() -> None:
    rows = [["Title", "Score"], ["Linked from its title", 2606.1], ["Unlinked", 1203.5]]
    text, places = page_of(sheets_of(workbook({"A2": "https://arxiv.org/abs/2606.10009"}, papers=rows)))
    document = document_of(text, format="readme")
    assert [block.item.ref for block in document.rows if block.item] == ["2606.10009", ""]
    assert "2606.1 |" in text and "1203.5" in text and places[3] == "row 2"
