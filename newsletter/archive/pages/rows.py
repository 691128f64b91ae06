"""Writes papers as rows of tables: in the rich form, or in the form of a row that is given. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from newsletter.archive.formats.document import Piece, Role
from newsletter.archive.formats.stored_texts import KnownPaper, fingerprint, stored_text, written
from newsletter.archive.formats.table_pages import read_row
from newsletter.archive.pages.markdown import cell, link, without_liquid
from newsletter.i18n.phrases import reason_text
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.identifiers import abs_url, pdf_url
from newsletter.values.papers import Paper
from newsletter.values.topics import Match
from newsletter.values.translations import Field

RICH_COLUMNS = ("Publish Date", "Title", "Authors", "Abstract", "Paper", "Links", "Categories", "Why")
CLASSIC_COLUMNS = ("Publish Date", "Title", "Authors", "PDF", "Code")
TRANSLATED_COLUMNS = ("Publish Date", "Title", "Abstract", "PDF", "Code")
_REF = "0704.0001"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of its papers: with which matches, in which language ("" for the original), for Jekyll or not.

    ``made`` keeps the cells that a paper has under each of its topics.
    """

    known: dict[int, KnownPaper]
    matches: dict[int, list[Match]] = field(default_factory=dict)
    language: str = ""
    liquid: bool = False
    made: dict[int, str] = field(default_factory=dict)


def header(columns: Sequence[str]) -> str:
    """The head of a table with its separator, as two lines."""
    return f"|{'|'.join(columns)}|\n|{'|'.join('---' for _ in columns)}|\n"


def rich_row(paper_id: int, shown: Shown, *, slug: str = "") -> str:
    """A paper with all that is known of it, as a row under ``RICH_COLUMNS``."""
    if paper_id not in shown.made:
        shown.made[paper_id] = _cells(paper_id, shown)
    why = cell(_why(shown.matches.get(paper_id, ()), slug, shown.language or SOURCE_LANGUAGE), liquid=shown.liquid)
    return f"|{shown.made[paper_id]}|{why}|\n"


def _cells(paper_id: int, shown: Shown) -> str:
    """The cells of a rich row that are the same under each topic."""
    known = shown.known[paper_id]
    paper = known.paper
    page = abs_url(paper.ref)
    title = cell(paper.title, liquid=shown.liquid) + (" (sample)" if paper.is_sample else "")
    other = known.texts.get((shown.language, Field.TITLE), "")
    cells = (
        paper.submitted.date().isoformat(),
        f"**{link(title, page) if page else title}**" + (f"<br>{cell(other, liquid=shown.liquid)}" if other else ""),
        cell(", ".join(paper.authors), liquid=shown.liquid),
        _abstract(paper_id, shown),
        _paper(paper, liquid=shown.liquid),
        " · ".join(link(one.kind.value, one.url) for one in paper.links if one.url.startswith(("https://", "http://"))),
        cell(", ".join(paper.categories), liquid=shown.liquid),
    )
    return "|".join(cells)


def _abstract(paper_id: int, shown: Shown) -> str:
    """The abstract, folded; under its language and what translated it, where it is translated.

    Where nobody knows the original, a translation into another language stands for it.
    """
    known = shown.known[paper_id]
    languages = [shown.language, *(() if known.paper.abstract else sorted(known.engines))]
    language = next((one for one in languages if (one, Field.ABSTRACT) in known.texts), "")
    text = known.texts.get((language, Field.ABSTRACT), known.paper.abstract)
    if not text:
        return ""
    label = f"{language}, {known.engines[language]}" if language else "abstract"
    return f"<details><summary>{cell(label, liquid=shown.liquid)}</summary>{cell(text, liquid=shown.liquid)}</details>"


def _paper(paper: Paper, *, liquid: bool) -> str:
    page, pdf = abs_url(paper.ref), pdf_url(paper.ref, paper.version)
    where = f"{link(cell(paper.ref), page)} · {link('PDF', pdf)}" if page else cell(paper.ref)
    return f"{where} ({cell(paper.licence, liquid=liquid)})" if paper.licence else where


def _why(matches: Sequence[Match], slug: str, language: str) -> str:
    found = next((match for match in matches if match.topic == slug), None) or next(iter(matches), None)
    return reason_text(found.reason, language) if found else ""


