"""Exports everybody as CSV that can be imported again: into the same database that changes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

from sqlalchemy.orm import Session

from newsletter.subscribers.import_export.csv_rows import COLUMNS, quoted
from newsletter.subscribers.import_export.decisions import GONE
from newsletter.subscribers.store.import_export import Exported, exported
from newsletter.subscribers.subscriber import State


def export_csv(session: Session, *, now: dt.datetime) -> Iterator[str]:
    """Lines with their line ends, the header first. Bounced and complained people stand there as ``unsubscribed``."""
    yield csv_line(COLUMNS)
    today = now.date()
    for person in exported(session):
        cells = (person.email, ";".join(person.topics), person.language, person.timezone, str(person.hour))
        yield csv_line((*cells, _status(person, today)))


def _status(person: Exported, today: dt.date) -> State:
    if person.state in GONE:
        return State.UNSUBSCRIBED
    if person.state is State.CONFIRMED and person.paused_until is not None and person.paused_until > today:
        return State.PAUSED
    return person.state


def csv_line(cells: tuple[str, ...]) -> str:
    """One line of CSV with its end."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(map(quoted, cells))
    return buffer.getvalue()
