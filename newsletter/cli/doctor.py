"""`newsletter doctor`: looks at everything that mail depends on, and says what to mend."""

from __future__ import annotations

import click

from newsletter.cli.context import now, settings


@click.command()
def doctor() -> None:
    """Check settings, database, Redis, mail server, arXiv, engines, keys and DKIM. Exit code 1 when something must be mended."""
    from newsletter.cli.doctor_checks import Level, examine

    failed = False
    for finding in examine(settings(), now=now()):
        click.echo(f"{finding.level:<5} {finding.what}: {finding.words}" + (f" -> {finding.mend}" if finding.mend else ""))
        failed = failed or finding.level is Level.FAIL
    if failed:
        raise SystemExit(1)
