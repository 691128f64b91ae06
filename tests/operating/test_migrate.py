"""Migrations go up and down, on both databases, and end where the models are; each table says what it holds, and how long."""

import datetime as dt
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateIndex

from newsletter.db import Database, connect
from newsletter.errors import PermanentError, TemporaryError
from newsletter.operating.migrate import migrate, pending, steps
from newsletter.operating.state import LINKS_RENEWED_AT
from newsletter.tables import collection, lists, papers
from newsletter.tables.about import NOTHING_SAID, About, Reach
from newsletter.tables.base import Base
from newsletter.tables.subscribers import SubscriberRow
from tests.factories import a_subscriber


def is_a_model(name: str | None, kind: str, parents: dict[str, str]) -> bool:
    """The index of search is no model: FTS5 keeps tables of its own, and PostgreSQL's stands over a column that it fills itself."""
    if kind == "column":
        return (parents["table_name"], name) != ("search_texts", "vector")
    return not (name or "").startswith(("search_index", "ix_search_texts_words"))


# SQLite tells of an index over an expression nothing but its words, which the next test compares.
@pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index", "ignore:autogenerate skipping metadata"
)
def test_the_migrated_tables_equal_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_a_model})
        assert compare_metadata(context, Base.metadata) == []


def test_an_index_over_an_expression_has_the_words_that_statements_are_made_of(sqlite_url: str) -> None:
    [index] = [one for one in Base.metadata.tables["subscribers"].indexes if one.name == "ix_subscribers_domain"]
    database = connect(sqlite_url)
    with database.reading() as session:
        kept = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'ix_subscribers_domain'"))
    database.close()
    assert kept == str(CreateIndex(index).compile(database.engine))


def test_every_migration_goes_down_and_up_again(database: Database) -> None:
    migrate(database, revision="base")
    assert [name for name in inspect(database.engine).get_table_names() if name != "alembic_version"] == []
    assert pending(database)
    migrate(database)
    assert not pending(database)
    assert lists.ListRow.__tablename__ in Base.metadata.tables
    assert papers.SearchTextRow.__tablename__ in Base.metadata.tables
    assert collection.CollectionNodeRow.__tablename__ in Base.metadata.tables
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())


# The newest migration of each version that was given to anybody; a version that is given out adds its own.
RELEASED = ("0027", "0031")


@pytest.mark.parametrize("released", RELEASED)
def test_what_an_older_version_reads_and_writes_goes_on_beside_the_new_tables(database: Database, released: str) -> None:
    """Its tables are reflected as it knew them: processes of it run on while, and after, the database is brought to a new form."""
    migrate(database, revision=released)
    old = MetaData()
    with database.engine.connect() as connection:
        old.reflect(connection, only=lambda name, _: name in Base.metadata.tables)
    assert len(old.tables) > 20
    migrate(database)
    free = "PRAGMA foreign_keys=OFF" if database.engine.dialect.name == "sqlite" else "SET session_replication_role = replica"
    with database.engine.connect() as connection:
        connection.exec_driver_sql(free)
        connection.commit()
        for table in old.sorted_tables:
            row = {column.name: some(column) for column in table.columns if column.name != "vector"}
            connection.execute(insert(table).values(row))
            # A row of its own is found again, with all that it says of it.
            found = connection.execute(select(*(table.c[name] for name in row))).mappings().all()
            assert found, table.name
            key = [column == row[column.name] for column in table.primary_key]
            connection.execute(update(table).where(*key).values(row))
            connection.execute(delete(table).where(*key))
        connection.rollback()


def some(column: Column[Any]) -> Any:
    """A value that this column takes."""
    kind = column.type
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float | Numeric):
        return 1
    if isinstance(kind, DateTime):
        return dt.datetime(2026, 11, 20, 8)  # noqa: DTZ001 - as the database keeps it
    if isinstance(kind, Date):
        return dt.date(2026, 11, 20)
    if isinstance(kind, JSON):
        return {}
    return b"x" if isinstance(kind, LargeBinary) else "x"


