"""`newsletter daily`: the day's work now."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, console, now, opened, settings, warn
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.cli.deliver import Settled

# Translations are waited for so long; what is missing then leaves in the original, marked as such.
TRANSLATE_SECONDS = 300
# There are retry rows, and nothing else is left to do now.
EXIT_RETRY = 3


@click.command()
@click.option("--date", type=DATE, help="Also everybody who has no digest of this date yet.")
def daily(date: dt.date | None) -> None:
    """Do the day's work now: fetch, translate, plan, and send to all whose hour has come.

    Exit code 3 when mails remain that are tried again later, or sending is paused.
    """
    from newsletter.cli.deliver import deliver, with_an_inbox
    from newsletter.daily import plan
    from newsletter.daily.rank import rank_readers
    from newsletter.daily.translate import translate
    from newsletter.daily.welcome import choose_welcomes
    from newsletter.subscribers.bounces import start_probes

    with ExitStack() as stack:
        services = stack.enter_context(opened(with_an_inbox(settings(), stack)))
        screen = console()
        with screen.status("fetching papers"):
            _fetch(services)
        with screen.status("ranking"):
            rank_readers(services, now=now())
        with screen.status("translating"):
            translated = translate(services, now=now(), patience=TRANSLATE_SECONDS)
        click.echo(f"translated: {translated.accepted} of {translated.needed} texts")
        for engine, problem in translated.problems.items():
            warn(f"translation engine {engine}: {problem}")
        start_probes(services, now=now())
        welcomed = choose_welcomes(services, now=now(), patient=False)
        planned = plan.plan(services, now=now(), date=date)
        click.echo(f"planned: {welcomed + planned.planned} digests, {planned.empty} readers without new papers")
        if planned.problem:
            warn(planned.problem)
        settled = deliver(services, screen)
    _tell(settled)
    if settled.left:
        raise SystemExit(EXIT_RETRY)


def _fetch(services: Services) -> None:
    """Fetches; whatever keeps arXiv from answering, the day goes on with what is stored."""
    from newsletter.daily.fetch import fetch
    from newsletter.jobs import fetch_attempts

    try:
        report = fetch(services, now=now(), attempts=fetch_attempts(services))
    except NewsletterError as error:
        warn(f"nothing was fetched: {error}; going on with what is stored")
        return
    click.echo(f"fetched: {report.found} found, {report.new} new, {report.updated} updated")
    if report.problem:
        warn(f"the fetch did not end well: {report.problem}; going on with what is stored")


def _tell(settled: Settled) -> None:
    done = ", ".join(f"{count} {state}" for state, count in settled.done.items()) or "nothing to send"
    click.echo(f"settled: {done}")
    if settled.stopped:
        warn(f"{settled.left} mails wait: {settled.stopped}")
    elif settled.left:
        warn(f"{settled.left} mails are tried again later: `newsletter deliveries --state retry` tells why")
