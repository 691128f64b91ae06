"""A person is shown whole and erased whole: every table by the schema, the local inbox, and the files of the database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from newsletter.bootstrap import Services
from newsletter.db import connect
from newsletter.mail import inbox
from newsletter.operating import state
from newsletter.subscribers import rights
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.about import NOTHING_SAID, Reach
from newsletter.tables.base import Base
from newsletter.tables.collection import CollectionChangeRow, EditorRow
from newsletter.tables.subscribers import SubscriberRow
from tests.cli.forked import Commands
from tests.factories import NOW, a_subscriber
from tests.operating.backup.installations import dump, fill

Make = Callable[..., Services]
ADDRESS = "Ada.Lovelace@example.org"


def fill_for(services: Services, *, others: int = 30) -> int:
    """An installation with a row of the first person in every table that has any, and others around them."""
    with services.database.transaction() as session:
        fill(session, twice=False)
        session.execute(update(SubscriberRow).values(email=ADDRESS, email_key=ADDRESS.lower()))
        session.execute(update(CollectionChangeRow).values(who=session.scalar(select(EditorRow.name))))
        state.SENDING_HELD.write(session, state.SendingHold(NOW, f"550 <{ADDRESS.upper()}> rejected"), now=NOW)
        for _ in range(others):
            a_subscriber(session, "nerf")
    return 1


def holding_people() -> list[str]:
    return sorted(
        name
        for name, table in Base.metadata.tables.items()
        if any(person.reach is Reach.SUBSCRIBER for person in table.info.get("about", NOTHING_SAID).people)
    )


def test_the_data_of_a_person_has_every_table_and_no_secret(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    fill_for(services)
    told = json.loads(json.dumps(rights.data_of_address(services, ADDRESS.lower())))
    assert set(holding_people()) <= set(told["records"])
    assert told["records"]["subscribers"][0]["email"] == ADDRESS
    assert "hash" not in told["records"]["one_time_links"][0]
    assert told["records"]["collection_changes"]
    assert "switches" in told["records"]


def test_erasing_leaves_no_row_of_the_person_in_any_table(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    fill_for(services)
    before = dump(services.database)
    assert all(before[name] for name in holding_people())
    assert rights.erase_address(services, ADDRESS, now=NOW)
    after = dump(services.database)
    assert len(after["subscribers"]) == 30
    assert [name for name in holding_people() if name not in ("subscribers", "subscriptions") and after[name]] == []
    assert ADDRESS.lower() not in json.dumps(after).lower()
    assert after["papers"] == before["papers"]
    assert [row[6] for row in map(json.loads, after["collection_changes"])] == [""]
    assert not rights.erase_address(services, ADDRESS, now=NOW)


def copies(folder: Path) -> list[str]:
    """The files in which the address stands, in whatever case."""
    wanted = ADDRESS.lower().encode()
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes().lower())


@pytest.fixture
def services(tmp_path: Path, sqlite_template: Path, make_services: Make) -> Iterator[Services]:
    shutil.copy(sqlite_template, tmp_path / "here.db")
    yield make_services(f"sqlite:///{tmp_path / 'here.db'}")


def test_no_copy_of_the_address_is_left_in_the_files(services: Services, tmp_path: Path) -> None:
    fill_for(services, others=300)
    folder = inbox.inbox_folder(services.settings.data_dir)
    inbox.deliver(folder, b"Subject: hello\r\n\r\n", sender="", recipient=ADDRESS.lower())
    inbox.deliver(folder, b"Subject: hello\r\n\r\n", sender="", recipient="someone@example.org")
    # Rows that move leave old copies of themselves.
    with services.database.transaction() as session:
        session.execute(update(SubscriberRow).values(language="zh-CN", mailed_at=NOW, cursor=10**12))
        subscribers_store.change_subscriber(session, 1, cursor=5)
    assert copies(tmp_path) != []
    rights.erase_address(services, ADDRESS, now=NOW)
    assert copies(tmp_path) == []
    assert len(inbox.messages(folder)) == 1


def test_what_was_deleted_before_deleting_meant_overwriting_goes_too(services: Services, tmp_path: Path) -> None:
    fill_for(services, others=300)
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql("UPDATE subscribers SET email = 'x' WHERE id = 1")
        connection.exec_driver_sql("DELETE FROM subscriptions WHERE subscriber_id > 100")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql(f"UPDATE subscribers SET email = '{ADDRESS}' WHERE id = 1")
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    rights.erase_address(services, ADDRESS, now=NOW)
    assert copies(tmp_path) == []


def test_erasing_waits_for_nobody_who_reads_for_long(services: Services, tmp_path: Path) -> None:
    fill_for(services)
    other = connect(f"sqlite:///{tmp_path / 'here.db'}")
    with other.reading() as reading:
        assert subscribers_store.subscriber(reading, 1) is not None
        assert rights.erase_address(services, ADDRESS, now=NOW)
    other.close()
    assert services.database.forget_old_pages(ADDRESS)
    assert copies(tmp_path) == []


def test_who_wants_no_mail_ever_stays_known_by_a_hash_alone(services: Services) -> None:
    rights.erase_address(services, ADDRESS, now=NOW, never_again=True)
    assert list(rights.data_of_address(services, ADDRESS)["records"]) == ["suppressions"]


def test_the_commands(tmp_path: Path, commands: Commands, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    database = connect(f"sqlite:///{tmp_path}/var/newsletter.db")
    with database.transaction() as session:
        session.execute(insert(Base.metadata.tables["counters"]).values(name="query", value=0))
        a_subscriber(session, "nerf", email=ADDRESS)
    database.close()
    shown = commands.run(tmp_path, "subscribers", "data", ADDRESS.lower())
    assert json.loads(shown.stdout)["email"] == ADDRESS
    assert commands.run(tmp_path, "subscribers", "erase", ADDRESS).returncode == 0
    again = commands.run(tmp_path, "subscribers", "erase", ADDRESS)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert commands.run(tmp_path, "subscribers", "data", "no address").returncode == 2
    assert copies(tmp_path / "var") == []
