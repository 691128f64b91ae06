"""Whether a stored paper is new to readers, which decides its number in the order of storing.

Papers that came by a published list are numbered apart: neither "the newest announcement" nor "all since a day" includes them.
"""

from __future__ import annotations

from enum import StrEnum

# Papers of published lists have numbers from here downwards.
LISTED = -(10**12)


class Standing(StrEnum):
    """How a paper that is stored stands to readers: new, older than the installation, or known by a published list only."""

    NEW = "paper"
    OLDER = "older paper"
    LISTED = "listed paper"
