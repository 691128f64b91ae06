"""Tells each arXiv id that stands in a published list and became no paper: nothing is passed over in silence. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from newsletter.archive.formats.cells import REFERENCE, ref_in
from newsletter.archive.formats.document import Document, Remark

_WHERE = {"code": "stands in a block of code", "comment": "stands in a comment, which nobody sees"}


def refs_by_line(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The base ids of arXiv on each line that names any, with the number of the line, counted from 1."""
    for number, line in enumerate(lines, start=1):
        if "." not in line and "/" not in line:
            continue
        found = dict.fromkeys(
            known.ref for one in REFERENCE.finditer(line) if (known := ref_in(one.group())) and ":" not in known.ref
        )
        if found:
            yield number, list(found)


def with_untold(document: Document, text: str, hidden: Mapping[int, str] | None = None) -> Document:
    """``document`` with a remark for each line of ``text`` that names papers of which none of its rows is.

    ``hidden`` has "code" or "comment" by line, counted from 0.
    """
    stored = {block.item.ref for block in document.blocks if block.item is not None}
    remarks = [*document.remarks, *_untold(text, stored, hidden or {})]
    return replace(document, remarks=tuple(sorted(remarks, key=lambda remark: remark.line)))


def _untold(text: str, stored: Collection[str], hidden: Mapping[int, str]) -> Iterator[Remark]:
    for number, refs in refs_by_line(text.split("\n")):
        missing = [ref for ref in refs if ref not in stored]
        if missing:
            where = _WHERE.get(hidden.get(number - 1, ""), "stands beside what was read as papers")
            yield Remark(number, f"{' '.join(missing)} {where}: kept as it is, no paper is made of it")
