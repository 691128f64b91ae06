"""Which form of placeholders survives which engine, learnt from its answers: the next texts go out in that form first.

Kept for the life of a process; safe for many threads.
"""

from __future__ import annotations

import threading
from collections import Counter

from newsletter.translation.engines.registry import Engine
from newsletter.translation.protection import Form


class KnownForms:
    """How often each form came back whole from an engine, and how often not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._balance: Counter[tuple[str, Form]] = Counter()

    def in_order(self, engine: Engine) -> tuple[Form, ...]:
        """The engine's forms, those that got lost more often than not behind the others."""
        with self._lock:
            return tuple(sorted(engine.forms, key=lambda form: self._balance[engine.name, form] < 0))

    def note(self, engine: Engine, form: Form, *, kept: bool) -> None:
        """Counts an answer; a long run of good ones is forgotten within a few bad ones."""
        with self._lock:
            found = self._balance[engine.name, form] + (1 if kept else -1)
            self._balance[engine.name, form] = max(-MOST, min(MOST, found))


MOST = 5
