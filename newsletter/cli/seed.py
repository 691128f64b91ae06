"""`newsletter seed`: made-up readers and their mails in bulk, for trying out how large an installation may grow."""

from __future__ import annotations

import click

from newsletter.cli.context import JSON, answer, now, opened, working


@click.command()
@click.option("--readers", default=1_000, show_default=True, type=click.IntRange(1, 10_000_000), help="How many readers.")
@click.option(
    "--mails", default=10_000, show_default=True, type=click.IntRange(0, 100_000_000), help="How many rows of the ledger."
)
@JSON
def seed(readers: int, mails: int, *, as_json: bool) -> None:
    """Fill an empty scratch database with made-up readers, the sample day and a ledger of past digests; no mail is sent.

    A database that holds anything is refused. Sending is paused in it first, for the addresses are nobody's.
    """
    from newsletter.daily import ingest, sending_state
    from newsletter.operating.backup.moving import refuse_occupied
    from newsletter.population.store import add_digests, add_readers

    with opened() as services:
        with services.database.reading() as session:
            refuse_occupied(session, "the database to fill")
        sending_state.pause(services, now=now())
        with working("making readers and mails up"):
            ingest.load_samples(services, now=now())
            add_readers(services, readers, now=now())
            if mails:
                add_digests(services, mails, readers=readers, today=now().date())
    told = f"{readers} readers and {mails} mails are made up; sending is paused"
    answer({"readers": readers, "mails": mails, "paused": True}, told, as_json=as_json)