def test_tables_that_others_hold_end_a_migration_in_one_line_with_nothing_changed(database: Database) -> None:
    migrate(database, revision="0033")
    with database.engine.connect() as other:
        sqlite = database.engine.dialect.name == "sqlite"
        other.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TemporaryError, match="held by others, and nothing was changed"):
            migrate(database, tries=1, patience=0.2)
        other.rollback()
    assert pending(database)


def test_a_database_without_one_of_its_tables_is_told_so_and_not_that_all_is_well(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("DROP TABLE feedback"))
    with pytest.raises(PermanentError, match="has no table 'feedback': nothing was changed; restore a backup"):
        migrate(database)


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PermanentError, match="newer version"):
        steps(database)


def test_who_was_there_before_links_had_keys_keeps_the_id_that_old_links_name(database: Database) -> None:
    migrate(database, revision="0022")
    with database.transaction() as session:
        for number in (7, 9):
            values = {"id": number, "at": "2026-11-20 08:00:00", "email": f"reader{number}@example.org"}
            session.execute(text(OLD_SUBSCRIBER), values)
            session.execute(text(OLD_DELIVERY), values)
    migrate(database)
    with database.transaction() as session:
        a_subscriber(session)
        rows = session.execute(select(SubscriberRow.id, SubscriberRow.old_link_id, SubscriberRow.link_key)).all()
        renewed = LINKS_RENEWED_AT.read(session)
    assert {row.old_link_id: row.id for row in rows if row.id in (7, 9)} == {7: 7, 9: 9}
    assert [row.old_link_id for row in rows if row.id not in (7, 9)] == [None]
    assert len({row.link_key for row in rows} - {0}) == 3
    assert renewed is not None


def test_an_empty_database_has_no_old_links(database: Database) -> None:
    with database.reading() as session:
        assert LINKS_RENEWED_AT.read(session) is None


OLD_SUBSCRIBER = """
INSERT INTO subscribers (id, email, email_key, address_key, state, language, timezone, hour, weekdays, max_papers, token_version, created_at)
VALUES (:id, :email, :email, :email, 'confirmed', 'en', 'UTC', 6, '[0]', 20, 0, :at)
"""
OLD_DELIVERY = """
INSERT INTO deliveries (subscriber_id, kind, period, state, reason, priority, due_at, attempts, stage, lease, message_id, reply, contents,
planned_at) VALUES (:id, 'confirm', '1', 'sent', '', 0, :at, 1, '', '', :email, '', '{}', :at)
"""


def test_each_table_says_of_whom_it_holds_something_and_how_long() -> None:
    """Erasure, export and retention go by that: see `newsletter.tables.about`."""
    silent = [
        name
        for name, table in Base.metadata.tables.items()
        if not isinstance(said := table.info.get("about"), About) or not (said.kept or said.expires)
    ]
    assert silent == [], "give these `__table_args__ = about(...)`"


def test_what_hangs_on_a_subscriber_is_said_to() -> None:
    hanging = {
        (name, key.parent.name)
        for name, table in Base.metadata.tables.items()
        for key in table.foreign_keys
        if key.column.table.name == "subscribers"
    }
    said = {
        (name, person.column)
        for name, table in Base.metadata.tables.items()
        for person in table.info.get("about", NOTHING_SAID).people
        if person.reach is Reach.SUBSCRIBER
    }
    assert hanging == said - {("subscribers", "id")}


def test_what_the_tables_say_names_columns_that_there_are() -> None:
    missing = []
    for name, table in Base.metadata.tables.items():
        about: About = table.info.get("about", NOTHING_SAID)
        named = {one for person in about.people for one in (person.column, *person.hidden)}
        named |= {one for expiry in about.expires for one in (expiry.since, expiry.empties, *expiry.only) if one}
        missing += [(name, one) for one in named if one not in table.columns]
    assert missing == []
