"""The SQL of whole tables: all rows out and in, in an order that foreign keys allow, on either database.

It knows the tables by what `newsletter.tables` says of them, so a new one needs no word here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    TextClause,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    inspect,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

import newsletter.tables  # noqa: F401 - registers all of them
from newsletter.db import Database, UtcDateTime
from newsletter.errors import PermanentError, TemporaryError
from newsletter.operating.backup.rows import Kind, Plain, Shape, from_plain, to_plain
from newsletter.tables.base import Base
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.operating import StateRow
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState

AT_ONCE = 2000
# Filled last: a trigger takes its rows away when a translation comes in.
LAST = ("search_texts",)
# What a process notes as soon as it starts: an installation with nothing else is an empty one.
NOTES = frozenset(
    {"counters", "switches", "request_slots", "connection_shares", "running_fetches", "engine_counts"}
    | {"heartbeats", "alarms", "form_uses"}
)
FACTS = StateRow.__tablename__
# What runs just now, and nobody's business once it does not.
PASSING = frozenset({"request_slots", "connection_shares", "running_fetches", "heartbeats", "alarms", "form_uses", "logins"})
# How long writers of PostgreSQL are waited for before they are kept out.
LOCK_SECONDS = 30

_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (Float, Kind.FLOAT),
    (Date, Kind.DATE),
    (JSON, Kind.JSON),
    (LargeBinary, Kind.BYTES),
    (String, Kind.TEXT),
)
_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.INTEGER: BigInteger(),
    Kind.FLOAT: Float(53),
    Kind.BOOLEAN: Boolean(),
    Kind.TEXT: Text(),
    Kind.TIME: UtcDateTime(),
    Kind.DATE: Date(),
    Kind.JSON: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    Kind.BYTES: LargeBinary(),
}


def shapes() -> list[Shape]:
    """All tables, each after those that its rows name."""
    return sorted(map(_shape, Base.metadata.sorted_tables), key=lambda shape: shape.name in LAST)


def _shape(of: Table) -> Shape:
    own = tuple(one.name for one in of.columns if any(key.column.table is of for key in one.foreign_keys))
    return Shape(of.name, tuple((one.name, _kind(one)) for one in of.columns), tuple(one.name for one in of.primary_key), own)


def _kind(of: Column[Any]) -> Kind:
    if isinstance(of.type, UtcDateTime):
        return Kind.TIME
    found = next((kind for type_, kind in _KINDS if isinstance(of.type, type_)), None)
    if found is None:
        raise TypeError(f"{of}: say how values of {of.type!r} travel")
    return found


def _columns(shape: Shape) -> list[Any]:
    return [column(name, _TYPES[kind]) for name, kind in shape.columns]


# ---------------------------------------------------------------- out


def rows(session: Session, shape: Shape, *, where: tuple[str, Any] | None = None) -> Iterator[Plain]:
    """All rows of a table as they travel, by key, or those ``where`` a column has a value; few are in memory at once."""
    columns = _columns(shape)
    statement = select(*columns).select_from(table(shape.name, *columns)).order_by(*(column(name) for name in shape.key))
    if where is not None:
        statement = statement.where(column(where[0]) == where[1])
    kinds = [kind for _, kind in shape.columns]
    for row in session.execute(statement, execution_options={"yield_per": AT_ONCE}):
        yield [to_plain(value, kind) for value, kind in zip(row, kinds, strict=True)]


def fact(session: Session, name: str) -> Plain | None:
    """The row of one fact of the installation as it travels, None where it was never set."""
    shape = next(shape for shape in shapes() if shape.name == FACTS)
    place = shape.place("name")
    return next((row for row in rows(session, shape) if row[place] == name), None)


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """One moment of the whole database to read from, while others go on writing."""
    with database.reading() as session:
        if not _on_sqlite(session):
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def standing_still(database: Database) -> Iterator[Session]:
    """The whole database, which nobody else writes to until the end of the block. Raises TemporaryError where others go on."""
    with database.transaction() as session:
        if not _on_sqlite(session):
            names = ", ".join(f'"{shape.name}"' for shape in shapes())
            try:
                session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
            except DBAPIError as error:
                raise TemporaryError("others go on writing to the database: end the service, and try again") from error
        yield session


def in_hand(session: Session, *, now: dt.datetime) -> int:
    """How many mails living workers are sending just now."""
    held = (DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.lease_until > now)
    return session.scalar(select(func.count()).select_from(DeliveryRow).where(*held)) or 0


def last_ids(session: Session) -> dict[str, int]:
    """The highest id that each table which numbers its rows has given, also where that row is gone."""
    found: dict[str, int] = {}
    for name in _numbered(session):
        highest = session.scalar(text(f'SELECT max(id) FROM "{name}"')) or 0  # noqa: S608 - a name of ours
        given = session.scalar(_given(session, name)) or 0
        found[name] = max(highest, given)
    return found


def _given(session: Session, name: str) -> TextClause:
    if _on_sqlite(session):
        return text("SELECT seq FROM sqlite_sequence WHERE name = :name").bindparams(name=name)
    sequence = session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')").bindparams(name=name))
    return text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608


def _numbered(session: Session) -> list[str]:
    """The tables whose ids the database gives, and remembers which it gave."""
    names = [one.name for one in Base.metadata.sorted_tables if [key.name for key in one.primary_key] == ["id"]]
    if not _on_sqlite(session):
        serial = text("SELECT pg_get_serial_sequence(:name, 'id') IS NOT NULL")
        there = set(inspect(session.connection()).get_table_names())
        return [name for name in names if name in there and session.scalar(serial.bindparams(name=name))]
    sql: dict[str, str] = dict(session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    return [name for name in names if "AUTOINCREMENT" in str(sql.get(name, "")).upper()]


# ---------------------------------------------------------------- in


def occupied(session: Session) -> dict[str, int]:
    """How many rows stand in each table that has some, the notes of processes left out."""
    counts = {
        shape.name: session.scalar(select(func.count()).select_from(table(shape.name))) or 0
        for shape in shapes()
        if shape.name not in NOTES
    }
    return {name: count for name, count in counts.items() if count}


def clear_notes(session: Session, among: Iterable[str]) -> None:
    """Takes away what processes noted in an empty installation, in the tables ``among`` these."""
    for name in sorted(NOTES.intersection(among)):
        session.execute(delete(table(name)))


def write(session: Session, shape: Shape, given: Iterable[Plain], *, tell: Callable[[int], None] = lambda _: None) -> None:
    """Writes rows as they travel. Raises PermanentError that names the table, and the row that does not fit into it."""
    parents: list[Plain] = []
    done = 0
    for some in batches(given, AT_ONCE):
        if shape.own:
            parents += _parents_taken_out(shape, some)
        _put_or_name(session, shape, some)
        done += len(some)
        tell(done)
    if parents:
        _name_parents(session, shape, parents)


def _parents_taken_out(shape: Shape, some: Sequence[Plain]) -> list[Plain]:
    """Empties the columns that name rows of the same table, of which one may come later; gives what stood there, with the key."""
    own, key = [shape.place(name) for name in shape.own], [shape.place(name) for name in shape.key]
    taken = [[row[place] for place in (*own, *key)] for row in some if any(row[place] is not None for place in own)]
    for row in some:
        for place in own:
            row[place] = None
    return taken


def _name_parents(session: Session, shape: Shape, parents: Sequence[Plain]) -> None:
    named = table(shape.name, *_columns(shape))
    wanted = [named.c[name] == bindparam(f"k_{name}") for name in shape.key]
    statement = update(named).where(*wanted).values({name: bindparam(f"v_{name}") for name in shape.own})
    names = (*(f"v_{name}" for name in shape.own), *(f"k_{name}" for name in shape.key))
    session.connection().execute(statement, [dict(zip(names, row, strict=True)) for row in parents])


def _put_or_name(session: Session, shape: Shape, some: Sequence[Plain]) -> None:
    try:
        with session.begin_nested():
            _put(session, shape, some)
    except (DBAPIError, ValueError, TypeError, AttributeError):
        for row in some:
            try:
                with session.begin_nested():
                    _put(session, shape, [row])
            except (DBAPIError, ValueError, TypeError, AttributeError) as error:
                which = ", ".join(f"{name} {row[shape.place(name)]}" for name in shape.key)
                why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
                raise PermanentError(f"the row of {shape.name} with {which} does not fit ({why}): nothing was written") from error


def _put(session: Session, shape: Shape, some: Sequence[Plain]) -> None:
    if _on_sqlite(session):
        typed = [{name: from_plain(value, kind) for (name, kind), value in zip(shape.columns, row, strict=True)} for row in some]
        session.connection().execute(insert(table(shape.name, *_columns(shape))), typed)
        return
    # One JSON value a statement: PostgreSQL's driver takes longer to read a list of values than the server to write the rows.
    whole = cast(bindparam("rows", type_=Text), JSONB)
    typed_columns = [column(name, _TYPES[kind]) for name, kind in shape.columns]
    given = func.jsonb_to_recordset(whole).table_valued(*typed_columns).render_derived(with_types=True)
    chosen = select(*(given.c[name] for name in shape.names))
    statement = insert(table(shape.name, *_columns(shape))).from_select(list(shape.names), chosen)
    told = json.dumps([dict(zip(shape.names, row, strict=True)) for row in some], separators=(",", ":"))
    session.connection().execute(statement, {"rows": told})


def go_on_after(session: Session, ids: dict[str, int]) -> None:
    """Has the tables that number their rows go on after ``ids``, and after what stands in them: no id is given twice."""
    for name in _numbered(session):
        highest = session.scalar(text(f'SELECT max(id) FROM "{name}"')) or 0  # noqa: S608 - a name of ours
        last = max(highest, ids.get(name, 0))
        if not last:
            continue
        if _on_sqlite(session):
            session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name").bindparams(name=name))
            session.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)").bindparams(name=name, last=last)
            )
        else:
            session.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)").bindparams(name=name, last=last))


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
