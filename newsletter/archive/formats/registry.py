"""The registry of the formats of published lists: how each is recognised, read and written. A new format is one more entry.

``newsletter import`` and ``newsletter publish`` use this registry and know no format themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.archive.formats.document import Document, Remark
from newsletter.archive.formats.json_store import read_store, recognise_store
from newsletter.archive.formats.records import read_records, recognise_records
from newsletter.archive.formats.table_pages import read_table_page, recognise_table_page
from newsletter.archive.formats.tldr_pages import read_tldr_page, recognise_tldr_page
from newsletter.archive.importing import ImportOptions, ImportReport, dry_run_transaction, import_list
from newsletter.archive.publishing import (
    CheckedPages,
    Published,
    PublishOptions,
    check,
    checked,
    pages_of_days,
    pages_of_lists,
    write_and_commit,
)
from newsletter.collection.importing import Report, import_document
from newsletter.collection.publishing import published
from newsletter.collection.reading import read as read_collection
from newsletter.collection.reading import recognise as recognise_collection
from newsletter.errors import InputError
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.operating import state
from newsletter.values.list_formats import ListFormat

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.bootstrap import Services

Progress = Callable[[int, int], None]
LEAST_SURE = 0.3


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to be imported: its text, the options, the time, and a function that is told of the progress."""

    text: str
    order: ImportOptions
    now: dt.datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``recognise`` says from 0 to 1 how sure it is; ``import_list`` stores a file in one transaction.

    ``import_list`` raises InputError, naming the line, and keeps nothing then; a dry run keeps nothing either. ``pages`` gives
    the pages of what was taken in by file name: all of it where this format was asked for, else what came as one of this format.
    """

    name: ListFormat
    recognise: Callable[[str], float]
    import_list: Callable[[Services, Incoming], ImportReport]
    pages: Callable[..., dict[str, str]] = pages_of_lists
    read: Callable[[str, Progress], Document] | None = None


def _list_read_by(read: Callable[[str, Progress], Document]) -> Callable[[Services, Incoming], ImportReport]:
    def stored(services: Services, incoming: Incoming) -> ImportReport:
        document = read(incoming.text, incoming.progress)
        return import_list(services, document, incoming.order, text=incoming.text, now=incoming.now)

    return stored


def _of_lists(name: ListFormat, recognise: Callable[[str], float], read: Callable[[str, Progress], Document]) -> Format:
    return Format(name, recognise, _list_read_by(read), read=read)


def _collection(services: Services, incoming: Incoming) -> ImportReport:
    order, document = incoming.order, read_collection(incoming.text)
    with dry_run_transaction(services.database, dry_run=order.dry_run) as session:
        report = import_document(session, document, now=incoming.now, who=order.name)
    remarks = tuple(Remark(remark.line, remark.what) for remark in report.remarks)
    return ImportReport(ListFormat.COLLECTION, order.name, unchanged=report.did_nothing, remarks=remarks, counts=counted(report))


def counted(report: Report) -> tuple[tuple[str, int], ...]:
    """What an import did to the collection, as words and counts."""
    named = {"sections": report.sections, "entries": report.entries, "texts": report.texts}
    return (
        *((f"{what} new", count) for what, count in named.items()),
        ("changed", report.changed),
        ("as before", report.unchanged),
    )


def _pages_of_collection(_: Services, session: Session, wanted: PublishOptions, *, today: dt.date) -> dict[str, str]:  # noqa: ARG001
    """The collection as one page; none where it is empty."""
    page = published(session, language=wanted.language or SOURCE_LANGUAGE, classic=wanted.classic)
    return {"collection.md": page} if page else {}


def _with_front_matter(text: str) -> float:
    sure = recognise_table_page(text) if text.startswith(("---\n", "+++\n")) else 0.0
    return sure + 0.05 if sure else 0.0


FORMATS: tuple[Format, ...] = (
    _of_lists(ListFormat.README, recognise_table_page, lambda text, _: read_table_page(text)),
    _of_lists(ListFormat.JEKYLL, _with_front_matter, lambda text, _: read_table_page(text, format=ListFormat.JEKYLL)),
    _of_lists(ListFormat.TLDR, recognise_tldr_page, lambda text, _: read_tldr_page(text)),
    Format(ListFormat.COLLECTION, recognise_collection, _collection, _pages_of_collection),
    _of_lists(ListFormat.JSON, recognise_store, lambda text, progress: read_store(text, progress=progress)),
    _of_lists(ListFormat.RECORDS, recognise_records, lambda text, _: read_records(text)),
)


def names() -> tuple[str, ...]:
    """The names of the formats, in order."""
    return tuple(format.name for format in FORMATS)


def publish(services: Services, folder: Path, wanted: PublishOptions, *, now: dt.datetime, format: str = "") -> Published:
    """Publishes what was imported into ``folder``, in ``format`` or each in its own; where nothing was, our own newest days.

    Raises InputError where there is no paper yet, no such language or format, or the folder or the remote cannot be written.
    """
    wanted = checked(wanted)
    return write_and_commit(services, folder, _pages(services, wanted, format, now=now), git=wanted.git, now=now)


def checked_pages(
    services: Services, folder: Path, wanted: PublishOptions, *, now: dt.datetime, format: str = ""
) -> CheckedPages:
    """The pages of ``folder`` that publishing would write or push; nothing is written. Raises as ``publish`` does."""
    return check(folder, _pages(services, checked(wanted), format, now=now), git=wanted.git)


def _pages(services: Services, wanted: PublishOptions, format: str, *, now: dt.datetime) -> dict[str, str]:
    chosen = [_named(format)] if format else list(FORMATS)
    pages: dict[str, str] = {}
    with services.database.reading() as session:
        for one in chosen:
            asked = replace(wanted, format=one.name, asked=bool(format))
            pages |= one.pages(services, session, asked, today=now.date())
        if not pages and format != ListFormat.COLLECTION:
            own = replace(wanted, format=chosen[0].name) if format else wanted
            pages = pages_of_days(services, session, own, today=now.date())
    if not pages and format == ListFormat.COLLECTION:
        raise InputError("the collection is empty: add to it on its page, or `newsletter import` one")
    if not pages:
        raise InputError("no papers are stored yet: run `newsletter fetch` first")
    return pages


def publish_by_itself(services: Services, *, now: dt.datetime) -> Published | None:
    """Publishes as the settings say, with today in "Updated on"; None where PUBLISH_DIR is not set. Raises as ``publish`` does.

    That it was tried is noted first, so that what fails waits for the next fetch.
    """
    wanted = services.settings.publishing
    if wanted.folder is None:
        return None
    with services.database.transaction() as session:
        state.PUBLISHED_AT.write(session, now, now=now)
    order = PublishOptions(language=wanted.language, days=wanted.days, classic=wanted.classic, dated=True, git=wanted.git)
    return publish(services, wanted.folder, order, now=now, format=wanted.chosen_format)


def _named(name: str) -> Format:
    found = next((format for format in FORMATS if format.name == name), None)
    if found is None:
        raise InputError(f"there is no format {name!r} here: the formats are {', '.join(names())}")
    return found


def document_of(text: str, *, format: str) -> Document:
    """``text`` read as a list of this format. Raises InputError where it is none, or the format is not one of lists."""
    read = _named(format).read
    if read is None:
        raise InputError(f"a page of the format {format!r} is no list of papers")
    return read(text, lambda _done, _of: None)


def guesses(text: str) -> list[tuple[float, Format]]:
    """The formats that ``text`` can be of, with how sure it is from 0 to 1, the surest first."""
    sure = [(format.recognise(text), format) for format in FORMATS]
    return sorted((pair for pair in sure if pair[0] > 0), key=lambda pair: -pair[0])


def format_of(text: str, *, name: str = "") -> Format:
    """The format called ``name``, else the one that is surest of ``text``. Raises InputError where none is sure enough."""
    if name:
        return _named(name)
    sure, format = next(iter(guesses(text)), (0.0, FORMATS[0]))
    if sure < LEAST_SURE:
        raise InputError(
            "line 1: this is no published list that is known here: it needs a table, a list or cards of papers with their ids or"
            f" addresses, footnotes with notes, or JSON; --as {'|'.join(names())} says which it is meant to be"
        )
    return format
