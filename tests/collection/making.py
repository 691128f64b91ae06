"""Drafts and trees for the tests of the collection."""

from __future__ import annotations

import datetime as dt

from newsletter.collection.values import Draft, NodeKind, Piece, PieceKind

NOW = dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)


def a_section(title: str = "Motion") -> Draft:
    return Draft(NodeKind.SECTION, title=title)


def an_entry(title: str = "Walking Lights", **fields: object) -> Draft:
    return Draft(NodeKind.ENTRY, title=title, **fields)  # type: ignore[arg-type]


def a_note(text: str) -> Piece:
    return Piece(PieceKind.NOTE, text)


def a_repository(name: str) -> Piece:
    url = f"https://github.com/{name}"
    return Piece(PieceKind.REPOSITORY, f"[{name}]({url})", label=name, url=url)
