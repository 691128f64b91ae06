"""Imports a CSV file in one transaction: reads, decides row by row, writes in bulk. Plans no mail."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from newsletter.errors import InputError
from newsletter.subscribers.addresses import address_key
from newsletter.subscribers.import_export.csv_rows import Progress, Reading, Remark, Sheet, read
from newsletter.subscribers.import_export.decisions import Decision, Deed, decide
from newsletter.subscribers.store import import_export as import_export_store

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``refused`` and ``notes`` are (line number, sentence) in the order of the file."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    suppressed: int = 0
    cells: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)


class _DryRun(Exception):
    """Rolls back the transaction of a dry run."""


def import_csv(
    services: Services,
    lines: Iterable[str],
    *,
    consent: str,
    known: Set[str],
    now: dt.datetime,
    how: Reading | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _done: None,
) -> ImportReport:
    """Imports ``lines`` (see `decoding.decode`); ``consent`` says what these people agreed to and is kept for each of them.

    ``known`` are the catalogue's slugs, ``how`` says how the list is read. Somebody listed as ``unsubscribed`` leaves; of
    whom the list has the address alone, a suppression is kept. ``progress`` is told of the rows read. Raises InputError for an
    unusable file or an empty consent; row faults are in the report. A dry run keeps nothing.
    """
    consent = consent.strip()
    if not consent:
        raise InputError("the consent is empty: say what these people agreed to, when and where")
    sheet = read(lines, known=known, how=how, progress=progress)
    hashes = {row.key: address_key(row.email, services.settings.suppression_key) for row in sheet.rows}
    today = now.date()
    try:
        with services.database.transaction() as session:
            people = import_export_store.people(session, [row.key for row in sheet.rows])
            suppressed = import_export_store.suppressed(session, list(hashes.values()))
            decisions = [
                decide(row, people.get(row.key), suppressed=hashes[row.key] in suppressed, today=today) for row in sheet.rows
            ]
            import_export_store.apply(session, decisions, address_keys=hashes, consent=consent, now=now)
            if dry_run:
                raise _DryRun
    except _DryRun:
        log.info("import tried", rows=len(sheet.rows))
    report = _report(decisions, sheet)
    log.info("imported", added=report.added, updated=report.updated, unchanged=report.unchanged, refused=len(report.refused))
    return report


def _report(decisions: Sequence[Decision], sheet: Sheet) -> ImportReport:
    counts = Counter(decision.deed for decision in decisions)
    remarks = [(decision.deed, (decision.row.line, decision.remark)) for decision in decisions if decision.remark]
    return ImportReport(
        added=counts[Deed.ADD],
        updated=counts[Deed.UPDATE] + counts[Deed.LEAVE],
        unchanged=counts[Deed.NOTHING],
        suppressed=counts[Deed.SUPPRESS],
        cells={
            **sheet.cells,
            **{decision.row.line: (decision.row.email,) for decision in decisions if decision.deed is Deed.REFUSE},
        },
        refused=tuple(sorted([*sheet.refused, *(remark for deed, remark in remarks if deed is Deed.REFUSE)])),
        notes=tuple(sorted([*sheet.notes, *(remark for deed, remark in remarks if deed is not Deed.REFUSE)])),
    )
