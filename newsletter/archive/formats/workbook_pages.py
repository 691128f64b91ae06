"""Makes a page of tables out of a workbook of papers, or of CSV: a heading for each sheet, a row for each row. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from newsletter.text.workbooks import Cell, Sheet

# A column of these holds ids; what is a number there lost the zeros at its end, or at its beginning.
_IDS = {"id", "arxiv", "arxiv id", "arxivid", "paper id", "paperid", "ref", "pdf", "link", "url", "eprint", "编号", "論文id"}
_TITLES = {"title", "titles", "paper", "paper title", "name", "标题", "题目", "標題", "題目", "タイトル"}
_NUMBER = re.compile(r"(?P<month>\d{3,4})\.(?P<place>\d{1,5})")
# Since January 2015 ids have five digits: https://info.arxiv.org/help/arxiv_identifier.html
_FIVE_DIGITS = 1501


def sheet_of(text: str) -> Sheet | None:
    """``text`` as a sheet where it is a table in CSV (by commas, semicolons, tabs) whose first line names titles and ids."""
    head = text.lstrip("\ufeff").partition("\n")[0]
    for delimiter in "\t,;":
        names = {_plain(name) for name in next(csv.reader([head], delimiter=delimiter), [])}
        if names & _TITLES and names & _IDS:
            return Sheet("", dict(_csv_rows(text.lstrip("\ufeff"), delimiter)))
    return None


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    for row in reader:
        if any(row):
            yield reader.line_num, tuple(Cell(" ".join(cell.split())) for cell in row)


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", name.casefold())).strip()


def page_of(sheets: Sequence[Sheet], *, called: str = "row") -> tuple[str, dict[int, str]]:
    """The workbook as Markdown, and where each line of it stands there, in words; ``called`` is what a row is there."""
    lines: list[str] = []
    places: dict[int, str] = {}
    for sheet in sheets:
        if len(sheets) > 1:
            lines += ["", f"## {sheet.name}", ""]
            places[len(lines) - 1] = f"sheet {sheet.name!r}"
        of = f"sheet {sheet.name!r}, " if len(sheets) > 1 else ""
        for number, line in _lines(sheet):
            lines.append(line)
            places[len(lines)] = f"{of}{called} {number}"
    return "\n".join(lines) + "\n", places


def _lines(sheet: Sheet) -> Iterator[tuple[int, str]]:
    rows = _with_ids(sheet.rows)
    width = max(map(len, rows.values()))
    for place, (number, row) in enumerate(rows.items()):
        cells = [_written(cell) for cell in row] + [""] * (width - len(row))
        yield number, f"| {' | '.join(cells)} |"
        if place == 0 and _is_header(row):
            yield number, f"|{' --- |' * width}"


def _is_header(row: Sequence[Cell]) -> bool:
    """A first row that holds no id, address or date names the columns."""
    return not any(cell.url or re.search(r"\d{4}[.-]\d\d|https?://", cell.text) for cell in row)


def _written(cell: Cell) -> str:
    text = cell.text.replace("|", "\\|")
    if not cell.url or cell.url in (cell.text, f"mailto:{cell.text}"):
        return text
    return f"[{text}]({cell.url.replace('|', '%7C').replace(' ', '%20').replace(')', '%29')})"


def _with_ids(rows: Mapping[int, tuple[Cell, ...]]) -> dict[int, tuple[Cell, ...]]:
    """The rows with ids that a spreadsheet took for numbers as they were: 2606.1001 was 2606.10010."""
    held = _columns_of_ids(rows)
    return {
        number: tuple(Cell(_as_id(one.text) or one.text, one.url) if place in held else one for place, one in enumerate(row))
        for number, row in rows.items()
    }


def _columns_of_ids(rows: Mapping[int, tuple[Cell, ...]]) -> set[int]:
    """By their names; without names, those that could hold nothing else."""
    first = next(iter(rows.values()))
    if _is_header(first):
        return {place for place, cell in enumerate(first) if _plain(cell.text) in _IDS}
    columns = [[row[place].text for row in rows.values() if place < len(row)] for place in range(len(first))]
    return {place for place, texts in enumerate(columns) if all(map(_as_id, texts))}


def _as_id(text: str) -> str:
    """The arXiv id that was made this number; "" where none was."""
    found = _NUMBER.fullmatch(text)
    if found is None or not 1 <= int(found["month"]) % 100 <= 12:
        return ""
    month = found["month"].zfill(4)
    digits = 5 if int(month) >= _FIVE_DIGITS else 4
    return f"{month}.{found['place'].ljust(digits, '0')}" if len(found["place"]) <= digits else ""
