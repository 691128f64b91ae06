"""Imports a CSV file: reads it, decides row by row, writes many rows at a time. Plans no mail."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.subscribers.addresses import address_key
from newsletter.subscribers.import_export.csv_rows import Progress, Reading, Remark, Row, read
from newsletter.subscribers.import_export.decisions import Decision, Deed, decide, decide_former
from newsletter.subscribers.store import import_export as import_export_store
from newsletter.values.batches import batches

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# So many rows are a transaction: a sign-up in between waits for a fraction of a second.
AT_ONCE = 1000


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
    unusable file or an empty consent; row faults are in the report. A dry run keeps nothing. What is written stays where the rest
    fails: a second import of the file finds it unchanged.
    """
    consent = consent.strip()
    if not consent:
        raise InputError("the consent is empty: say what these people agreed to, when and where")
    sheet = read(lines, known=known, how=how, progress=progress)
    tally = _Tally(list(sheet.refused), list(sheet.notes), dict(sheet.cells))
    for rows in batches(sheet.rows, AT_ONCE):
        try:
            with services.database.transaction() as session:
                tally.take(write_rows(services, session, rows, consent=consent, now=now))
                if dry_run:
                    raise _DryRun
        except _DryRun:
            continue
    report = tally.report()
    log.info("imported", added=report.added, updated=report.updated, unchanged=report.unchanged, refused=len(report.refused))
    return report


def write_rows(services: Services, session: Session, rows: Sequence[Row], *, consent: str, now: dt.datetime) -> list[Decision]:
    """Decides about some rows, and writes that with the ``consent`` of each."""
    hashes = {row.key: address_key(row.email, services.settings.suppression_key) for row in rows}
    people = import_export_store.people(session, list(hashes))
    suppressed = import_export_store.suppressed(session, list(hashes.values()))
    former = import_export_store.former(session, list(hashes.values()))
    decisions = [
        decide_former(row, people.get(row.key), today=now.date())
        if hashes[row.key] in former
        else decide(row, people.get(row.key), suppressed=suppressed.get(hashes[row.key], ""), today=now.date())
        for row in rows
    ]
    import_export_store.apply(session, decisions, address_keys=hashes, consent=consent, now=now)
    return decisions


@dataclass(slots=True)
class _Tally:
    """What is told of the rows so far; the decisions themselves are not kept."""

    refused: list[Remark]
    notes: list[Remark]
    cells: dict[int, tuple[str, ...]]
    counts: Counter[Deed] = field(default_factory=Counter)

    def take(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self.counts[decision.deed] += 1
            if decision.deed is Deed.REFUSE:
                self.cells[decision.row.line] = (decision.row.email,)
            if decision.remark:
                (self.refused if decision.deed is Deed.REFUSE else self.notes).append((decision.row.line, decision.remark))

    def report(self) -> ImportReport:
        return ImportReport(
            added=self.counts[Deed.ADD],
            updated=self.counts[Deed.UPDATE] + self.counts[Deed.LEAVE],
            unchanged=self.counts[Deed.NOTHING],
            suppressed=self.counts[Deed.SUPPRESS],
            cells=self.cells,
            refused=tuple(sorted(self.refused)),
            notes=tuple(sorted(self.notes)),
        )
