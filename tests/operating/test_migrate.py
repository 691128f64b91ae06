"""Migrations go up and down, on both databases, and end where the models are."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from newsletter.db import Database
from newsletter.operating.migrate import migrate, pending
from newsletter.tables import collection, lists, papers
from newsletter.tables.base import Base


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
