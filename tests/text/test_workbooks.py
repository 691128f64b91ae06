"""Workbooks are read as text within limits; what is damaged, too large or no workbook is refused in one line."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from functools import partial

import pytest

from newsletter.errors import InputError
from newsletter.text import workbooks
from newsletter.text.workbooks import Cell, sheets_of
from tests.workbooks import workbook

# Cells of spreadsheets have no zone.
WHEN = partial(dt.datetime, tzinfo=None)


def changed(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with another content of one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return out.getvalue()


def test_cells_are_what_people_see_and_rows_keep_their_numbers() -> None:
    rows = [
        ["day", "count", "yes", "text"],
        [],
        [WHEN(2026, 6, 22), 7.0, True, "two\nlines  and\tmore"],
        [dt.date(2026, 6, 23), 0.25, False, None],
        [WHEN(2026, 6, 22, 8, 30), "#N/A", None, '=HYPERLINK("https://example.org/a b","shown")'],
    ]
    sheet, other = sheets_of(
        workbook({"A1": "https://example.org/day"}, first=rows, empty=[], second=[["x"]], gone=[["y"]], hidden=["gone"])
    )
    assert (sheet.name, other.name, list(sheet.rows)) == ("first", "second", [1, 3, 4, 5])
    assert sheet.rows[1][0] == Cell("day", "https://example.org/day")
    assert [cell.text for cell in sheet.rows[3]] == ["2026-06-22", "7", "yes", "two lines and more"]
    assert [cell.text for cell in sheet.rows[4]] == ["2026-06-23", "0.25", "no"]
    assert sheet.rows[5] == (
        Cell("2026-06-22 08:30:00"),
        Cell(),
        Cell(),
        Cell("https://example.org/a b", "https://example.org/a b"),
    )


def test_what_is_no_workbook_that_can_be_read_is_refused_with_the_mend() -> None:
    good = workbook(one=[["a"]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    faults = {
        "old workbook": b"\xd0\xcf\x11\xe0rest",
        "damaged": good[:200],
        "no workbook of Excel": zipped({"content.xml": b"<office/>"}),
        "entities": changed(good, "xl/worksheets/sheet1.xml", bomb),
        "cannot be read": changed(good, "xl/workbook.xml", b"<workbook><broken"),
        "holds anything": workbook(one=[], two=[[None]]),
    }
    for words, data in faults.items():
        with pytest.raises(InputError, match=words):
            sheets_of(data)


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_what_would_become_large_is_refused_before_it_is_unpacked() -> None:
    good = workbook(one=[["a"]])
    large = changed(good, "xl/theme/theme1.xml", b" " * (workbooks.MOST_UNPACKED + 1))
    assert len(large) < 1_000_000
    with pytest.raises(InputError, match="200 MB unpacked"):
        sheets_of(large)
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
    cell = '<c r="A{0}" t="inlineStr"><is><t>x</t></is></c>'
    for words, rows in {
        "below its row 200,000": f'<row r="1">{cell.format(1)}</row><row r="1048576">{cell.format(1048576)}</row>',
        "more rows or columns": f'<row r="1">{"<c/>" * 20_000}</row>',
    }.items():
        with pytest.raises(InputError, match=words):
            sheets_of(changed(good, "xl/worksheets/sheet1.xml", sheet.format(rows).encode()))
    styled = f'<row r="1">{cell.format(1)}</row><row r="1048576" s="1"/>'
    assert list(sheets_of(changed(good, "xl/worksheets/sheet1.xml", sheet.format(styled).encode()))[0].rows) == [1]


def test_formats_without_content_are_passed_over_and_not_without_end() -> None:
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
    empty = sheet.format('<row r="1048576" s="1"><c r="XFD1048576" s="1"/></row>').encode()
    good = workbook(one=[["a"]], **{f"empty {number}": [] for number in range(20)})
    for number in range(2, 22):
        good = changed(good, f"xl/worksheets/sheet{number}.xml", empty)
    assert [one.name for one in sheets_of(good)] == ["one"]
    wide = sheet.format("".join(f'<row r="{number}">{"<c/>" * 16_000}</row>' for number in range(1, 252))).encode()
    with pytest.raises(InputError, match="more than 4,000,000 cells, empty ones with a format among them: clear the formats"):
        sheets_of(changed(good, "xl/worksheets/sheet1.xml", wide))
    many = "<sheets>" + '<sheet name="x" sheetId="1"/>' * (workbooks.MOST_SHEETS + 1) + "</sheets>"
    with pytest.raises(InputError, match="more than 500 sheets"):
        sheets_of(changed(good, "xl/workbook.xml", many.encode()))
    last = sheet.format('<row r="200000"><c r="A200000"><v>7</v></c></row>').encode()
    assert list(sheets_of(changed(good, "xl/worksheets/sheet1.xml", last))[0].rows) == [200_000]
