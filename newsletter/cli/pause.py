"""`newsletter pause` and `newsletter resume`: all sending stops, and goes on."""

from __future__ import annotations

import click

from newsletter.cli.context import JSON, answer, now, opened


@click.command()
@JSON
def pause(*, as_json: bool) -> None:
    """Stop all sending at once, on every machine."""
    from newsletter.daily import sending_state

    with opened() as services:
        sending_state.pause(services, now=now())
    answer({"paused": True}, "Sending is paused. What becomes due waits for: newsletter resume", as_json=as_json)


@click.command()
@JSON
def resume(*, as_json: bool) -> None:
    """Let sending go on."""
    from newsletter.daily import sending_state

    with opened() as services:
        told = sending_state.resume(services, now=now())
    answer({"paused": False, "told": list(told)}, *told, "Sending goes on.", as_json=as_json)
