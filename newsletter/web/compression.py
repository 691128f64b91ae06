"""Gzip for what everybody may read: public pages, feeds, maps, sheets and scripts. A proxy in front may do it for all else.

Pages with a form, or behind somebody's link or login, are left as they are: where a secret and words of a stranger are compressed
together, the length tells of the secret (https://breachattack.com).
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

# Blueprints without a secret on any page; what ships as a file has none either.
PUBLIC = frozenset(
    ("archive", "days", "topic_pages", "papers", "authors", "searching", "feeds", "about", "privacy", "zones", "branding")
)
FRONT = "signup.front"
TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "application/feed+json", "image/svg+xml")
# Below this the head of gzip weighs more than is gained, or as good as.
LEAST_BYTES = 1000
# Level 9 takes twice as long for a hundredth less.
LEVEL = 6


def install(app: Flask) -> None:
    """Compresses answers after all else was done to them: to be installed before whatever else works on answers."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """``response`` compressed, where it may be and whoever asks takes it; its ETag is weak then: both forms say the same."""
    if not _may_be(response):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or request.accept_encodings.quality("gzip") <= 0:
        return response
    response.direct_passthrough = False
    data, (etag, _) = response.get_data(), response.get_etag()
    if len(data) >= LEAST_BYTES:
        response.set_data(_of_file(data) if request.endpoint == "static" else gzip.compress(data, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if etag:
            response.set_etag(etag, weak=True)
    return response


def _may_be(response: Response) -> bool:
    # The front page has a token; as everybody finds it, without arguments, nothing of a stranger stands beside that.
    is_public = request.endpoint == "static" or request.blueprint in PUBLIC or (request.endpoint == FRONT and not request.args)
    return (
        is_public
        and (response.mimetype or "").startswith(TEXTS)
        and not response.cache_control.no_store
        and "Content-Encoding" not in response.headers
        and "Content-Range" not in response.headers
    )


@lru_cache(maxsize=16)
def _of_file(data: bytes) -> bytes:
    """Sheets and scripts are few and asked for often."""
    return gzip.compress(data, 9, mtime=0)