def facts(paper_id: int, shown: Shown, slug: str) -> str:
    """Authors, categories, day, links and reason of a paper, as the last paragraph of a note."""
    paper = shown.known[paper_id].paper
    links = " · ".join(link(one.kind.value, one.url) for one in paper.links if one.url.startswith(("https://", "http://")))
    why = _why(shown.matches.get(paper_id, ()), slug, shown.language or SOURCE_LANGUAGE)
    told = (", ".join(paper.authors), paper.submitted.date().isoformat(), ", ".join(paper.categories), paper.licence, why)
    line = " · ".join([*(cell(one, liquid=shown.liquid) for one in told if one), *([links] if links else [])])
    return f"    {line}\n\n" if line else ""


# ---------------------------------------------------------------- rows in a form that is given


def rewritten(pieces: Sequence[tuple[Piece, str]], known: KnownPaper | None, *, in_table: bool, liquid: bool = False) -> str:
    """A stored row or note: each piece as it was, or anew where the database says something else than when the list came."""
    parts: list[str] = []
    for piece, print_ in pieces:
        if known is None or not print_ or fingerprint(stored_text(piece, known)) == print_:
            parts.append(piece.raw)
        else:
            anew = written(piece, known, in_table=in_table)
            parts.append(without_liquid(anew) if liquid else anew)
    return "".join(parts)


def in_form_of(pattern: Sequence[Piece], known: KnownPaper, *, mark: str = "", in_table: bool = True) -> str:
    """A paper in the form of another row or note; ``mark`` takes the place of the footnote's."""
    if pattern and pattern[0].role is Role.MARKER:
        return entry_like(pattern, known)
    parts: list[str] = []
    for piece in pattern:
        match piece.role:
            case Role.GLUE:
                parts.append(piece.raw)
            case Role.REF:
                parts.append(known.paper.ref)
            case Role.PLACE:
                parts.append(mark)
            case Role.VERSION:
                parts.append(f"v{known.paper.version}")
            case Role.ANNOUNCED:
                parts.append("new")
            case Role.EXTRA:
                parts.append("")
            case _:
                parts.append(written(piece, known, in_table=in_table))
    return "".join(parts)


def entry_like(pattern: Sequence[Piece], known: KnownPaper) -> str:
    """A paper as an entry that begins as ``pattern`` does: an item of a list on one line, a card with authors and abstract below.

    What stands around the words of another entry is about the paper of that, so only its marks are taken over.
    """
    paper = known.paper
    marker = re.sub(r"\[?(?<!\d)\d++[\].)]\s+", "", pattern[0].raw)
    quote = ">" in marker
    page = abs_url(paper.ref) or f"http://arxiv.org/abs/{paper.ref}"
    title = link(cell(paper.title), page)
    if re.search(r"[-*+•]\s", marker):
        day = f"{paper.submitted.date().isoformat()}, " if any(piece.role is Role.DATE for piece in pattern) else ""
        return f"{marker}{day}**{title}**, {cell(', '.join(paper.authors))}\n"
    lines = [
        marker + (title if "#" in marker else f"**{title}**"),
        f"*{cell(', '.join(paper.authors))}*",
        "",
        cell(paper.abstract),
    ]
    prefix = "> " if quote else ""
    return "\n".join([lines[0], *(f"{prefix}{line}".rstrip() for line in lines[1:]), "", ""])


@cache
def classic_pattern(language: str = "") -> tuple[Piece, ...]:
    """The row of old: ``|**date**|**title**|First Author et.al.|[id](http://arxiv.org/abs/id)|null|``.

    With a language the abstract stands in the place of the authors.
    """
    text = "x et.al."
    row = f"|**2007-04-01**|**T**|{text}|[{_REF}](http://arxiv.org/abs/{_REF})|null|\n"
    third = Role.ABSTRACT if language else Role.AUTHORS
    pieces, _, _ = read_row(row, (Role.DATE, Role.TITLE, third, Role.REF, Role.CODE))
    return tuple(replace(piece, language=language) if piece.role is Role.ABSTRACT else piece for piece in pieces)


def classic_row(paper_id: int, shown: Shown) -> str:
    """A paper as a row under ``CLASSIC_COLUMNS`` (with a language: ``TRANSLATED_COLUMNS``), as daily lists wrote it.

    A paper of another server than arXiv has its own address.
    """
    known = shown.known[paper_id]
    row = in_form_of(classic_pattern(shown.language), known)
    other = f"http://arxiv.org/abs/{known.paper.ref}"
    page = abs_url(known.paper.ref)
    return row if page.startswith("https://arxiv.org/") else re.sub(re.escape(other), lambda _: page or other, row)
