"""The figures of `/metrics` by Prometheus' rules: counts only, of nobody in particular.

https://prometheus.io/docs/practices/naming/ says how they are named.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from newsletter.daily.refusals import held
from newsletter.daily.troubles import Kind as Trouble
from newsletter.mail.store import health as mail_health
from newsletter.mail.store import ledger
from newsletter.operating import heartbeats, state
from newsletter.operating import store as operating_store
from newsletter.operating.heartbeats import Beat, Part
from newsletter.papers.alarms import Kind, alarms
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import bounce_alarms
from newsletter.subscribers.store import subscribers
from newsletter.translation.store import usage as usage_store
from newsletter.web.page_context import clock, services

ENGINE_COUNTS = {
    "calls": "Calls of translation engines.",
    "characters": "Characters sent to translation engines.",
    "accepted": "Texts of translation engines that passed the gate.",
    "failed": "Failures of translation engines by reason.",
    "rejected": "Results of translation engines that the gate refused, by reason.",
}


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
            raised = {alarm.kind for alarm in (*alarms(session, now=now), *bounce_alarms.bounce_alarms(session, now=now))}
            yield from _of_sending(session, now=now)
            yield from _of_processes(heartbeats.beats(session), now=now)
            yield _of_troubles(operating_store.open_alarms(session))
        yield _by_state("newsletter_deliveries", "Rows of the ledger by state.", deliveries)
        yield _by_state("newsletter_subscribers", "Subscribers by state.", people)
        yield _of_alarms(raised)
        yield from _of_disk()
        yield from _of_engines(engines)
        yield _of_cost(engines, the.settings.engines.character_prices)
        yield GaugeMetricFamily("newsletter_deliveries_due", "Mails that wait to be sent now.", value=due)
        if fetch is not None:
            age = (now - fetch.ended_at).total_seconds()
            yield GaugeMetricFamily("newsletter_last_fetch_age_seconds", "Seconds since the last fetch ended.", value=age)


def _of_sending(session: Session, *, now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    oldest = mail_health.oldest_due(session)
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    yield GaugeMetricFamily("newsletter_oldest_due_age_seconds", "How long the mail waits that was due first, 0 for none.", age)
    yield GaugeMetricFamily(
        "newsletter_sending_paused", "1 while an operator has stopped all sending.", int(state.paused(session))
    )
    is_held = int(bool(held(session, now=now)))
    yield GaugeMetricFamily("newsletter_sending_held", "1 while sending is held because the mail server refuses us.", is_held)
    replies = GaugeMetricFamily(
        "newsletter_replies", "Last replies of mail servers to digests since yesterday, by class.", labels=["class"]
    )
    found = mail_health.replies_by_class(session, since=(now - dt.timedelta(days=1)).date())
    for name in ("2xx", "4xx", "5xx", "none"):
        replies.add_metric([name], found.get(name, 0))
    yield replies
    ended = mail_health.ended_by_state(session, since=(now - dt.timedelta(days=1)).date())
    done = ended.get("sent", 0) + ended.get("failed", 0)
    ratio = ended.get("failed", 0) / done if done else 0.0
    yield GaugeMetricFamily("newsletter_refused_ratio", "Share of digests since yesterday that were refused for good.", ratio)
    came_back, told = bounce_alarms.shares(session, now=now)
    words = f"Share of the week's digests that {{}}; 0 of fewer than {bounce_alarms.ENOUGH}."
    yield GaugeMetricFamily("newsletter_bounce_ratio", words.format("came back"), came_back)
    yield GaugeMetricFamily("newsletter_complaint_ratio", words.format("were complained about"), told)


def _of_processes(beats: Sequence[Beat], *, now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    at_work = GaugeMetricFamily("newsletter_processes", "Processes that tell that they are at work.", labels=["part"])
    age = GaugeMetricFamily("newsletter_heartbeat_age_seconds", "Seconds since a process of the part last beat.", labels=["part"])
    for part in heartbeats.SILENT_AFTER:
        at_work.add_metric([part], heartbeats.alive(beats, part, now=now))
        if last := max((beat.beat_at for beat in beats if beat.part is part), default=None):
            age.add_metric([part], (now - last).total_seconds())
    yield from (at_work, age)
    took = GaugeMetricFamily("newsletter_stage_duration_seconds", "Seconds that the stage took last.", labels=["stage"])
    ended = GaugeMetricFamily("newsletter_stage_end_age_seconds", "Seconds since the stage last ended.", labels=["stage"])
    failed = GaugeMetricFamily("newsletter_stage_failed", "1 where the stage failed when it last ended.", labels=["stage"])
    for beat in beats:
        if beat.part is Part.STAGE and beat.ended_at is not None:
            took.add_metric([beat.name], beat.seconds or 0.0)
            ended.add_metric([beat.name], (now - beat.ended_at).total_seconds())
            failed.add_metric([beat.name], int(bool(beat.problem)))
    yield from (took, ended, failed)


def _of_troubles(kinds: Collection[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("newsletter_trouble", "1 while an alarm stands that the operator is told of.", labels=["kind"])
    for kind in Trouble:
        family.add_metric([kind], int(kind in kinds))
    return family


def _of_disk() -> Iterator[GaugeMetricFamily]:
    usage = shutil.disk_usage(services().settings.data_dir)
    yield GaugeMetricFamily("newsletter_disk_free_bytes", "Room on the disk of DATA_DIR.", usage.free)
    yield GaugeMetricFamily("newsletter_disk_size_bytes", "Size of the disk of DATA_DIR.", usage.total)


def _of_alarms(raised: Collection[Kind]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("newsletter_alarm", "1 where papers are amiss, or much comes back.", labels=["kind"])
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


def _of_cost(counts: Mapping[tuple[str, str], int], prices: Mapping[str, float]) -> CounterMetricFamily:
    """What the engines with a price cost."""
    text = "Cost of translation engines by TRANSLATION_PRICES, in their currency."
    family = CounterMetricFamily("newsletter_engine_cost", text, labels=["engine"])
    for engine, price in sorted(prices.items()):
        family.add_metric([engine], counts.get((engine, "characters"), 0) * price / 1_000_000)
    return family


def _by_state(name: str, text: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["state"])
    for name_of, count in sorted(counts.items()):
        family.add_metric([name_of], count)
    return family
