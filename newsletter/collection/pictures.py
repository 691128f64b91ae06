"""Pictures of entries, fetched once and kept under DATA_DIR, so that our pages load nothing from other servers.

Each is drawn anew (`redrawing`), in a process with limits: a file of a kilobyte may ask for a gigabyte.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import structlog

from newsletter.bootstrap import Services
from newsletter.collection.notes import PICTURES
from newsletter.collection.redrawing import redraw
from newsletter.errors import InputError, NewsletterError
from newsletter.http.public_pages import Fetcher

log = structlog.get_logger(__name__)

MOST_BYTES = 2_000_000
MEDIA = ("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp")
# One that could not be had is asked for again after so long.
AGAIN_SECONDS = 7 * 86_400


def open_pictures(services: Services) -> Pictures:
    """The pictures of this installation, under DATA_DIR."""
    return Pictures(services.settings.data_dir / "pictures", services.fetcher)


class Pictures:
    """The folder of pictures; safe to share between processes, because a file is there whole or not at all."""

    def __init__(self, folder: Path, fetcher: Fetcher) -> None:
        self._folder, self._fetcher = folder, fetcher

    def address(self, url: str) -> str:
        """Where the picture at ``url`` is shown here, "" where it is not kept."""
        name = f"{_key(url)}.webp"
        return f"{PICTURES}{name}" if (self._folder / name).is_file() else ""

    def path(self, name: str) -> Path | None:
        """The file of a name in an address, None where there is none."""
        found = self._folder / name
        return found if found.parent == self._folder and found.is_file() else None

    def keep(self, urls: Iterable[str], *, seconds: float) -> int:
        """Fetches those that are neither kept nor failed lately, as many as ``seconds`` allow; gives how many are new.

        None without Pillow, an extra of the installation, which a warning tells.
        """
        if find_spec("PIL") is None:
            log.warning("no pictures are kept: install Pillow (pip install 'newsletter[pictures]')")
            return 0
        ends, new = time.monotonic() + seconds, 0
        for url in dict.fromkeys(urls):
            if time.monotonic() >= ends:
                break
            if self.address(url) or self._failed_lately(url):
                continue
            try:
                fetched = self._fetcher.get(url, most=MOST_BYTES, media=MEDIA)
                if fetched.cut:
                    raise InputError(f"the picture has more than {MOST_BYTES // 1_000_000} MB")
                self._write(f"{_key(url)}.webp", redraw(fetched.body))
                new += 1
            except NewsletterError as error:
                log.info("picture not kept", problem=str(error))
                self._write(f"{_key(url)}.none", b"")
        return new

    def _failed_lately(self, url: str) -> bool:
        mark = self._folder / f"{_key(url)}.none"
        return mark.is_file() and time.time() - mark.stat().st_mtime < AGAIN_SECONDS

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}-{os.getpid()}-{secrets.token_hex(4)}"
        draft.write_bytes(content)
        draft.replace(self._folder / name)


def _key(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:32]
