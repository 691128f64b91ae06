"""`newsletter daily`: the day's work now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, now, opened, print_json, settings, steps, warn
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.cli.deliver import Settled

Bar = AbstractContextManager[Callable[[str, int, int], None]]
# Translations are waited for so long; what is missing then leaves in the original, marked as such.
TRANSLATE_SECONDS = 300
# There are retry rows, and nothing else is left to do now.
EXIT_RETRY = 3


@click.command()
@click.option("--date", type=DATE, help="Also everybody who has no digest of this date yet.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def daily(date: dt.date | None, *, as_json: bool) -> None:
    """Do the day's work now: fetch, translate, plan, and send to all whose hour has come.

    Exit code 3 when mails remain that are tried again later, or sending is paused.
    """
    from newsletter.cli.deliver import deliver, with_an_inbox
    from newsletter.daily import plan
    from newsletter.daily.rank import rank_readers
    from newsletter.daily.translate import translate
    from newsletter.daily.welcome import choose_welcomes
    from newsletter.subscribers.bounces import start_probes

    say: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    with ExitStack() as stack:
        services = stack.enter_context(opened(with_an_inbox(settings(), stack)))
        bar = partial(steps, shown=not as_json)
        told: dict[str, object] = {"fetched": _fetch(services, say, bar)}
        with bar("ranking") as tell:
            rank_readers(services, now=now())
            translated = translate(services, now=now(), patience=TRANSLATE_SECONDS, progress=partial(tell, "translating"))
        say(f"translated: {translated.accepted} of {translated.needed} texts")
        told["translated"] = {"texts": translated.accepted, "of": translated.needed, "problems": dict(translated.problems)}
        for engine, problem in translated.problems.items():
            warn(f"translation engine {engine}: {problem}")
        with bar("planning"):
            start_probes(services, now=now())
            welcomed = choose_welcomes(services, now=now(), patient=False)
            planned = plan.plan(services, now=now(), date=date)
        say(f"planned: {welcomed + planned.planned} digests, {planned.empty} readers without new papers")
        told["planned"] = {"digests": welcomed + planned.planned, "empty": planned.empty, "problem": planned.problem}
        if planned.problem:
            warn(planned.problem)
        with bar("sending") as tell:
            settled = deliver(services, partial(tell, "sending"))
    _tell(settled, say)
    if as_json:
        print_json(told | {"settled": {**settled.done}, "left": settled.left, "stopped": settled.stopped})
    if settled.left:
        raise SystemExit(EXIT_RETRY)


def _fetch(services: Services, say: Callable[[str], None], bar: Callable[[str], Bar]) -> dict[str, object]:
    """Fetches, and gives what came; whatever keeps arXiv from answering, the day goes on with what is stored."""
    from newsletter.daily.fetch import fetch
    from newsletter.jobs import fetch_attempts

    try:
        with bar("fetching") as tell:
            report = fetch(services, now=now(), attempts=fetch_attempts(services), tell=tell)
    except NewsletterError as error:
        warn(f"nothing was fetched: {error}; going on with what is stored")
        return {"problem": str(error)}
    say(f"fetched: {report.found} found, {report.new} new, {report.updated} updated")
    if report.problem:
        warn(f"the fetch did not end well: {report.problem}; going on with what is stored")
    return {"found": report.found, "new": report.new, "updated": report.updated, "problem": report.problem}


def _tell(settled: Settled, say: Callable[[str], None]) -> None:
    done = ", ".join(f"{count} {state}" for state, count in settled.done.items()) or "nothing to send"
    say(f"settled: {done}")
    if settled.stopped:
        warn(f"{settled.left} mails wait: {settled.stopped}")
    elif settled.left:
        warn(f"{settled.left} mails are tried again later: `newsletter deliveries --state retry` tells why")
