"""`newsletter inbox`: the local inbox's mail server."""

from __future__ import annotations

import click


@click.command()
def inbox() -> None:
    """Run the local inbox's mail server alone; it tells its port in DATA_DIR/run."""
    from newsletter.mail.inbox import main

    main()
