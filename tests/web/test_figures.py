"""The figures keep Prometheus' rules, are for this machine or whoever has the token, and hold all that dashboard and rules name."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from newsletter.bootstrap import Services
from newsletter.operating import store as operating_store
from newsletter.operating.heartbeats import Beat, Part
from newsletter.translation.store import usage
from newsletter.web import create_app
from tests.daily.ledgers import fetched
from tests.services import services_over

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
# https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint/validations
UNITS = [
    "milliseconds",
    "microseconds",
    "minutes",
    "hours",
    "days",
    "kilobytes",
    "megabytes",
    "percent",
    "ms",
    "us",
    "min",
    "kb",
    "mb",
]


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path) -> Services:
    return services_over(
        sqlite_url, tmp_path, METRICS_TOKEN="a-token-of-sufficient-length", TRANSLATION_PRICES="google:20, deepl:2.5"
    )


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """Pages of an installation in which each figure has a value."""
    now = dt.datetime.now(dt.UTC)
    fetched(services, now=now)
    with services.database.transaction() as session:
        for part, name in ((Part.SCHEDULER, "a:1"), (Part.WORKER, "a:2"), (Part.STAGE, "fetch")):
            operating_store.put_beat(session, Beat(part, name, now, now, now, 2.0))
        counts = {("google", what): 500 for what in ("calls", "characters", "accepted", "failed timeout", "rejected numbers")}
        usage.add(session, counts, day=now.date())
    return create_app(services).test_client()


def families(client: FlaskClient) -> list[Metric]:
    return list(text_string_to_metric_families(client.get("/metrics").text))


def faults_of(family: Metric) -> list[str]:
    """What `promtool check metrics` has against a family."""
    name, words = family.name, family.name.split("_")
    counter = family.type == "counter"
    rules = {
        "no help text": not family.documentation,
        "upper case or colon": not re.fullmatch(r"[a-z][a-z0-9_]*", name),
        "no base unit": bool(set(words) & set(UNITS)),
        "type in the name": bool(set(words) & {"gauge", "counter", "histogram", "summary"}),
        "only counters end in _total": not counter and name.endswith("_total"),
        "counters end in _total": counter and any(not sample.name.endswith(("_total", "_created")) for sample in family.samples),
        "reserved suffix": not counter and name.endswith(("_count", "_sum", "_bucket", "_info")),
        "labels": any(not re.fullmatch(r"[a-z][a-z0-9_]*", label) for sample in family.samples for label in sample.labels),
    }
    return [rule for rule, broken in rules.items() if broken]


def test_each_figure_keeps_the_rules_of_prometheus(client: FlaskClient) -> None:
    found = families(client)
    assert {family.name: faults for family in found if (faults := faults_of(family))} == {}
    assert all(family.name.startswith("newsletter_") for family in found)
    assert len({family.name for family in found}) == len(found) > 20


def test_what_engines_cost_is_told_by_the_prices_that_are_set(client: FlaskClient) -> None:
    (cost,) = [family for family in families(client) if family.name == "newsletter_engine_cost"]
    assert {sample.labels["engine"]: sample.value for sample in cost.samples} == {"google": 0.01, "deepl": 0.0}


def test_the_rules_find_what_breaks_them() -> None:
    assert faults_of(Metric("newsletter_age_minutes", "", "gauge")) == ["no help text", "no base unit"]
    assert faults_of(Metric("newsletter_mails_total", "x", "gauge")) == ["only counters end in _total"]


@pytest.mark.parametrize("name", ["grafana-dashboard.json", "prometheus-alerts.yml"])
def test_each_figure_that_the_files_name_is_there(client: FlaskClient, name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    read = json.loads(text) if name.endswith("json") else yaml.safe_load(text)
    rules = [rule for group in read.get("groups", ()) for rule in group["rules"]]
    targets = [target for panel in read.get("panels", ()) for target in panel["targets"]]
    named = {word for one in (*rules, *targets) for word in re.findall(r"\bnewsletter_\w+", one["expr"])}
    there = {name for family in families(client) for name in (family.name, *(sample.name for sample in family.samples))}
    assert named - there == set()
    assert len(named) > 8


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("203.0.113.9", {"Authorization": "Bearer a-token-of-sufficient-length"}, 200),
        ("203.0.113.9", {"Authorization": "Bearer another"}, 403),
        ("203.0.113.9", {"Authorization": "Bearer "}, 403),
    ],
)
def test_figures_are_for_this_machine_or_whoever_has_the_token(
    client: FlaskClient, address: str, headers: dict[str, str], status: int
) -> None:
    assert client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}).status_code == status
