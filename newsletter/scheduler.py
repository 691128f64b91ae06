"""A loop over the database: gives back what dead workers left, plans what is due, wakes the workers, ends what is kept too long.

A tick may be lost, come late, or run in two schedulers at once: it goes by what the database says, not by what it did before. It
sends no mail and makes no request to the outside itself.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.fetch_schedule import fetch_is_due
from newsletter.errors import NewsletterError, severity
from newsletter.mail.store import leases, ledger, waiting
from newsletter.operating import heartbeats, state
from newsletter.operating.heartbeats import Part, Pulse, Stage
from newsletter.papers.store import papers as papers_store

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# A lost wake-up delays work so long at most. A shorter tick gains nothing: whoever makes work wakes the workers at once.
TICK_SECONDS = 10
# An engine that was down is tried again after so long, and readers who changed their language wait no longer than that.
TRANSLATE_AGAIN = dt.timedelta(minutes=5)


def tick(services: Services, *, now: dt.datetime, beat: Callable[[], None] = lambda: None) -> None:
    """Does what is to be done now, and calls ``beat`` between steps. One that fails is logged, and the others are still done."""
    steps: tuple[Callable[..., None], ...] = (
        _give_back_lost_rows, _do_what_forms_asked, _start_probes, _plan_first_digests, _plan_digests, _plan_weekend,
        _wake_senders, _wake_fetch, _wake_translate, _wake_publish,
        _watch, _count_mailed, _forget_expired,
    )  # fmt: skip
    for step in steps:
        beat()
        try:
            step(services, now=now)
        except NewsletterError as error:
            log.log(severity(error), "step put off", step=step.__name__.strip("_"), problem=str(error))
        except Exception:
            log.exception("step failed", step=step.__name__.strip("_"))


def _give_back_lost_rows(services: Services, *, now: dt.datetime) -> None:
    with services.database.transaction() as session:
        swept = leases.sweep(session, now=now)
    if swept.retried or swept.unknown:
        log.warning("rows of lost workers taken up", retried=swept.retried, unknown=swept.unknown)


def _do_what_forms_asked(services: Services, *, now: dt.datetime) -> None:  # noqa: ARG001
    """Nearly always done already: only a process of the pages that ended right after an answer leaves something."""
    from newsletter.daily.form_requests import do_what_forms_asked

    do_what_forms_asked(services)


def _start_probes(services: Services, *, now: dt.datetime) -> None:
    from newsletter.subscribers.bounces import start_probes

    start_probes(services, now=now)


def _plan_first_digests(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.welcome import choose_welcomes

    if choose_welcomes(services, now=now):
        services.queues.wake_translate()


def _plan_digests(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.plan import plan

    began = time.monotonic()
    try:
        report = plan(services, now=now, wait=dt.timedelta(minutes=services.settings.digest_wait_minutes))
    except Exception as error:
        heartbeats.done(services.database, Stage.PLAN, began=now, seconds=time.monotonic() - began, problem=str(error)[:500])
        raise
    if report.planned:
        heartbeats.done(services.database, Stage.PLAN, began=now, seconds=time.monotonic() - began)
    if report.untranslated:
        services.queues.wake_translate()


def _plan_weekend(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.weekend import plan_weekend

    plan_weekend(services, now=now)


def _wake_senders(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.sending_state import ask_senders

    with services.database.reading() as session:
        due = 0 if state.paused(session) else ledger.due_count(session, now=now)
    if due:
        ask_senders(services, due=due, most=services.settings.workers)


def _wake_fetch(services: Services, *, now: dt.datetime) -> None:
    if fetch_is_due(services, now=now):
        services.queues.wake_fetch()


def _wake_translate(services: Services, *, now: dt.datetime) -> None:
    if translation_is_due(services, now=now):
        services.queues.wake_translate()


def translation_is_due(services: Services, *, now: dt.datetime) -> bool:
    """True where papers came, or a first digest was filled, after the last look for missing translations, or that is a while ago.

    Whoever fills a first digest asks for translations at once, and is not heard while others are being made.
    """
    with services.database.reading() as session:
        fetched = papers_store.last_fetch(session)
        looked = state.TRANSLATION_BEGAN_AT.read(session)
        if fetched is None:
            return False
        if looked is None or fetched.ended_at > looked or now - looked >= TRANSLATE_AGAIN:
            return True
        return waiting.wait_for_translations(session, since=looked, now=now)


def _wake_publish(services: Services, *, now: dt.datetime) -> None:  # noqa: ARG001
    if publishing_is_due(services):
        services.queues.wake_publish()


def _watch(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.watch import look_now_and_then

    look_now_and_then(services, now=now)


def publishing_is_due(services: Services) -> bool:
    """True where PUBLISH_DIR is set, and what the last fetch brought was looked at for translation but not published yet."""
    if services.settings.publishing.folder is None:
        return False
    with services.database.reading() as session:
        fetched = papers_store.last_fetch(session)
        translated = state.TRANSLATION_ENDED_AT.read(session)
        published = state.PUBLISHED_AT.read(session)
    if fetched is None or translated is None or translated < fetched.ended_at:
        return False
    return published is None or published < fetched.ended_at


def _count_mailed(services: Services, *, now: dt.datetime) -> None:
    from newsletter.daily.count_mailed import count_mailed

    count_mailed(services, now=now)


def _forget_expired(services: Services, *, now: dt.datetime) -> None:
    from newsletter.subscribers import retention

    if retention.is_due(services, now=now):
        retention.forget_expired(services, now=now)


def run(services: Services, *, ended: threading.Event) -> None:
    """Ticks until ``ended`` is set, which takes effect at once between two ticks."""
    from newsletter.daily.own_files import take_in_files
    from newsletter.operating.start_checks import wait_until_migrated

    if not wait_until_migrated(services.database, ended):
        return
    for line in take_in_files(services, now=_now()):
        log.warning(line)
    log.info("scheduler started", seconds=TICK_SECONDS)
    pulse = Pulse(services.database, Part.SCHEDULER, clock=_now)
    while not ended.is_set():
        pulse.beat()
        tick(services, now=_now(), beat=pulse.beat)
        ended.wait(TICK_SECONDS)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def main() -> None:
    """The process ``python -m newsletter.scheduler``."""
    from newsletter import bootstrap
    from newsletter.operating.process import asked_to_end, fail_in_one_line, start_logging
    from newsletter.settings import load

    ended = asked_to_end()
    with fail_in_one_line():
        settings = load()
        start_logging(settings)
        run(bootstrap.build(settings), ended=ended)


if __name__ == "__main__":
    main()
