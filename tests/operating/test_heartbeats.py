"""Who is at work is told by the database: processes and stages beat, and whoever asks sees which fell silent."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.db import Database, connect
from newsletter.operating import heartbeats, store
from newsletter.operating.heartbeats import Beat, Part, Pulse, Stage
from newsletter.operating.migrate import migrate
from newsletter.operating.start_checks import wait_until_migrated
from newsletter.web import create_app
from tests.cli.forked import Commands
from tests.factories import NOW
from tests.services import services_over
from tests.waiting import wait_until

HERE = socket.gethostname()


def beats(database: Database) -> list[Beat]:
    with database.reading() as session:
        return list(heartbeats.beats(session))


def put(database: Database, part: Part, *, at: dt.datetime, name: str = f"{HERE}:1") -> None:
    with database.transaction() as session:
        store.put_beat(session, Beat(part, name, at, at))


def test_a_process_beats_and_not_more_often_than_it_must(database: Database) -> None:
    pulse = Pulse(database, Part.WORKER, clock=lambda: NOW)
    pulse.beat("Redis is away")
    pulse.beat()
    [beat] = beats(database)
    assert (beat.part, beat.name, beat.beat_at, beat.problem) == (Part.WORKER, heartbeats.own_name(), NOW, "Redis is away")


def test_a_database_that_is_away_stops_nothing_that_beats() -> None:
    away = connect("postgresql+psycopg://nobody@127.0.0.1:1/none")
    Pulse(away, Part.WORKER, clock=lambda: NOW).beat()
    with heartbeats.stage(away, Stage.FETCH, clock=lambda: NOW):
        pass
    away.close()


def test_a_stage_notes_beginning_end_and_failure(database: Database) -> None:
    times = iter([NOW, NOW + dt.timedelta(seconds=3), NOW + dt.timedelta(hours=1), NOW + dt.timedelta(hours=2)])
    with heartbeats.stage(database, Stage.FETCH, clock=lambda: next(times)):
        [running] = beats(database)
        assert running.ended_at is None
    assert [(one.name, one.seconds, one.problem) for one in beats(database)] == [("fetch", 3.0, "")]

    def fail() -> None:
        with heartbeats.stage(database, Stage.FETCH, clock=lambda: next(times)):
            assert beats(database)[0].seconds == 3.0, "the end before stays until there is another"
            raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        fail()
    assert [(one.seconds, one.problem) for one in beats(database)] == [(3600.0, "no answer")]


def test_a_part_is_silent_once_none_of_its_processes_beats(database: Database) -> None:
    assert heartbeats.silences(beats(database), now=NOW) == [], "nothing is said of what was never seen"
    put(database, Part.WORKER, at=NOW, name="a:1")
    put(database, Part.WORKER, at=NOW - dt.timedelta(hours=1), name="b:2")
    put(database, Part.SCHEDULER, at=NOW)
    assert heartbeats.silences(beats(database), now=NOW + dt.timedelta(seconds=60)) == []
    late = NOW + dt.timedelta(minutes=3)
    [silence] = heartbeats.silences(beats(database), now=late)
    assert (silence.part, silence.last) == (Part.WORKER, NOW)
    assert "no worker is at work" in silence.words
    assert heartbeats.alive(beats(database), Part.WORKER, now=NOW, host="b") == 0
    assert heartbeats.alive(beats(database), Part.WORKER, now=NOW, host="a") == 1


def test_readiness_tells_of_a_silent_scheduler_and_pages_are_served(sqlite_url: str, tmp_path: Path) -> None:
    services = services_over(sqlite_url, tmp_path)
    client = create_app(services).test_client()
    assert client.get("/readyz").status_code == 200
    put(services.database, Part.SCHEDULER, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    answer = client.get("/readyz")
    assert (answer.status_code, "no scheduler is at work" in answer.text) == (503, True)
    assert client.get("/readyz?of=pages").status_code == 200
    put(services.database, Part.SCHEDULER, at=dt.datetime.now(dt.UTC))
    assert client.get("/readyz").status_code == 200
    services.database.close()


def test_a_health_check_asks_for_the_processes_of_its_machine(commands: Commands, sqlite_url: str, tmp_path: Path) -> None:
    database = connect(sqlite_url)
    now = dt.datetime.now(dt.UTC)
    put(database, Part.WORKER, at=now, name="elsewhere:1")
    said = commands.run(tmp_path, "healthy", "worker", DATABASE_URL=sqlite_url)
    assert said.returncode == 1
    assert f"no worker on {HERE}" in said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert commands.run(tmp_path, "healthy", "worker", "--anywhere", DATABASE_URL=sqlite_url).returncode == 0
    put(database, Part.WORKER, at=now - dt.timedelta(minutes=1))
    assert commands.run(tmp_path, "healthy", "worker", DATABASE_URL=sqlite_url).stdout == "1 at work\n"
    database.close()


def test_a_process_waits_for_the_migration_and_says_so_once(tmp_path: Path) -> None:
    database, ended = connect(f"sqlite:///{tmp_path}/new.db"), threading.Event()
    found: list[bool] = []
    with capture_logs() as logs:
        waiting = threading.Thread(target=lambda: found.append(wait_until_migrated(database, ended, seconds=0.02)), daemon=True)
        waiting.start()
        wait_until(lambda: logs)
        migrate(database)
        waiting.join()
    assert [line["event"] for line in logs] == ["waiting for the database to be migrated: run `newsletter migrate`"]
    assert found == [True]
    ended.set()
    assert not wait_until_migrated(database, ended)
    database.close()


def test_what_finds_no_table_says_to_migrate(tmp_path: Path) -> None:
    from newsletter.errors import TemporaryError

    database = connect(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(TemporaryError, match="newsletter migrate"):
        beats(database)
    database.close()
