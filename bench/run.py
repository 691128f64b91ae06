"""`make bench`: digests a second, from the plan in the ledger to a mail server on loopback that took them, and matching.

A fresh SQLite database, the sample day, readers in three languages, one draining process. Tells the machine and the versions,
because a figure without them says nothing. Its rows and mails are thrown away.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sqlite3
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from bench import delivering, matching, translating
from newsletter import bootstrap, planning, sending, storing
from newsletter.bootstrap import Services
from newsletter.mail.inbox import InboxServer, messages
from newsletter.operating.migrating import migrate
from newsletter.settings import load
from newsletter.subscribers import exchange

LANGUAGES = ("zh-CN", "en", "ja")
TOPICS = ("3d;nerf;llm", "llm;agents;rag", "diffusion;video;medical")


def main() -> None:
    """Measures once and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--translated", type=int, default=500, help="papers to translate")
    parser.add_argument("--quick", action="store_true", help="smaller runs of delivering")
    given = parser.parse_args()
    count = given.subscribers
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name:
        folder = Path(name)
        inbox = InboxServer(folder / "taken")
        inbox.start()
        services = _services(folder, inbox.port)
        try:
            now = dt.datetime.now(dt.UTC)
            _fill(services, count, now=now)
            _measure(services, folder, now=now)
        finally:
            services.database.close()
            inbox.stop()
    small, large = (500, 2500) if given.quick else (5000, 25000)
    sys.stdout.write("\n".join(delivering.measured(small, large)) + "\n")
    sys.stdout.write("\n".join(matching.measured(2000, 5000)) + "\n")
    sys.stdout.write("\n".join(translating.measured(given.translated)) + "\n")


def _services(folder: Path, port: int) -> Services:
    environ = {
        "DATA_DIR": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
        "TRANSLATORS": "none",
        "MAIL_FROM": "bench@example.org",
    }
    services = bootstrap.build(load(environ))
    migrate(services.database)
    return services


def _fill(services: Services, count: int, *, now: dt.datetime) -> None:
    storing.load_samples(services, now=now)
    rows = ["email,topics,language,timezone,hour,status\n"]
    rows += [f"reader{n}@example.org,{TOPICS[n % 3]},{LANGUAGES[n % 3]},UTC,0,confirmed\n" for n in range(count)]
    with services.database.transaction() as session:
        exchange.import_csv(
            session,
            rows,
            consent="made up for a measurement",
            known=services.catalogue.by_slug.keys(),
            suppression_key=services.settings.suppression_key,
            now=now,
        )


def _measure(services: Services, folder: Path, *, now: dt.datetime) -> None:
    started = time.perf_counter()
    planned = planning.plan(services, now=now, date=now.date())
    between = time.perf_counter()
    report = sending.drain(services, now=lambda: dt.datetime.now(dt.UTC))
    ended = time.perf_counter()
    taken = len(messages(folder / "taken", limit=10_000_000))
    sent = report.by_state.get("sent", 0)
    versions = ", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", "jinja2", "mjml", "aiosmtpd"))
    lines = (
        f"machine   {platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"versions  Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}",
        f"plan      {planned.planned} digests in {between - started:.2f} s",
        f"send      {sent} digests in {ended - between:.2f} s: {sent / (ended - between):.0f} a second in one process",
        f"taken     {taken} mails by the server on loopback, which ran in this process too",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    if not planned.planned == sent == taken:
        sys.exit("bench: the counts differ, so these figures mean nothing")


if __name__ == "__main__":
    main()
