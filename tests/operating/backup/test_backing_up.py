"""One file that holds an installation: whole, private, out of one moment, and refused in one line where it is not what it should be."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect

from newsletter.bootstrap import Services
from newsletter.errors import InputError, TemporaryError
from newsletter.mail.signed_links import LinkPurpose
from newsletter.operating import state
from newsletter.operating.backup import backing_up, file, keys, store
from newsletter.operating.migrate import migrate
from newsletter.settings import load
from tests.cli.forked import Commands
from tests.factories import NOW, a_subscriber
from tests.operating.backup.installations import dump, fill, rows_of
from tests.services import SECRET, services_over

Make = Callable[..., Services]
LATER = NOW + dt.timedelta(hours=1)


def a_backup(services: Services, path: Path) -> Path:
    backing_up.backup(services.database, path, settings=services.settings, now=NOW)
    return path


def restored(services: Services, path: Path, **changes: object) -> None:
    backing_up.restore(
        services.database,
        path,
        settings=services.settings,
        now=LATER,
        stopped=LATER,
        **changes,  # type: ignore[arg-type]
    )


def empty(make_services: Make, tmp_path: Path, name: str = "empty", **environ: str) -> Services:
    services = make_services(f"sqlite:///{tmp_path / name}.db", **environ)
    migrate(services.database)
    return services


def without_facts(services: Services) -> dict[str, list[str]]:
    return {name: rows for name, rows in dump(services.database).items() if name != store.FACTS and name not in store.PASSING}


def test_what_comes_out_is_what_went_in(database_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(database_url)
    with services.database.transaction() as session:
        fill(session)
    path = a_backup(services, tmp_path / "backup.zip")
    other = empty(make_services, tmp_path)
    restored(other, path)
    assert without_facts(other) == without_facts(services)
    with other.database.reading() as session:
        assert state.paused(session)


@pytest.mark.postgres
def test_a_backup_of_sqlite_fills_postgresql(sqlite_url: str, postgres_url: str, make_services: Make, tmp_path: Path) -> None:
    services, other = make_services(sqlite_url), make_services(postgres_url)
    with services.database.transaction() as session:
        fill(session)
    restored(other, a_backup(services, tmp_path / "backup.zip"))
    assert without_facts(other) == without_facts(services)
    with other.database.transaction() as session:
        assert a_subscriber(session) == 3


def test_the_file_is_its_owners_alone(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    assert a_backup(make_services(sqlite_url), tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "draft" in path.name] == []


def test_a_backup_is_of_one_moment(database_url: str, make_services: Make, tmp_path: Path) -> None:
    """Somebody who signs up while the tables are written is in all of them, or in none."""
    services = make_services(database_url)
    with services.database.transaction() as session:
        a_subscriber(session, "nerf")

    def sign_up(name: str, _: int) -> None:
        if name == "subscribers":
            with services.database.transaction() as session:
                a_subscriber(session, "slam")

    backing_up.backup(services.database, tmp_path / "b.zip", settings=services.settings, now=NOW, tell=sign_up)
    other = empty(make_services, tmp_path)
    restored(other, tmp_path / "b.zip")
    assert {name: len(rows) for name, rows in dump(other.database).items() if rows and name != store.FACTS} == {
        "subscribers": 1,
        "subscriptions": 1,
    }


def test_an_older_form_is_brought_to_the_newest(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    """As an older version has written it: without the tables and columns that came later."""
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        a_subscriber(session, "nerf", email="ada@example.org")
    migrate(services.database, revision="0020")
    found = inspect(services.database.engine)
    columns = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
    path = tmp_path / "backup.zip"
    with file.created(path) as archive, store.snapshot(services.database) as session:
        shapes = [
            replace(shape, columns=tuple(one for one in shape.columns if one[0] in columns[shape.name]))
            for shape in store.shapes()
            if shape.name in columns
        ]
        tables = tuple(file.write_rows(archive, shape, store.rows(session, shape)) for shape in shapes)
        made = file.Manifest("0020", NOW, "0.1", tables, {}, keys.fingerprints(services.settings), ())
        file.write_manifest(archive, made)
    other = empty(make_services, tmp_path)
    restored(other, path)
    assert [row[1] for row in rows_of(other.database, "subscribers")] == ["ada@example.org"]
    assert [row[1] for row in rows_of(other.database, "subscriptions")] == ["nerf"]


def rewrite(path: Path, change: Callable[[dict], dict]) -> None:  # type: ignore[type-arg]
    """The backup with another manifest."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["manifest.json"] = json.dumps(change(json.loads(members["manifest.json"]))).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def turned_over(path: Path) -> None:
    """One byte within the rows is another."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("tables/subscribers.jsonl")
    data = bytearray(path.read_bytes())
    head = data[info.header_offset : info.header_offset + 30]
    at = info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little") + 20
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))


def foreign(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.jpg", b"...")


def a_row_less(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["tables/subscriptions.jsonl"] = b""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncated, "no backup of this service, or it is cut off"),
    "empty": (lambda path: path.write_bytes(b""), "no backup of this service, or it is cut off"),
    "a foreign zip": (foreign, "no backup of this service"),
    "a database": (lambda path: path.write_bytes(b"SQLite format 3\0" * 100), "no backup of this service"),
    "missing": (lambda path: path.unlink(), "cannot be read"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    "a byte turned over": (turned_over, "damaged in subscribers"),
    "a row less": (a_row_less, "damaged in subscriptions"),
    "a newer form": (lambda path: rewrite(path, lambda told: told | {"revision": "9999"}), "newer form"),
    "a newer file": (lambda path: rewrite(path, lambda told: told | {"format": 2}), "newer form"),
    "a way out": (
        lambda path: rewrite(path, lambda told: told | {"files": ["../../etc/passwd"]}),
        "belongs to no installation|damaged",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_good_backup_is_refused_and_nothing_is_restored(
    kind: str, sqlite_url: str, make_services: Make, tmp_path: Path
) -> None:
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        a_subscriber(session, "nerf")
    path = a_backup(services, tmp_path / "backup.zip")
    spoil, said = BAD[kind]
    spoil(path)
    other = empty(make_services, tmp_path)
    with pytest.raises(InputError, match=said) as told:
        restored(other, path)
    assert "\n" not in str(told.value)
    assert not any(dump(other.database).values())


def test_only_an_empty_installation_is_filled(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        a_subscriber(session)
    path = a_backup(services, tmp_path / "backup.zip")
    with pytest.raises(InputError, match="this installation is not empty \\(1 readers\\)"):
        restored(services, path)


def test_an_existing_file_stays_as_it_is(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("precious")
    for path, said in ((there, "exists already"), (tmp_path, "exists already"), (tmp_path / "no" / "b", "cannot be written")):
        with pytest.raises(InputError, match=said):
            a_backup(make_services(sqlite_url), path)
    assert there.read_text() == "precious"


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(TemporaryError, match="No space left"):
        backing_up.backup(services.database, tmp_path / "b.zip", settings=services.settings, now=NOW, tell=full)
    assert [path.name for path in tmp_path.iterdir() if "b.zip" in path.name] == []


# ---------------------------------------------------------------- keys and files


def own_keys(folder: Path, database: Path) -> Services:
    """An installation whose keys were made in its DATA_DIR."""
    return services_over(f"sqlite:///{database}", folder, SECRET_KEY="", SUPPRESSION_KEY="")


def test_keys_and_files_of_the_installation_come_along(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "one.db")
    shutil.copy(sqlite_template, tmp_path / "two.db")
    one, two = own_keys(tmp_path / "one", tmp_path / "one.db"), own_keys(tmp_path / "two", tmp_path / "two.db")
    (one.settings.data_dir / "catalogue.yaml.taken").write_text("topics: []")
    (one.settings.data_dir / "pictures").mkdir()
    (one.settings.data_dir / "pictures" / "a.webp").write_bytes(b"RIFF")
    token = one.signer.link_token(LinkPurpose.VIEW, 7, 0, day=NOW.date())
    restored(two, a_backup(one, tmp_path / "backup.zip"))
    after = own_keys(tmp_path / "two", tmp_path / "two.db")
    assert after.settings.suppression_key == one.settings.suppression_key
    after.signer.check(after.signer.read(token, now=NOW), LinkPurpose.VIEW, 0, now=NOW)
    kept = after.settings.data_dir
    assert (kept / "pictures" / "a.webp").read_bytes() == b"RIFF"
    assert not list(kept.glob("catalogue*"))
    assert (kept / "secret_key").stat().st_mode & 0o777 == 0o600
    for services in (one, two, after):
        services.database.close()


@pytest.mark.parametrize("name", ["SECRET_KEY", "SUPPRESSION_KEY"])
def test_a_key_of_the_environment_that_is_another_here_is_named(
    name: str, sqlite_url: str, make_services: Make, tmp_path: Path
) -> None:
    services = make_services(sqlite_url)
    path = a_backup(services, tmp_path / "backup.zip")
    assert SECRET.encode() not in path.read_bytes()
    other = empty(make_services, tmp_path, **{name: "another-secret-of-sufficient-length"})
    with pytest.raises(InputError, match=f"{name} is not the one"):
        restored(other, path)
    restored(other, path, new_keys=True)


def test_the_commands_say_what_they_did(tmp_path: Path, commands: Commands, sqlite_template: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name / "var").mkdir(parents=True, mode=0o700)
        shutil.copy(sqlite_template, tmp_path / name / "var" / "newsletter.db")
    file = str(tmp_path / "b.zip")
    made = commands.run(tmp_path / "old", "backup", file)
    assert made.returncode == 0, made.stderr
    again = commands.run(tmp_path / "old", "backup", file)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    back = commands.run(tmp_path / "new", "restore", file)
    assert back.returncode == 0, back.stderr
    assert "Sending is paused" in back.stdout
    resumed = commands.run(tmp_path / "new", "resume")
    assert "not known here" in resumed.stdout
    assert (
        load({"DATA_DIR": str(tmp_path / "new" / "var")}).secret_keys
        == load({"DATA_DIR": str(tmp_path / "old" / "var")}).secret_keys
    )
    assert commands.run(tmp_path / "new", "resume").stdout == "Sending goes on.\n"
