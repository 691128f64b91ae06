"""`newsletter suppressions`: addresses that get no mail again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened, warn, working
from newsletter.cli.private_files import write_private
from newsletter.errors import InputError

SHOWN = 50


@click.group()
def suppressions() -> None:
    """Addresses that get no mail again; kept as hashes, so that they outlive an erasure."""


@suppressions.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
def list_(*, as_json: bool) -> None:
    """All of them, the newest first; the address where somebody of it is here."""
    from newsletter.subscribers.store import suppressions as store

    with opened() as services, services.database.reading() as session:
        found = list(store.suppressions(session))
    if as_json:
        names = ("address_key", "reason")
        told = [{n: getattr(one, n) for n in names} | {"at": one.at.isoformat(), "email": one.email or None} for one in found]
        click.echo(json.dumps(told, indent=1))
        return
    if found:
        rows = [(f"{one.at:%Y-%m-%d}", one.address_key[:12], one.reason, one.email) for one in found]
        click.echo(as_table(("since", "hash", "reason", "address"), rows))
    click.echo(f"{len(found)} suppressions", err=True)


@suppressions.command("add")
@click.argument("email")
@click.option("--reason", default="by the operator", show_default=True, help="Why: kept.")
@JSON
def add_(email: str, reason: str, *, as_json: bool) -> None:
    """Mail EMAIL never again; whoever reads there leaves."""
    from newsletter.subscribers import suppressions as use_case

    with opened() as services:
        added = use_case.add(services, email, reason=reason, now=now())
    told = {"email": email, "suppressed": True, "new": bool(added)}
    answer(told, "suppressed" if added else "was suppressed before", as_json=as_json)


@suppressions.command("lift")
@click.argument("email")
@click.option("--reason", required=True, help="Why mail may go there again: kept.")
@JSON
def lift_(email: str, reason: str, *, as_json: bool) -> None:
    """Let EMAIL get mail again: who bounced reads again, who complained may sign up anew."""
    from newsletter.subscribers import suppressions as use_case

    with opened() as services:
        told = use_case.lift(services, email, reason=reason, now=now())
    answer({"email": email, "suppressed": False, "told": str(told)}, f"lifted: {told}", as_json=as_json)


@suppressions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", default="left elsewhere", show_default=True, help="Why: kept for each.")
@JSON
def import_(file: Path, reason: str, *, as_json: bool) -> None:
    """Take in FILE (- for standard input): addresses, one a line or in a column of CSV, or what `export` wrote.

    Whoever reads at one of them leaves. Exit code 1 when lines were refused.
    """
    from newsletter.subscribers import import_export
    from newsletter.subscribers import suppressions as use_case

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a file of addresses") from error
    with opened() as services, working("taking addresses in"):
        report = use_case.bring_in(services, import_export.decode(data), reason=reason, now=now())
    refused = [{"line": number, "why": why} for number, why in report.refused]
    told = {"added": report.added, "known": report.known, "left": report.left, "refused": refused}
    words = f"{report.added} added, {report.known} known, {report.left} readers left, {len(report.refused)} refused"
    answer(told, words, as_json=as_json)
    for number, why in report.refused[:SHOWN]:
        warn(f"{file}, line {number}: {why}")
    if report.refused:
        raise SystemExit(1)


@suppressions.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@JSON
def export_(file: Path, *, as_json: bool) -> None:
    """Write the hashes to FILE (- for standard output); another installation reads them where SUPPRESSION_KEY is the same."""
    from newsletter.subscribers import suppressions as use_case

    with opened() as services, services.database.reading() as session:
        lines = list(use_case.exported(session, services.settings.suppression_key))
    if str(file) == "-":
        sys.stdout.writelines(lines)
        return
    try:
        write_private(file, lines)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): give another path") from error
    count = len(lines) - 2
    answer({"file": str(file), "suppressions": count}, f"{count} suppressions in {file}", as_json=as_json)
