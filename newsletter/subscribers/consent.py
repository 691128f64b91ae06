"""The words that people agree to, and the names of what they did, as they are kept in the table of consents."""

from __future__ import annotations

from enum import StrEnum

# Beside the button of the sign-up form; change both together.
ASKED = "Mail me new research papers on the topics I chose, until I leave."
CONFIRMED = "Confirmed by the link mailed to this address."
LEFT = "Wants no more mail."
RETURNED = "Wants the mails again after all."


class Action(StrEnum):
    """What a person did; ``imported`` is what an operator says of them."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    LEFT = "left"
    RETURNED = "returned"
    IMPORTED = "imported"
    MOVED = "moved"
