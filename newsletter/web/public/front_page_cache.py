"""The front page as a visitor first sees it, rendered once for all who would see the same and kept.

Only the token against forged requests differs from visitor to visitor: it is put in anew each time. What depends on anything else
(an address with arguments, a form with choices) must not come through here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

from cachetools import TTLCache

from newsletter.text.characters import printable

# Some 50 kB each: interface languages times languages that a browser asks for.
MOST = 64
KEPT_SECONDS = 15 * 60


class FrontPages:
    """Pages by what they depend on, for a quarter of an hour; one object per process, safe for many threads."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._kept: TTLCache[Hashable, list[str]] = TTLCache(MOST, KEPT_SECONDS, timer)

    def shown(self, key: Hashable, *, token: str, render: Callable[[], str]) -> str:
        """The page for ``key`` with ``token`` in it, without signs that turn what stands beside them."""
        with self._lock:
            pieces = self._kept.get(key)
        if pieces is None:
            pieces = printable(render()).split(token)
            with self._lock:
                self._kept[key] = pieces
        return token.join(pieces)
