"""The front page as a visitor first sees it, rendered and compressed once for all who would see the same, and kept.

Only the token against forged requests differs from visitor to visitor: it is put in anew each time. What depends on anything else
(an address with arguments, a form with choices) must not come through here.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from cachetools import TTLCache

from newsletter.text.characters import printable
from newsletter.text.gzip_pieces import compressed, joined

# Some 60 kB each: interface languages times languages that a browser asks for.
MOST = 64
KEPT_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class FrontPage:
    """A page without its token: what stands around that, as it is and compressed; ``mark`` tells it from other pages."""

    pieces: tuple[bytes, ...]
    compressed: tuple[bytes, ...]
    mark: str

    def plain(self, token: str) -> bytes:
        """The page with ``token`` in it."""
        return token.encode().join(self.pieces)

    def gzipped(self, token: str) -> bytes:
        """The same as a gzip file."""
        return joined(self.pieces, self.compressed, token.encode())


class FrontPages:
    """Pages by what they depend on, for a quarter of an hour; one object per process, safe for many threads."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._kept: TTLCache[Hashable, FrontPage] = TTLCache(MOST, KEPT_SECONDS, timer)

    def shown(self, key: Hashable, *, token: str, render: Callable[[], str]) -> FrontPage:
        """The page for ``key``, as ``render`` gives it with ``token``, without signs that turn what stands beside them."""
        with self._lock:
            page = self._kept.get(key)
        if page is None:
            page = _without(token, printable(render()))
            with self._lock:
                self._kept[key] = page
        return page


def _without(token: str, text: str) -> FrontPage:
    pieces = tuple(piece.encode() for piece in text.split(token))
    mark = hashlib.blake2b(b"\0".join(pieces), digest_size=12).hexdigest()
    return FrontPage(pieces, tuple(map(compressed, pieces)), mark)
