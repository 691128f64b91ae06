"""`newsletter pause` and `newsletter resume`: all sending stops, and goes on."""

from __future__ import annotations

import click

from newsletter.cli.context import now, opened


@click.command()
def pause() -> None:
    """Stop all sending at once, on every machine."""
    from newsletter.daily import sending_state

    with opened() as services:
        sending_state.pause(services, now=now())
    click.echo("Sending is paused. What becomes due waits for: newsletter resume")


@click.command()
def resume() -> None:
    """Let sending go on."""
    from newsletter.daily import sending_state

    with opened() as services:
        told = sending_state.resume(services, now=now())
    for line in told:
        click.echo(line)
    click.echo("Sending goes on.")
