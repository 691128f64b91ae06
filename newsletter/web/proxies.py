"""Finds out by the requests themselves whether PROXY_HOPS fits the proxies in front, and tells it: in the log, and to operators.

Too few hops, and all visitors count as one; too many, and each can pretend to be anybody. What a visitor sends can never change
what is trusted, only what is told.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

log = structlog.get_logger(__name__)

DOUBT = "newsletter.proxy_doubt"
FORWARDED = (
    *("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP"),
    *("HTTP_VIA", "HTTP_CF_CONNECTING_IP"),
)
# The plainest proxy of all, nginx with `proxy_pass` alone, adds no header and calls the pages by this machine's name; but it asks
# in a version that no browser speaks: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version.
OLD_HTTP = "HTTP/1.0"
# Asked by the machine itself, past all proxies.
CHECKS = ("/healthz", "/readyz", "/metrics")
TELL_AGAIN_SECONDS = 3600

FORGOTTEN = "requests come through a proxy, and PROXY_HOPS is 0: all visitors count as one; set it to the number of proxies"
TOO_FEW = "the visitor that PROXY_HOPS names is a proxy: all visitors count as one; raise it to the number of proxies"
TOO_MANY = (
    "requests come past a proxy, and PROXY_HOPS counts it: a visitor can pretend to be another; lower it, or close that way"
)

Application = Callable[..., Iterable[bytes]]


def came_by_a_proxy(environ: Mapping[str, Any]) -> bool:
    """True where a request, as it came in, looks like one that a proxy handed on. Pure."""
    return environ.get("SERVER_PROTOCOL") == OLD_HTTP or any(name in environ for name in FORWARDED)


def doubt_of(environ: Mapping[str, Any], hops: int) -> str:
    """What speaks against ``hops`` in a request as it came in, "" where nothing does. Pure."""
    if environ.get("PATH_INFO") in CHECKS:
        return ""
    is_near = _is_near(str(environ.get("REMOTE_ADDR", "")))
    if not hops:
        # Whoever comes from outside can write these headers themselves; a proxy of ours is near.
        return FORGOTTEN if is_near and came_by_a_proxy(environ) else ""
    named = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    if not named:
        return "" if is_near else TOO_MANY
    return _doubt_of_names(named, hops)


def _doubt_of_names(named: Sequence[str], hops: int) -> str:
    """What speaks against ``hops`` in the addresses that proxies named, the nearest last."""
    if len(named) < hops:
        return TOO_MANY
    return TOO_FEW if _is_near(named[-hops]) and any(map(_is_public, named[:-hops])) else ""


def watched(application: Application, hops: int) -> Application:
    """``application``, which finds the doubt under `DOUBT` in its environment; each kind is logged once an hour."""
    told: dict[str, float] = {}

    def watching(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = environ[DOUBT] = doubt_of(environ, hops)
        now = time.monotonic()
        if found and now - told.get(found, -TELL_AGAIN_SECONDS) >= TELL_AGAIN_SECONDS:
            told[found] = now
            log.error("PROXY_HOPS does not fit", problem=found)
        return application(environ, start_response)

    return watching


def _is_near(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text in ("", "localhost")  # a Unix socket
    return address.is_private or address.is_loopback or address.is_link_local


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False
