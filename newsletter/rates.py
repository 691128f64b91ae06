"""How many mails a second may leave: read with the settings, kept by the limits of sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rates:
    """Mails a second: ``total`` to all together (0: unlimited), ``domains`` to single ones, where ``*`` stands for each other."""

    total: float = 0.0
    domains: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.total or self.domains)
