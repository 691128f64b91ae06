"""Addresses that get no mail again: added, lifted, brought in and written out by an operator. Kept as keyed hashes.

Nothing but `lift` brings anybody back, and it asks for a reason that is kept. Who only left elsewhere may sign up again by
themselves, with a confirmation.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.subscribers import consent, left_addresses
from newsletter.subscribers.addresses import address_key
from newsletter.subscribers.import_export.csv_rows import quoted, unquoted
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as store
from newsletter.subscribers.store.suppressions import Suppression
from newsletter.subscribers.subscriber import State, Subscriber

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# The columns of an export, and an address that is nobody's: its hash tells whether two installations have the same key.
COLUMNS = ("address_key", "reason", "at")
CHECK = "check@suppression-key.invalid"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in; ``refused`` are (line number, sentence)."""

    added: int
    known: int
    left: int
    refused: tuple[tuple[int, str], ...]


def add(services: Services, email: str, *, reason: str, now: dt.datetime) -> bool:
    """Suppresses an address; whoever reads there leaves. False where it was suppressed before. Raises InputError."""
    address, reason = left_addresses.address_in(email), _given(reason)
    key = address_key(address.email, services.settings.suppression_key)
    with services.database.transaction() as session:
        added = store.add(session, [Suppression(key, reason[:64], now)])
        store.end_subscriptions(session, [key], words=reason, now=now)
    return bool(added)


def lift(services: Services, email: str, *, reason: str, now: dt.datetime) -> str:
    """Takes a suppression away, for a reason that is kept; says what that means for whoever is here under this address.

    Who bounced reads again; who complained has left, and may sign up anew. Raises InputError.
    """
    address, reason = left_addresses.address_in(email), _given(reason)
    key = address_key(address.email, services.settings.suppression_key)
    with services.database.transaction() as session:
        was = store.lift(session, key, words=reason, now=now)
        found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
        told = _revive(session, found, reason=reason, now=now) if found else ""
    if not was and not told:
        raise InputError("this address is not suppressed: see `newsletter suppressions list`")
    log.info("suppression lifted", was=was)
    return told or "may sign up again"


def _revive(session: Session, found: Subscriber, *, reason: str, now: dt.datetime) -> str:
    if found.state not in (State.BOUNCED, State.COMPLAINED):
        return ""
    if found.state is State.COMPLAINED:
        bounces_store.write_state(session, found.id, State.UNSUBSCRIBED, probe_at=None)
        return "has left, and may sign up again"
    state = State.CONFIRMED if found.confirmed_at else State.PENDING
    bounces_store.write_state(session, found.id, state, probe_at=None)
    words = f"suppression lifted by the operator: {reason}"
    subscribers_store.add_consent(session, found.id, consent.Action.RETURNED, words=words, origin="operator", now=now)
    return "reads again" if state is State.CONFIRMED else "may confirm again"


def bring_in(services: Services, lines: Iterable[str], *, reason: str, now: dt.datetime) -> Imported:
    """Suppresses the addresses of a file: one a line, a CSV file with a column of them, or an export of hashes.

    Whoever reads at one of them leaves. Raises InputError where the file cannot be used; single lines are in the report.
    """
    found, refused = _read(lines, services.settings.suppression_key, reason=_given(reason), now=now)
    with services.database.transaction() as session:
        added = store.add(session, list(found.values()))
        left = store.end_subscriptions(session, list(found), words=reason, now=now)
    log.info("suppressions imported", added=added, left=left, refused=len(refused))
    return Imported(added, len(found) - added, left, tuple(refused))


def exported(session: Session, suppression_key: SecretStr) -> Iterator[str]:
    """Lines of CSV that `bring_in` reads, here or wherever SUPPRESSION_KEY is the same."""
    yield _line(COLUMNS)
    yield _line((address_key(CHECK, suppression_key), "check", ""))
    for one in store.suppressions(session):
        yield _line((one.address_key, one.reason, one.at.isoformat()))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(quoted, cells))
    return out.getvalue()


def _read(
    lines: Iterable[str], key: SecretStr, *, reason: str, now: dt.datetime
) -> tuple[dict[str, Suppression], list[tuple[int, str]]]:
    lines_of_it = left_addresses.rows(lines)
    if lines_of_it and lines_of_it[0][1][0].strip().lower() == COLUMNS[0]:
        return _hashes(lines_of_it[1:], key, reason=reason, now=now)
    found: dict[str, Suppression] = {}
    refused: list[tuple[int, str]] = []
    for number, address in left_addresses.addresses_in(lines_of_it):
        if isinstance(address, InputError):
            refused.append((number, str(address)))
        else:
            hashed = address_key(address.email, key)
            found[hashed] = Suppression(hashed, reason[:64], now)
    return found, refused


def _hashes(
    rows: Iterable[tuple[int, list[str]]], key: SecretStr, *, reason: str, now: dt.datetime
) -> tuple[dict[str, Suppression], list[tuple[int, str]]]:
    found: dict[str, Suppression] = {}
    refused: list[tuple[int, str]] = []
    for number, cells in rows:
        hashed, why, at = ([cell.strip() for cell in cells] + ["", "", ""])[:3]
        if why == "check":
            if hashed != address_key(CHECK, key):
                raise InputError("these hashes were made with another SUPPRESSION_KEY: bring in addresses instead")
        elif re.fullmatch(r"[0-9a-f]{64}", hashed):
            found[hashed] = Suppression(hashed, (unquoted(why) or reason)[:64], _time(at) or now)
        else:
            refused.append((number, "this is no hash of an address"))
    return found, refused


def _time(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _given(reason: str) -> str:
    if not reason.strip():
        raise InputError("the reason is empty: say why, for whoever asks later")
    return reason.strip()
