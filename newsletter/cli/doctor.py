"""`newsletter doctor`: looks at everything that mail depends on, and says what to mend."""

from __future__ import annotations

import json

import click

from newsletter.cli.context import now, settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON array; its levels are ok, warning and failure.")
@click.option("--send-test", metavar="ADDRESS", help="Send a short mail to this address by each mail server, past the ledger.")
def doctor(*, as_json: bool, send_test: str | None) -> None:
    """Check settings, disks, database, Redis, processes, mail server, DNS, keys, pages, arXiv, engines. Exit code 1 when
    something stops mail."""
    from newsletter.cli.doctor_checks import examine
    from newsletter.operating.doctor.findings import Level

    config, found = settings(), []
    for finding in examine(config, now=now()):
        found.append(finding)
        if not as_json:
            click.echo(finding.line)
    if send_test is not None:
        from newsletter.daily.test_mail import send

        for finding in send(config, send_test, now=now()):
            found.append(finding)
            if not as_json:
                click.echo(finding.line)
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in found], ensure_ascii=False, indent=1))
    if any(finding.level is Level.FAIL for finding in found):
        raise SystemExit(1)
