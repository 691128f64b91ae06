"""The command `newsletter`: parses what an operator types, calls the use-case, prints what came of it.

What is slow to import is imported inside the commands, so that help comes at once. An error of ours is one line on stderr: exit
2 where a setting or an input has to be mended, else 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from newsletter import __version__
from newsletter.cli.admin import admin
from newsletter.cli.backfill import backfill
from newsletter.cli.backup import backup, restore
from newsletter.cli.bounces import bounces
from newsletter.cli.branding import branding
from newsletter.cli.catalogue import catalogue
from newsletter.cli.collection import collection
from newsletter.cli.context import end_quietly, stand_in_for_closed_streams
from newsletter.cli.daily import daily
from newsletter.cli.deliveries import deliveries
from newsletter.cli.doctor import doctor
from newsletter.cli.fetch import fetch
from newsletter.cli.glossary import glossary
from newsletter.cli.healthy import healthy
from newsletter.cli.import_ import import_
from newsletter.cli.imports import imports
from newsletter.cli.inbox import inbox
from newsletter.cli.interests import interests
from newsletter.cli.mail import mail
from newsletter.cli.migrate import migrate, upgrade
from newsletter.cli.move_to import move_to
from newsletter.cli.pages import pages
from newsletter.cli.pause import pause, resume
from newsletter.cli.preview import preview
from newsletter.cli.publish import publish
from newsletter.cli.run import run
from newsletter.cli.scheduler import scheduler
from newsletter.cli.seed import seed
from newsletter.cli.setup import setup
from newsletter.cli.status import status
from newsletter.cli.subscribers import subscribers
from newsletter.cli.suppressions import suppressions
from newsletter.cli.topics import topics
from newsletter.cli.translate import translate
from newsletter.cli.translations import translations
from newsletter.cli.worker import worker

# The commands by what somebody is about when they look for one, as `newsletter --help` shows them.
GROUPS: Mapping[str, tuple[click.Command, ...]] = {
    "Every day": (status, daily, fetch, translate, preview, deliveries, pause, resume, mail),
    "Readers": (subscribers, interests, suppressions, bounces),
    "Papers, topics and texts": (topics, catalogue, glossary, translations, import_, imports, publish, collection, backfill),
    "Setting up and looking after": (setup, run, doctor, admin, branding, pages, backup, restore, upgrade, move_to, seed),
    "Processes of their own": (worker, scheduler, inbox, migrate, healthy),
}


class Guarded(click.Group):
    """A group whose errors end as one line instead of a traceback, and whose help has the commands in `GROUPS`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands under the heads of their groups."""
        del ctx  # these are the commands, whatever was typed
        for head, commands in GROUPS.items():
            with formatter.section(head):
                room = formatter.width - 24
                formatter.write_dl([(str(one.name), one.get_short_help_str(room)) for one in commands])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parses, runs, ends the process."""
        stand_in_for_closed_streams()
        with end_quietly():
            return super().main(*args, **kwargs)


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="newsletter")
def main() -> None:
    """A self-hosted daily e-mail digest of new research papers. Settings come from the environment and from .env."""


for _commands in GROUPS.values():
    for _command in _commands:
        main.add_command(_command)
