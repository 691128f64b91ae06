"""Writes a list of JSON records again, or papers as JSON Lines: as it came, but for what changed and what was added. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from newsletter.archive.formats.columns import role_of_label
from newsletter.archive.formats.document import Kind, Piece, Role
from newsletter.archive.formats.stored_texts import KnownPaper, fingerprint, plain_text, stored_text
from newsletter.archive.kept_list import StoredBlock
from newsletter.archive.pages.days import Section
from newsletter.archive.pages.rows import Shown
from newsletter.text.identifiers import abs_url, is_arxiv_ref, pdf_url
from newsletter.values.papers import LinkKind
from newsletter.values.translations import Field


def records_page(blocks: Sequence[StoredBlock], added: Mapping[int | None, Sequence[int]], shown: Shown) -> str:
    """The file as it came; papers that came since stand behind the first record of their topic, with its fields."""
    parts: list[str] = []
    seen: set[int | None] = set()
    for place, block in enumerate(blocks):
        parts.append(_written(block, shown))
        if block.kind is Kind.ROW and block.topic not in seen:
            seen.add(block.topic)
            parts += _added(blocks, place, [shown.known[one] for one in added.get(block.topic, ())])
    return "".join(parts)


def _written(block: StoredBlock, shown: Shown) -> str:
    known = shown.known.get(block.paper_id) if block.paper_id is not None else None
    return "".join(
        piece.raw if known is None or not mark or fingerprint(stored_text(piece, known)) == mark else _as_json(piece, known)
        for piece, mark in block.pieces
    )


def _as_json(piece: Piece, known: KnownPaper) -> str:
    return json.dumps(plain_text(piece, known), ensure_ascii=piece.raw.isascii())


def _added(blocks: Sequence[StoredBlock], place: int, papers: Sequence[KnownPaper]) -> list[str]:
    """The new records, each behind a comma or the end of a line, and its key where the others have one."""
    raw = "".join(piece.raw for piece, _ in blocks[place].pieces)
    before = "".join(piece.raw for piece, _ in blocks[place - 1].pieces) if place else ""
    keyed = before.rstrip().endswith(":")
    is_line = not before.strip() and "\n" not in raw
    made: list[str] = []
    for known in papers:
        if not is_arxiv_ref(known.paper.ref):
            continue
        record = json.dumps(_like(json.loads(raw), known), ensure_ascii=raw.isascii())
        made.append(f"\n{record}" if is_line else f', "{known.paper.ref}": {record}' if keyed else f", {record}")
    return made


def _like(record: Mapping[str, Any], known: KnownPaper) -> dict[str, Any]:
    """A paper with the fields of another record; what nobody knows of it is null."""
    return {name: _value(name, value, known) for name, value in record.items()}


def _value(name: str, value: Any, known: KnownPaper) -> Any:
    paper = known.paper
    plain = " ".join(name.lower().replace("_", " ").split())
    if isinstance(value, dict):
        return {}
    if plain in ("id", "arxiv id", "arxiv", "paper id", "arxivid"):
        return paper.ref
    if plain in ("url", "link", "abs", "abs url", "paper url", "entry id"):
        return abs_url(paper.ref)
    if plain in ("pdf", "pdf url"):
        return pdf_url(paper.ref, paper.version)
    role = Role.ABSTRACT if plain == "summary" else role_of_label(plain)
    said: dict[Role, Any] = {
        Role.TITLE: paper.title, Role.ABSTRACT: paper.abstract, Role.DATE: paper.submitted.date().isoformat(),
        Role.COMMENT: paper.comment,
        Role.AUTHORS: list(paper.authors) if isinstance(value, list) else ", ".join(paper.authors),
        Role.CATEGORY: list(paper.categories) if isinstance(value, list) else paper.primary_category,
        Role.CODE: next((link.url for link in paper.links if link.kind is LinkKind.CODE), None),
    }  # fmt: skip
    return said.get(role)


def records_of(sections: Sequence[Section], shown: Shown) -> str:
    """Papers as JSON Lines, each once with the names of its topics."""
    topics: dict[int, list[str]] = {}
    for section in sections:
        for one in section.papers:
            topics.setdefault(one, []).append(section.name)
    full = (_full(shown.known[one], names, shown.language) for one, names in topics.items())
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in full)


def _full(known: KnownPaper, topics: Sequence[str], language: str) -> dict[str, Any]:
    paper = known.paper
    texts = {f"{field.value}_{language}": known.texts[language, field] for field in Field if (language, field) in known.texts}
    return {
        "id": paper.ref,
        "title": paper.title,
        "authors": list(paper.authors),
        "date": paper.submitted.date().isoformat(),
        "abstract": paper.abstract,
        "categories": list(paper.categories),
        "comment": paper.comment,
        "url": abs_url(paper.ref),
        "code": next((link.url for link in paper.links if link.kind is LinkKind.CODE), None),
        "topics": list(topics),
        **texts,
    }
