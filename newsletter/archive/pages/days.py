"""Pages of our own papers in the formats of published lists: one for a day, and the front page that leads to them. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.archive.formats.document import Piece, Role
from newsletter.archive.pages.markdown import cell
from newsletter.archive.pages.rows import (
    CLASSIC_COLUMNS,
    RICH_COLUMNS,
    TRANSLATED_COLUMNS,
    Shown,
    classic_row,
    facts,
    header,
    in_form_of,
    rich_row,
)
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.anchors import Anchors
from newsletter.values.list_formats import ListFormat

THANKS = "Thank you to arXiv for use of its open access interoperability."
LICENCE = (
    "Titles, authors and abstracts come from arXiv, whose metadata is CC0 (https://info.arxiv.org/help/license); where another"
    " licence holds, it stands beside the paper. Translations name what made them."
)
FRONT = "---\nlayout: default\n---\n\n"


@dataclass(frozen=True, slots=True)
class Section:
    """The papers of one topic, in order; ``slug`` is the topic's."""

    name: str
    slug: str
    papers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """How pages are written: the format, the old columns alone or all that is known, and the day they are written on."""

    format: ListFormat
    classic: bool
    today: dt.date


def closing() -> str:
    """The lines that each rich page ends with."""
    return f"{THANKS} {LICENCE}"


def page_of(heading: str, sections: Sequence[Section], shown: Shown, style: Style, *, days: Sequence[dt.date] = ()) -> str:
    """A page under ``heading``, a section a topic; a front page names the ``days`` that have a page of their own."""
    if style.format is ListFormat.TLDR:
        return _notes(heading, sections, shown, style, days=days)
    title = f"Updated on {style.today:%Y.%m.%d}" if style.classic else heading
    anchors = Anchors()
    top = anchors.of(title)
    named = [(section, anchors.of(cell(section.name, liquid=shown.liquid))) for section in sections]
    head = f"## {title}\n{_folded_contents(named)}" if style.classic else f"# {title}\n\n{_contents(named)}"
    parts = [FRONT if shown.liquid else "", head, _days(days), *(_section(*one, top, shown, style) for one in named)]
    return "".join(parts) + ("" if style.classic else f"{closing()}\n")


def _contents(named: Sequence[tuple[Section, str]]) -> str:
    return "".join(f"- [{cell(section.name)}](#{anchor})\n" for section, anchor in named) + "\n"


def _folded_contents(named: Sequence[tuple[Section, str]]) -> str:
    lines = "".join(f"    <li><a href=#{anchor}>{cell(section.name)}</a></li>\n" for section, anchor in named)
    return f"\n<details>\n  <summary>Table of Contents</summary>\n  <ol>\n{lines}  </ol>\n</details>\n\n"


def _section(section: Section, anchor: str, top: str, shown: Shown, style: Style) -> str:
    # Jekyll makes other anchors than code hosts do: there the page brings its own.
    anchored = f'<a id="{anchor}"></a>\n\n' if shown.liquid and anchor and not style.classic else ""
    table = f"## {cell(section.name, liquid=shown.liquid)}\n\n{_table(section, shown, style)}\n"
    return f"{anchored}{table}<p align=right>(<a href=#{top}>back to top</a>)</p>\n\n"


def _days(days: Sequence[dt.date]) -> str:
    return f"Days: {' · '.join(f'[{day}]({day}.md)' for day in days)}\n\n" if days else ""


def _table(section: Section, shown: Shown, style: Style) -> str:
    if not style.classic:
        return header(RICH_COLUMNS) + "".join(rich_row(one, shown, slug=section.slug) for one in section.papers)
    columns = TRANSLATED_COLUMNS if shown.language else CLASSIC_COLUMNS
    return header(columns) + "".join(classic_row(one, shown) for one in section.papers)


def store_of(sections: Sequence[Section], shown: Shown, style: Style) -> str:
    """The JSON store: ``{TOPIC: {ID: row}}``, with the columns of old or all that is known."""
    store = {
        section.name: {
            shown.known[one].paper.ref: classic_row(one, shown) if style.classic else rich_row(one, shown, slug=section.slug)
            for one in section.papers
        }
        for section in sections
    }
    return json.dumps(store, ensure_ascii=False)


# ---------------------------------------------------------------- pages of notes


def _notes(heading: str, sections: Sequence[Section], shown: Shown, style: Style, *, days: Sequence[dt.date]) -> str:
    """A table of footnotes, and a note for each; every paper once, under the first of its topics."""
    slugs: dict[int, str] = {}
    for section in sections:
        for one in section.papers:
            slugs.setdefault(one, section.slug)
    chinese = shown.language.startswith("zh")
    first, second = ("摘要", "详细" if shown.language == "zh-CN" else "詳細") if chinese else ("Summary", "Details")
    parts = [] if style.classic else [f"# {heading}\n\n", _days(days)]
    parts.append(f"# {first}\n\n| Ref | Title | Summary |\n| --- | --- | --- |\n")
    row, note = _patterns(shown.language)
    notes: list[str] = []
    for number, (paper_id, slug) in enumerate(slugs.items(), start=1):
        known, mark = shown.known[paper_id], f"[^{number}]"
        parts.append(in_form_of(row, known, mark=mark))
        notes.append(in_form_of(note, known, mark=mark, in_table=False) + ("" if style.classic else facts(paper_id, shown, slug)))
    return "".join([*parts, f"\n# {second}\n\n", *notes, "" if style.classic else f"{closing()}\n"])


def _patterns(language: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The row and the note that pages of notes have; without a language there is no translated abstract."""
    own = language or SOURCE_LANGUAGE
    mark, ref, title = Piece(Role.PLACE, ""), Piece(Role.REF, ""), Piece(Role.TITLE, "")
    short = Piece(Role.TLDR, "", own)
    row = (_glue("| "), mark, _glue(" | ["), title, _glue("](https://arxiv.org/abs/"), ref, _glue(") | "), short, _glue(" |\n"))
    between = _glue("\n\n    ")
    translated = (Piece(Role.ABSTRACT, "", language), between) if language else ()
    note = (
        mark, _glue(": "), Piece(Role.OTHER_TITLE, "", own), between, title, _glue("\n\n    [https://arxiv.org/abs/"), ref,
        _glue("](https://arxiv.org/abs/"), ref, _glue(")\n\n    "), short, _glue("\n\n    \n\n    "), *translated,
        Piece(Role.ABSTRACT, "", SOURCE_LANGUAGE), _glue("\n    \n"),
    )  # fmt: skip
    return row, note


def _glue(raw: str) -> Piece:
    return Piece(Role.GLUE, raw)
