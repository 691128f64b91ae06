"""Migrations go up and down, on both databases, and end where the models are; each table says what it holds, and how long."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from newsletter.db import Database
from newsletter.operating.migrate import migrate, pending
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


def test_the_migrated_tables_equal_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_a_model})
        assert compare_metadata(context, Base.metadata) == []


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
