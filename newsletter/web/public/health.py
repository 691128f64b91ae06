"""For machines: alive, ready, and figures. The figures are counts only, of nobody in particular."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import TemporaryError
from newsletter.mail.store import ledger
from newsletter.operating.migrate import pending
from newsletter.papers.alarms import Kind, alarms
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import subscribers
from newsletter.translation.store import usage as usage_store
from newsletter.web.page_context import clock, services

pages = Blueprint("health", __name__)

ENGINE_COUNTS = {
    "calls": "Calls of translation engines.",
    "characters": "Characters sent to translation engines.",
    "accepted": "Texts of translation engines that passed the gate.",
    "failed": "Failures of translation engines by reason.",
    "rejected": "Results of translation engines that the gate refused, by reason.",
}


@pages.get("/healthz")
def alive() -> Response:
    """200 while the process answers at all; asks nothing of the database."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def ready() -> Response:
    """200 where pages can be served, 503 with the reason where not."""
    reason = _not_ready()
    response = Response(f"{reason or 'ready'}\n", status=503 if reason else 200, mimetype="text/plain")
    if reason:
        response.headers["Retry-After"] = "5"
    return response


def _not_ready() -> str:
    try:
        return "the database is not migrated: run `newsletter migrate`" if pending(services().database) else ""
    except (TemporaryError, SQLAlchemyError):
        return "the database cannot be reached"


@pages.get("/metrics")
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """What the database says now; read when asked, so that any process of the installation tells the same."""

    def describe(self) -> list[Metric]:
        return []  # so that registering it does not read the database a first time

    def collect(self) -> Iterator[Metric]:
        the, now = services(), clock()
        with the.database.reading() as session:
            deliveries = ledger.counts_by_state(session)
            people = subscribers.counts_by_state(session)
            due = ledger.due_count(session, now=now)
            fetch = papers_store.last_fetch(session)
            engines = usage_store.totals(session)
            raised = {alarm.kind for alarm in alarms(session, now=now)}
        yield _by_state("newsletter_deliveries", "Rows of the ledger by state.", deliveries)
        yield _by_state("newsletter_subscribers", "Subscribers by state.", people)
        yield _of_alarms(raised)
        yield from _of_engines(engines)
        yield GaugeMetricFamily("newsletter_deliveries_due", "Mails that wait to be sent now.", value=due)
        if fetch is not None:
            age = (now - fetch.ended_at).total_seconds()
            yield GaugeMetricFamily("newsletter_last_fetch_age_seconds", "Seconds since the last fetch ended.", value=age)


def _of_alarms(raised: Collection[Kind]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("newsletter_alarm", "1 where something is wrong with the papers.", labels=["kind"])
    for kind in Kind:
        family.add_metric([kind], int(kind in raised))
    return family


def _of_engines(counts: Mapping[tuple[str, str], int]) -> Iterator[CounterMetricFamily]:
    """The translation engines' calls, characters and accepted texts, and failures and rejections by reason."""
    for kind, text in ENGINE_COUNTS.items():
        reasons = kind in ("failed", "rejected")
        family = CounterMetricFamily(f"newsletter_engine_{kind}", text, labels=["engine", "reason"] if reasons else ["engine"])
        for (engine, what), count in sorted(counts.items()):
            name, _, reason = what.partition(" ")
            if name == kind:
                family.add_metric([engine, reason] if reasons else [engine], count)
        yield family


def _by_state(name: str, text: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family
