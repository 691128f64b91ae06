"""The front page as a visitor first sees it, rendered once for all who would see the same and kept.

Only the token against forged requests differs from visitor to visitor: it is put in anew each time. What depends on anything else
(an address with arguments, a form with choices) must not come through here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping

# Some 50 kB each: interface languages times languages that a browser asks for.
MOST = 64


class FrontPages:
    """Pages by what they depend on; one object per process, safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Mapping[str, int] | None = None
        self._kept: dict[Hashable, list[str]] = {}

    def shown(self, key: Hashable, counts: Mapping[str, int], *, token: str, render: Callable[[], str]) -> str:
        """The page for ``key`` with ``token`` in it; rendered anew where ``counts`` are not the object that they were."""
        with self._lock:
            if counts is not self._counts or len(self._kept) >= MOST:
                self._kept, self._counts = {}, counts
            pieces = self._kept.get(key)
        if pieces is None:
            pieces = render().split(token)
            with self._lock:
                if counts is self._counts:
                    self._kept[key] = pieces
        return token.join(pieces)
