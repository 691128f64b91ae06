"""Fetches pages and pictures from addresses that people paste, and never from a private network (no SSRF).

The host is resolved once, every address that is not public is refused, and the connection goes to the very address that was
checked (requests-hardened, https://github.com/saleor/requests-hardened); the connected peer is checked once more before anything
is sent. Redirects are followed here, each checked like the first; no proxy and no stored login is used. One deadline holds for
all of it, name resolution, handshakes and slow answers included: then the connections are shut down.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from newsletter.errors import InputError, TemporaryError
from newsletter.http.allowed_urls import checked, redirected
from newsletter.http.session import user_agent

SECONDS = 10.0
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PIECE = 16_384
# IPv6 networks whose addresses stand for others that cannot be looked at here: 6to4, Teredo, NAT64; and the old site-local ones.
WRAPPING = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/32", "64:ff9b::/96", "fec0::/10")))

NOT_PUBLIC = "this address leads into a private network: only public pages are looked up"
TOO_SLOW = "the page took too long: fill in the form by hand, or try again later"
UNREACHABLE = "the page cannot be reached: check the address, or fill in the form by hand"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: ``url`` after redirects, ``media`` without parameters in small letters, at most as many bytes as asked for."""

    url: str
    media: str
    charset: str
    body: bytes = field(repr=False)
    cut: bool = False


@dataclass(slots=True)
class _Watch:
    """The connections of one fetch, shut down from outside when its time is over."""

    ends: float
    loopback: bool
    sockets: list[socket.socket] = field(default_factory=list)
    over: bool = False

    def took(self, connection: socket.socket) -> None:
        """Watches a new connection. Raises InvalidIPAddress before anything is sent where its peer is not allowed."""
        address = ipaddress.ip_address(connection.getpeername()[0].partition("%")[0])
        if not is_allowed(address, loopback=self.loopback):
            raise InvalidIPAddress(address)
        # A second handle on it: TLS takes the first one away.
        self.sockets.append(connection.dup())
        if self.over:
            self.end()

    def end(self) -> None:
        """Shuts all connections down for good, so that reads that still wait end at once."""
        self.over = True
        while self.sockets:
            with contextlib.suppress(OSError), self.sockets.pop() as connection:
                connection.shutdown(socket.SHUT_RDWR)


def is_allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, loopback: bool) -> bool:
    """Whether ``address`` is public (or, with ``loopback``, this machine); an IPv4 one mapped into IPv6 is judged as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_allowed(address.ipv4_mapped, loopback=loopback)
        if any(address in network for network in WRAPPING):
            return False
    if address.is_loopback:
        return loopback
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Fetcher:
    """Fetches addresses that people pasted. ``contact`` goes into the User-Agent; ``loopback`` allows this machine (trials)."""

    def __init__(self, contact: str, *, loopback: bool = False, seconds: float = SECONDS) -> None:
        self._agent, self._loopback, self._seconds = user_agent(contact), loopback, seconds

    def get(self, url: str, *, most: int, media: Collection[str]) -> Fetched:
        """What ``url`` gives, its first ``most`` bytes after unpacking; ``media`` are the content types that are read.

        Raises InputError where it may not be asked for, is nothing of these types, or is refused; TemporaryError where it
        cannot be reached in time.
        """
        checked(url, loopback=self._loopback)
        watch = _Watch(time.monotonic() + self._seconds, self._loopback)
        given: list[Fetched | Exception] = []
        # In a thread, because neither the system's resolver nor a handshake knows of a time for the whole.
        worker = threading.Thread(target=_kept(given, lambda: self._follow(url, watch, most=most, media=media)), daemon=True)
        worker.start()
        worker.join(self._seconds)
        # Looked at first: the end of the watch makes the thread say something too, but not what was wrong.
        late = not given
        watch.end()
        if late:
            raise TemporaryError(TOO_SLOW)
        result = given[0]
        if isinstance(result, Exception):
            raise result
        return result

    def _follow(self, url: str, watch: _Watch, *, most: int, media: Collection[str]) -> Fetched:
        with requests.Session() as session:
            session.trust_env = False
            for scheme in ("http", "https"):
                session.mount(f"{scheme}://", _Adapter(watch, secure=scheme == "https"))
            for _ in range(MOST_REDIRECTS + 1):
                with self._asked(session, url, watch) as answer:
                    if answer.status_code not in REDIRECTS or "Location" not in answer.headers:
                        return _read(answer, url, watch, most=most, media=media)
                    url = redirected(url, answer.headers["Location"], loopback=self._loopback)
        raise InputError(f"the page leads on more than {MOST_REDIRECTS} times: give the address that it ends at")

    def _asked(self, session: requests.Session, url: str, watch: _Watch) -> requests.Response:
        left = max(0.1, watch.ends - time.monotonic())
        headers = {"User-Agent": self._agent, "Accept": "text/html, image/*;q=0.9, */*;q=0.1", "Accept-Encoding": "gzip"}
        try:
            return session.get(url, headers=headers, timeout=(left, left), stream=True, allow_redirects=False)
        except InvalidIPAddress as error:
            raise InputError(NOT_PUBLIC) from error
        except (requests.Timeout, UnicodeError, requests.RequestException) as error:
            raise TemporaryError(TOO_SLOW if isinstance(error, requests.Timeout) else UNREACHABLE) from error


class _Adapter(IPFilterAdapter):  # type: ignore[misc]
    """The library's check of addresses; and each connection is looked at and watched before it is used."""

    def __init__(self, watch: _Watch, *, secure: bool) -> None:
        self._watch = watch
        super().__init__(is_https_proto=secure, allow_loopback=watch.loopback)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": _watched(HTTPConnection, self._watch)}),
            "https": type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": _watched(HTTPSConnection, self._watch)}),
        }


def _watched(base: type[HTTPConnection], watch: _Watch) -> type[HTTPConnection]:
    def connected(self: Any) -> socket.socket:
        connection: socket.socket = base._new_conn(self)
        try:
            watch.took(connection)
        except InvalidIPAddress:
            connection.close()
            raise
        return connection

    return type("Connection", (base,), {"_new_conn": connected})


def _kept(given: list[Fetched | Exception], work: Callable[[], Fetched]) -> Callable[[], None]:
    def run() -> None:
        try:
            given.append(work())
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            given.append(error)

    return run


def _read(answer: requests.Response, url: str, watch: _Watch, *, most: int, media: Collection[str]) -> Fetched:
    if answer.status_code != 200:
        raise InputError(f"the page answers {answer.status_code}: check the address, or fill in the form by hand")
    kind, _, rest = answer.headers.get("Content-Type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in media:
        raise InputError(f"the address gives {kind[:60] or 'something without a type'} and no page: fill in the form by hand")
    charset = rest.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    body = bytearray()
    try:
        for piece in answer.iter_content(PIECE):
            body += piece
            if len(body) > most:
                break
            if time.monotonic() > watch.ends or watch.over:
                raise TemporaryError(TOO_SLOW)
    except requests.RequestException as error:
        raise TemporaryError("the page broke off: try again, or fill in the form by hand") from error
    return Fetched(url, kind, charset[:40], bytes(body[:most]), len(body) > most)
