"""A sentence for people as a value: its English words, and what stands in their gaps. Pure; whoever shows it translates it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` is English with ``%(name)s`` for each of ``values``, which may be sentences themselves."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the words that ``gettext`` gives for its text."""
        values = {name: value.told(gettext) if isinstance(value, Sentence) else value for name, value in self.values.items()}
        return gettext(self.text) % values

    def __str__(self) -> str:
        return self.told(str)
