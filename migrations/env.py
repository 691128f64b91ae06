"""Alembic's entry: works on the connection that `newsletter.operating.migrate` hands over."""

from alembic import context
from sqlalchemy import JSON

from newsletter.db import UtcDateTime
from newsletter.tables.base import Base


def plain_types(kind: str, item: object, _: object) -> str | bool:
    """A migration names only SQLAlchemy's own types, so that it runs whatever the package looks like later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')"
    return False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
