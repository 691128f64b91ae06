"""The roles of operators, from the least to the most."""

from __future__ import annotations

from enum import StrEnum

from newsletter.errors import InputError


class Role(StrEnum):
    """``viewer`` sees all but logins and acts; ``editor`` acts for readers, papers and sending; ``owner`` gives logins too."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def may(self, least: Role) -> bool:
        """True where this role may do what needs ``least``."""
        order = list(Role)
        return order.index(self) >= order.index(least)


def role_of(text: str) -> Role:
    """The role that ``text`` names. Raises InputError where it names none."""
    try:
        return Role(text)
    except ValueError as error:
        raise InputError(f"{text[:20]!r} is no role: give one of {', '.join(Role)}") from error
