"""Commands that are acts of an operator are noted as the acts of the pages are, with the login and the host that typed them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# What changes something for readers, sending, papers or logins. Own files and marks keep who gave them by themselves, too.
ACTS = frozenset(
    (
        *(f"admin {name}" for name in ("create", "role", "reset-code", "remove")),
        *(
            f"subscribers {name}"
            for name in ("add", "edit", "pause", "resume", "leave", "link", "erase", "data", "import", "export")
        ),
        *(f"suppressions {name}" for name in ("add", "lift", "import")),
        *(f"collection {name}" for name in ("invite", "revoke")),
        *(f"topics {name}" for name in ("mark", "import")),
        *(f"branding {name}" for name in ("import", "logo", "template", "undo")),
        *(f"{name} {what}" for name in ("glossary", "pages") for what in ("import", "undo")),
        *("pause", "resume", "deliveries resend", "mail test", "catalogue undo", "interests add", "interests forget"),
    )
)


def note(services: Services) -> None:
    """Notes the command that is being run, where it is an act and did what it was typed for."""
    from newsletter.cli.context import now
    from newsletter.cli.own_files import whoever
    from newsletter.operating.operators import acts
    from newsletter.subscribers.addresses import address_key, normalise

    context = click.get_current_context(silent=True)
    path = context.command_path.partition(" ")[2] if context else ""
    if context is None or path not in ACTS:
        return
    key, typed = "", str(context.params.get("email") or context.params.get("address") or "")
    with suppress(InputError):  # where it is no address, or nobody is meant
        key = address_key(normalise(typed).email, services.settings.suppression_key)
    words = str(context.params.get("name") or "") if path.startswith("admin ") else ""
    acts.note(services.database, whoever()[:64], f"newsletter {path}", now=now(), address_key=key, words=words)
