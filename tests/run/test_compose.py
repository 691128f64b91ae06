"""docker-compose.yml is a compose file, asks for its secrets, and its services work together."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import __version__
from newsletter.settings import load
from tests.run.conftest import COMPOSE, OURS, compose_file, substituted
from tests.run.processes import ROOT
from tests.test_docs import variables_told_of

SECRETS = {
    "POSTGRES_PASSWORD": "pw",
    "REDIS_PASSWORD": "rpw",
    "BASE_URL": "https://papers.example.org",
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


@pytest.mark.parametrize("service", OURS)
def test_what_compose_hands_over_is_understood_also_where_it_is_left_empty(service: str, tmp_path: Path) -> None:
    described = compose_file()["services"][service]["environment"]
    environment = {name: substituted(str(value), SECRETS) for name, value in described.items()}
    settings = load(environment | {"DATA_DIR": str(tmp_path)})
    assert settings.database_url.get_secret_value().startswith("postgresql+psycopg://newsletter:pw@postgres:5432/")


def test_every_setting_is_handed_over_and_nothing_else() -> None:
    for name in OURS:
        assert set(compose_file()["services"][name]["environment"]) == variables_told_of()


def test_what_an_operator_sets_arrives_as_it_is(tmp_path: Path) -> None:
    """Each setting but those that compose itself decides, because it starts what they lead to."""
    described = compose_file()["services"]["web"]["environment"]
    for name in variables_told_of() - {"DATABASE_URL", "REDIS_URL", "DATA_DIR"}:
        assert substituted(str(described[name]), {**SECRETS, name: "as set"}) == "as set", name


def test_nothing_is_open_to_the_world_but_tls() -> None:
    services = compose_file()["services"]
    ports = {name: [substituted(port, {}) for port in one["ports"]] for name, one in services.items() if "ports" in one}
    assert ports.pop("caddy") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for listed in ports.values() for port in listed)
    assert set(ports) == {"web", "mailpit", "bounces"}


def test_redis_has_a_password_and_is_reached_by_our_services_alone() -> None:
    file = compose_file()
    redis = file["services"]["redis"]
    command = [substituted(word, SECRETS) for word in redis["command"]]
    assert command[command.index("--requirepass") + 1] == "rpw"
    assert substituted(redis["environment"]["REDISCLI_AUTH"], SECRETS) == "rpw"
    assert redis["networks"] == ["wakeups"]
    assert {name for name, one in file["services"].items() if "wakeups" in one["networks"]} == {"redis", *OURS}
    assert file["networks"]["wakeups"] == file["networks"]["storage"] == {"internal": True}


def test_our_services_have_no_more_rights_than_they_need() -> None:
    services = compose_file()["services"]
    for name in (*OURS, "caddy"):
        one = services[name]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one["mem_limit"]
    assert [name for name, one in services.items() if one["logging"]["options"]["max-size"] != "10m"] == []


def test_the_image_has_the_version_of_the_project_and_git() -> None:
    assert {compose_file()["services"][name]["image"] for name in OURS} == {f"newsletter:{__version__}"}
    assert re.search(r"apt-get install .*\bgit\b", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def test_the_samples_of_proxies_set_what_one_hop_needs() -> None:
    assert "reverse_proxy web:8000" in (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    nginx = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "X-Forwarded-Host $host"):
        assert f"proxy_set_header {header};" in nginx


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_one_and_takes_from_the_service_what_it_does_not_need() -> None:
    unit = ROOT / "deploy" / "systemd" / "newsletter.service"
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    faults = [line for line in verified.stderr.splitlines() if "newsletter.service" in line and "is not executable" not in line]
    assert faults == []
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for newsletter.service: ([0-9.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= 3


def test_every_service_is_watched_and_starts_after_what_it_needs() -> None:
    services = compose_file()["services"]
    assert [name for name, one in services.items() if "healthcheck" not in one and name != "migrate"] == []
    for name in OURS[1:]:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_redis_keeps_what_it_is_given() -> None:
    command = " ".join(compose_file()["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_try_out_parts_come_with_their_profile_only() -> None:
    services = compose_file()["services"]
    assert {name: one["profiles"] for name, one in services.items() if "profiles" in one} == {
        "bounces": ["bounces"],
        "caddy": ["prod"],
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


def test_the_install_script_makes_keys_once_and_keeps_settings(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DESTDIR": str(tmp_path), "WITHOUT_PACKAGES": "1"}
    for _ in range(2):
        subprocess.run([ROOT / "deploy" / "install"], env=environment, check=True, timeout=60)
    file = tmp_path / "etc" / "newsletter" / "env"
    assert file.stat().st_mode & 0o777 == 0o600
    given = dict(line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#"))
    settings = load({**given, "DATA_DIR": str(tmp_path / "var" / "lib" / "newsletter")})
    assert len(settings.secret_keys[0].get_secret_value()) == len(settings.suppression_key.get_secret_value()) == 64
    file.write_text(file.read_text() + "SITE_NAME=Ours\n")
    subprocess.run([ROOT / "deploy" / "install"], env=environment, check=True, timeout=60)
    assert file.read_text().endswith("SITE_NAME=Ours\n")
    program = tmp_path / "opt" / "newsletter"
    assert all(
        (program / name).exists()
        for name in ("wsgi.py", "gunicorn.conf.py", "newsletter/cli", "templates/web", "migrations/env.py")
    )
    assert (tmp_path / "etc" / "systemd" / "system" / "newsletter.service").exists()


def test_the_command_that_is_installed_has_the_settings_of_the_service(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DESTDIR": str(tmp_path), "WITHOUT_PACKAGES": "1"}
    subprocess.run([ROOT / "deploy" / "install"], env=environment, check=True, timeout=60)
    (tmp_path / "opt" / "newsletter" / ".venv").symlink_to(sys.prefix)
    file = tmp_path / "etc" / "newsletter" / "env"
    # As systemd takes it; a shell would not.
    file.write_text(file.read_text() + "MAIL_FROM=Papers & more <papers@example.org>\nSITE_NAME=Our $5 papers\n")
    command = [tmp_path / "usr" / "local" / "bin" / "newsletter", "migrate"]
    ran = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "var" / "lib" / "newsletter" / "newsletter.db").is_file()
