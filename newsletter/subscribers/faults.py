"""What can be wrong with what a person typed: which field, and in which words."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.errors import InputError


class FieldError(InputError):
    """One field cannot be as it is; ``field`` is its name in forms and CSV (``email``, ``topics``, ``language`` ...)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WishError(InputError):
    """All that is wrong with a sign-up or a change at once; ``faults`` maps field -> sentence and is never empty."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)
