"""`newsletter scheduler`: the loop over the database."""

from __future__ import annotations

import click


@click.command()
def scheduler() -> None:
    """Run the loop that plans digests and wakes workers; two of them do no harm."""
    from newsletter.scheduler import main

    main()
