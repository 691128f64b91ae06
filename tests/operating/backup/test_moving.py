"""Moving everything into another database and back: equal rows, old links of the right person, today's digest once."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.db import Database, connect
from newsletter.errors import InputError, PermanentError, TemporaryError
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import leases
from newsletter.operating import state
from newsletter.operating.backup.moving import move
from newsletter.operating.migrate import migrate
from newsletter.subscribers import links, unsubscribe
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.collection import CollectionNodeRow
from newsletter.tables.papers import PaperRow
from tests.cli.forked import Commands
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.operating.backup.installations import dump, fill, rows_of
from tests.smtp_sink import Sink

Make = Callable[..., Services]


def clock() -> dt.datetime:
    return NOW


@pytest.fixture
def source(sqlite_url: str) -> Iterator[Database]:
    database = connect(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    database = connect(postgres_url)
    yield database
    database.close()


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Database]:
    """A database that no migration has run in."""
    database = connect(f"sqlite:///{tmp_path / 'another.db'}")
    yield database
    database.close()


@pytest.mark.postgres
def test_there_and_back_every_row_of_every_table_is_equal(source: Database, postgres: Database, another: Database) -> None:
    with source.transaction() as session:
        fill(session)
        # A parent that comes after its child.
        session.execute(update(CollectionNodeRow).where(CollectionNodeRow.id == 1).values(parent_id=2))
    before = dump(source)
    moved = move(source, postgres, now=clock)
    back = move(postgres, another, now=clock)
    assert all(before.values())
    assert before == dump(another)
    assert moved.rows == back.rows == {name: len(rows) for name, rows in before.items()}


@pytest.mark.postgres
def test_new_rows_get_ids_that_nobody_had(source: Database, postgres: Database) -> None:
    with source.transaction() as session:
        there = [a_subscriber(session) for _ in range(3)]
    move(source, postgres, now=clock)
    with postgres.transaction() as session:
        assert a_subscriber(session) > max(there)


@pytest.mark.postgres
def test_an_old_link_acts_on_its_own_person_and_todays_digest_leaves_once(
    sqlite_url: str, postgres_url: str, make_services: Make
) -> None:
    with Sink() as sink:
        old = make_services(sqlite_url, SMTP_URL=sink.url)
        new = make_services(postgres_url, SMTP_URL=sink.url)
        with old.database.transaction() as session:
            gone = a_subscriber(session, "nerf")
            ids = [a_subscriber(session, "nerf", email=f"r{number}@example.org") for number in range(4)]
            personal_data.erase_subscriber(session, gone)
            a_digest_row(session, ids[0])
        with old.database.reading() as session:
            person = subscribers_store.subscriber(session, ids[2])
        assert person is not None
        link = links.signed_link(old.signer, person, LinkPurpose.UNSUBSCRIBE, day=NOW.date())
        send.drain(old, now=clock)
        with old.database.transaction() as session:
            for subscriber in ids[1:]:
                a_digest_row(session, subscriber)
        move(old.database, new.database, now=clock)
        send.drain(old, now=clock)
        send.drain(new, now=clock)
    assert sorted(taken.recipient for taken in sink.taken) == [f"r{number}@example.org" for number in range(4)]
    with new.database.reading() as session:
        found = links.subscriber_by_link(session, new.signer, link, LinkPurpose.UNSUBSCRIBE, now=NOW)
    assert found.email == "r2@example.org"
    unsubscribe.leave(new, found.id, now=NOW, origin="link")
    with new.database.reading() as session:
        states = [person.state for one in ids if (person := subscribers_store.subscriber(session, one))]
    assert states == ["confirmed", "confirmed", "unsubscribed", "confirmed"]


def test_the_old_database_stays_paused_and_the_new_one_is_as_it_was(source: Database, another: Database) -> None:
    move(source, another, now=clock)
    with source.reading() as one, another.reading() as other:
        assert state.paused(one)
        assert not state.paused(other)


def test_a_target_with_readers_is_refused_and_nothing_is_paused(source: Database, another: Database) -> None:
    migrate(another)
    with another.transaction() as session:
        a_subscriber(session)
    with pytest.raises(InputError, match="not empty \\(1 readers\\)"):
        move(source, another, now=clock)
    with source.reading() as session:
        assert not state.paused(session)


def test_a_target_of_another_form_is_refused(source: Database, another: Database) -> None:
    migrate(another)
    migrate(another, revision="0014")
    with pytest.raises(InputError, match="another form \\(0014"):
        move(source, another, now=clock)


def test_the_database_itself_is_refused(source: Database, sqlite_url: str) -> None:
    same = connect(sqlite_url)
    with pytest.raises(InputError, match="the one in use"):
        move(source, same, now=clock)
    same.close()


def test_a_mail_in_a_workers_hand_is_waited_for(source: Database, another: Database) -> None:
    with source.transaction() as session:
        a_digest_row(session, a_subscriber(session))
        leases.claim(session, lease="worker", until=NOW + dt.timedelta(minutes=1), limit=1, now=NOW)
    with pytest.raises(TemporaryError, match="1 mails in hand"):
        move(source, another, now=clock, patience=0.0)
    with source.reading() as session:
        assert not state.paused(session)
    assert rows_of(another, "subscribers") == []


@pytest.mark.postgres
def test_a_text_that_the_target_cannot_hold_is_named_and_nothing_is_moved(source: Database, postgres: Database) -> None:
    with source.transaction() as session:
        fill(session)
        session.execute(update(PaperRow).where(PaperRow.id == 2).values(title="cut\0here"))
    with pytest.raises(PermanentError, match="the row of papers with id 2 does not fit"):
        move(source, postgres, now=clock)
    assert not any(dump(postgres).values())


def test_the_command_says_what_comes_next(tmp_path: Path, commands: Commands, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    answer = commands.run(tmp_path, "move-to", "sqlite:///moved.db")
    assert answer.returncode == 0, answer.stderr
    assert "set DATABASE_URL" in answer.stdout
    again = commands.run(tmp_path, "move-to", "sqlite:///var/newsletter.db")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    nowhere = commands.run(tmp_path, "move-to", "mysql://u:secret@h/x")
    assert nowhere.returncode == 2
    assert "secret" not in nowhere.stderr


def test_nothing_of_the_tables_is_left_out(source: Database) -> None:
    with source.reading() as session:
        made = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"))
        names = {name for name in made if not name.startswith("search_index")}
    assert names - {"alembic_version"} == set(dump(source))
