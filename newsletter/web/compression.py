"""Gzip for what everybody may read: public pages, feeds, maps, sheets and scripts. A proxy in front may do it for all else.

Pages with a form, or behind somebody's link or login, are left as they are: where a secret and words of a stranger are compressed
together, the length tells of the secret (https://breachattack.com). The front page, whose form has a token, comes here ready.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from contextlib import suppress

from cachetools import LRUCache
from flask import Flask, Response, current_app, request

# Blueprints without a secret on any page; what ships as a file has none either.
PUBLIC = frozenset(
    ("archive", "days", "topic_pages", "papers", "authors", "searching", "feeds", "about", "privacy", "zones", "branding")
)
TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "application/feed+json", "image/svg+xml")
# Below this the head of gzip weighs more than is gained, or as good as.
LEAST_BYTES = 1000
# Level 9 takes twice as long for a hundredth less.
LEVEL = 6
# What was compressed last is kept: hundreds of pages, or some dozens of feeds.
KEPT_BYTES = 4_000_000


def install(app: Flask) -> None:
    """Compresses answers after all else was done to them: to be installed before whatever else works on answers."""
    app.extensions["compressed"] = Compressed()
    app.after_request(compress)


class Compressed:
    """Answers compressed, by what they hold: the same again is not compressed again. One per process, safe for many threads."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._kept: LRUCache[bytes, bytes] = LRUCache(most, getsizeof=len)
        self._lock = threading.Lock()

    def of(self, data: bytes, digest: bytes) -> bytes:
        """The gzip file of ``data``, which no other data shares its ``digest`` with."""
        with self._lock:
            found = self._kept.get(digest)
        if found is None:
            found = gzip.compress(data, LEVEL, mtime=0)
            with self._lock, suppress(ValueError):  # one that is larger than all that is kept
                self._kept[digest] = found
        return found


def takes_gzip() -> bool:
    """Whether whoever asks takes gzip."""
    return request.accept_encodings.quality("gzip") > 0


def compress(response: Response) -> Response:
    """``response`` compressed, where it may be and whoever asks takes it, or nothing where they have it already.

    Its ETag is weak then: both forms say the same. A page that has none gets one of what it holds.
    """
    if not _may_be(response):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200:
        return response
    response.direct_passthrough = False
    data, (etag, is_weak) = response.get_data(), response.get_etag()
    digest = hashlib.blake2b(data, digest_size=16)
    if takes_gzip() and len(data) >= LEAST_BYTES:
        kept: Compressed = current_app.extensions["compressed"]
        response.set_data(kept.of(data, digest.digest()))
        response.headers["Content-Encoding"] = "gzip"
        is_weak = True
    response.set_etag(etag or digest.hexdigest(), weak=is_weak or not etag)
    if not etag:
        response.make_conditional(request)
    return response


def _may_be(response: Response) -> bool:
    return (
        (request.endpoint == "static" or request.blueprint in PUBLIC)
        and (response.mimetype or "").startswith(TEXTS)
        and not response.cache_control.no_store
        and "Content-Encoding" not in response.headers
        and "Content-Range" not in response.headers
    )
