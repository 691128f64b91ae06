"""How this service connects to Redis: the time limits, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis

CONNECT_SECONDS = 1


def connect_redis(url: str, *, answer_seconds: float | None = None) -> Redis:
    """A client for ``url``; connects at its first command. It never retries: that is the caller's decision."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=answer_seconds, retry=Retry(NoBackoff(), 0))
