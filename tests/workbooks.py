"""Makes workbooks for tests, as a spreadsheet saves them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook


def workbook(links: Mapping[str, str] | None = None, hidden: Sequence[str] = (), **sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these sheets, row by row; ``links`` are those of cells of the first sheet, by place."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for place, url in (links or {}).items():
        made.worksheets[0][place].hyperlink = url
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
