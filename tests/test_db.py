"""Connections to PostgreSQL whose server went away while nobody used them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from newsletter.db import Database, connect
from newsletter.errors import TemporaryError

pytestmark = pytest.mark.postgres


def _end_the_connection(database: Database, other: Database) -> None:
    """Ends the connection that ``database`` keeps, as a restart of the server does."""
    with database.reading() as session:
        process = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with other.reading() as session:
        assert session.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process}).scalar_one()


def _answers(database: Database) -> bool:
    with database.transaction() as session:
        return bool(session.execute(text("SELECT true")).scalar_one())


@pytest.mark.parametrize("rested", [0.0, 600.0], ids=["after a rest", "in use"])
def test_a_connection_that_ended_unnoticed_costs_one_try_at_most(postgres_url: str, rested: float) -> None:
    database, other = connect(postgres_url, rested=rested), connect(postgres_url)
    _end_the_connection(database, other)
    if rested:
        with pytest.raises(TemporaryError, match="the database"):
            _answers(database)
    assert _answers(database)
    database.close()
    other.close()
