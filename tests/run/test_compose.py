"""docker-compose.yml is a compose file, asks for its secrets, and its services work together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.db import connect
from newsletter.operating.migrate import pending
from newsletter.settings import load
from tests.run.conftest import COMPOSE, SERVICES, Composed, compose_file, substituted
from tests.run.processes import ROOT, get
from tests.test_docs import variables_told_of
from tests.waiting import wait_until

SECRETS = {
    "POSTGRES_PASSWORD": "pw",
    "SECRET_KEY": "key-" * 8,
    "SUPPRESSION_KEY": "other-" * 8,
    "SMTP_URL": "smtp://mailpit:1025",
}


def test_the_file_fits_the_compose_schema() -> None:
    command = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_no_secret_has_a_default(missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    assert {name for text in texts(compose_file()) for name in required(text, given)} == {missing}


def texts(part: object) -> Iterator[str]:
    """Every text in a part of the compose file."""
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from texts(inner)
    else:
        yield str(part)


def required(text: str, given: dict[str, str]) -> set[str]:
    """The variable that ``text`` cannot do without, where it is not ``given``."""
    try:
        substituted(text, given)
    except KeyError as error:
        return {str(error.args[0]).partition(":")[0]}
    return set()


@pytest.mark.parametrize("service", SERVICES)
def test_what_compose_hands_over_is_understood_also_where_it_is_left_empty(service: str, tmp_path: Path) -> None:
    described = compose_file()["services"][service]["environment"]
    environment = {name: substituted(str(value), SECRETS) for name, value in described.items()}
    settings = load(environment | {"DATA_DIR": str(tmp_path)})
    assert settings.database_url.get_secret_value().startswith("postgresql+psycopg://newsletter:pw@postgres:5432/")


def test_each_variable_handed_over_is_one_that_is_read() -> None:
    for name in SERVICES:
        assert set(compose_file()["services"][name]["environment"]) <= variables_told_of()


def test_every_service_is_watched_and_starts_after_what_it_needs() -> None:
    services = compose_file()["services"]
    assert [name for name, one in services.items() if "healthcheck" not in one and name != "migrate"] == []
    for name in ("web", "sender", "worker", "scheduler"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_redis_keeps_what_it_is_given() -> None:
    command = " ".join(compose_file()["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_try_out_parts_come_with_their_profile_only() -> None:
    services = compose_file()["services"]
    assert {name: one["profiles"] for name, one in services.items() if "profiles" in one} == {
        "mailpit": ["dev"],
        "libretranslate": ["translate"],
    }


def test_the_image_runs_as_a_normal_user_and_holds_what_the_commands_need() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    user = next(place for place, line in enumerate(lines) if line.startswith("USER "))
    assert lines[user] != "USER root"
    assert all(line.startswith(("VOLUME", "EXPOSE", "CMD")) for line in lines[user + 1 :] if line)
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert {"worker.py", "wsgi.py", "gunicorn.conf.py", "newsletter", "templates", "migrations", "requirements.lock"} <= copied


@pytest.mark.postgres
def test_the_services_work_together_on_a_real_postgresql_and_redis(composed: Composed) -> None:
    assert get(f"{composed.base_url}/")[0] == 200
    database = connect(composed.database_url)
    assert not pending(database)
    database.close()
    wait_until(lambda: all("started" in composed.log_of(name) for name in ("sender", "worker", "scheduler")))
    for name in ("web", "sender", "worker", "scheduler"):
        assert composed.processes[name].poll() is None, composed.log_of(name)
