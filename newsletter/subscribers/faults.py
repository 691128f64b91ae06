"""What can be wrong with what a person typed: which field, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from newsletter.errors import InputError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, in English with ``values`` in it; ``told`` says it in the words of another language.

    What is written into the brackets of a Fault is collected for the translators.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, gettext: Callable[[str], str]) -> str:
        return gettext(self.text) % self.values

    def __str__(self) -> str:
        return self.told(str)


class FieldError(InputError):
    """One field cannot be as it is; ``field`` is its name in forms and CSV (``email``, ``topics``, ``language`` ...)."""

    def __init__(self, field: str, fault: Fault) -> None:
        super().__init__(str(fault))
        self.field, self.fault = field, fault


class ChoicesError(InputError):
    """All that is wrong with a sign-up, a change or a row at once; ``faults`` maps field -> fault and is never empty."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(" ".join(map(str, faults.values())))
        self.faults = dict(faults)
