"""How the pages are served: gunicorn looks after the processes, waitress after the connections (``gunicorn.conf.py`` names this).

A thread is given to a request that has arrived whole, and is free again once its answer is written into memory. Whoever sends or
reads slowly waits beside all others in one loop, and only for so long: no number of half-sent requests holds a thread. Nothing
here knows what the pages are.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import resource
import socket
import time
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher

# As long as gunicorn's own: a request may be under way on a connection that is kept open.
LINGER_SECONDS = 2.0
HEAD_BYTES, BODY_BYTES = 32 * 1024, 1024 * 1024
# Files that a process needs besides its connections.
OTHER_FILES = 128

Application = Callable[..., Iterable[bytes]]


class Channel(HTTPChannel):
    """A connection that has to take its next step before ``due``: a head within gunicorn's ``keepalive`` seconds, then a body
    within ``timeout``, then an answer read, and the first piece of the next request sent, within ``timeout`` again.
    """

    server: Any

    def __init__(self, server: Any, *args: Any, **kwargs: Any) -> None:
        self.due = time.monotonic() + server.head_seconds
        super().__init__(server, *args, **kwargs)

    def received(self, data: bytes) -> bool:
        """Takes in a piece of a request. A piece more gives no more time; the next step does."""
        before, had_head = self.request, self.request is not None and self.request.headers_finished
        taken: bool = super().received(data)
        if self.request is not None and self.request.headers_finished and not had_head:
            self.due = time.monotonic() + self.server.body_seconds
        elif self.request is not before:
            self.due = time.monotonic() + self.server.head_seconds
        return taken

    def service(self) -> None:
        """Answers the first request that is here; a process that is about to end keeps no connection open for another."""
        if self.server.ending:
            first: Any = self.requests[0]
            first.headers["CONNECTION"] = "close"
        super().service()
        self.due = time.monotonic() + self.server.body_seconds

    @property
    def busy(self) -> bool:
        """True while a request is arriving or being answered, or an answer not read yet."""
        return bool(self.requests or self.total_outbufs_len or self.request is not None)


class _Listening:
    """What both kinds of listening socket share: the deadlines, and an end without new connections."""

    channel_class = Channel
    ending = False
    head_seconds = body_seconds = 30.0
    active_channels: dict[int, Channel]

    def maintenance(self, now: float) -> None:
        now = time.monotonic()
        for channel in self.active_channels.values():
            if not channel.requests and channel.due < now:
                channel.will_close = True


class TcpServer(_Listening, TcpWSGIServer):  # type: ignore[misc]
    pass


class UnixServer(_Listening, UnixWSGIServer):  # type: ignore[misc]
    pass


class BufferingWorker(Worker):  # type: ignore[misc]
    """A process of gunicorn's whose connections waitress serves: ``threads`` answer, ``worker_connections`` may be open."""

    def run(self) -> None:
        """Serves until asked to end; then requests under way are finished, for at most ``graceful_timeout`` seconds."""
        connections: dict[int, Any] = {}
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(self.cfg.threads)
        self._servers = [self._server(listening.sock, connections, threads) for listening in self.sockets]
        logging.getLogger("waitress").handlers = self.log.error_log.handlers
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        while self.alive and self.ppid == os.getppid():
            self._look(connections, seconds=1.0)
        self._end(connections)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        for server in getattr(self, "_servers", ()):
            server.pull_trigger()

    def _server(self, listening: socket.socket, connections: dict[int, Any], threads: ThreadedTaskDispatcher) -> Any:
        name = listening.getsockname()
        unix = listening.family == socket.AF_UNIX
        settings = Adjustments(
            sockets=[listening],
            threads=self.cfg.threads,
            ident=None,
            server_name=None if unix else name[0],
            connection_limit=self._most_connections(),
            asyncore_use_poll=True,
            cleanup_interval=1,
            max_request_header_size=HEAD_BYTES,
            max_request_body_size=BODY_BYTES,
            inbuf_overflow=BODY_BYTES,
            # Whether a proxy is to be trusted is decided by PROXY_HOPS, and the local inbox looks whether one stands in front.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
        )
        kind = UnixServer if unix else TcpServer
        place = (listening.family, listening.type, listening.proto, name)
        application = self._logging(self.wsgi) if self.cfg.accesslog else self.wsgi
        server = kind(
            application, connections, True, listening, dispatcher=threads, adj=settings, bind_socket=False, sockinfo=place
        )
        server.head_seconds, server.body_seconds = float(self.cfg.keepalive), float(self.cfg.timeout)
        return server

    def _most_connections(self) -> int:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = int(self.cfg.worker_connections)
        if resource.RLIM_INFINITY != soft < wanted + OTHER_FILES:
            soft = wanted + OTHER_FILES if hard == resource.RLIM_INFINITY else min(hard, wanted + OTHER_FILES)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return wanted if soft == resource.RLIM_INFINITY else max(OTHER_FILES, min(wanted, soft - OTHER_FILES))

    def _look(self, connections: dict[int, Any], *, seconds: float) -> None:
        self.notify()
        wasyncore.loop(timeout=seconds, use_poll=True, map=connections, count=1)

    def _end(self, connections: dict[int, Any]) -> None:
        for server in self._servers:
            server.ending = True
            server.accepting = False
            server.del_channel()
        now = time.monotonic()
        linger, last = now + min(LINGER_SECONDS, self.cfg.graceful_timeout), now + self.cfg.graceful_timeout
        while now < last:
            channels = [channel for server in self._servers for channel in server.active_channels.values()]
            if not (channels if now < linger else [channel for channel in channels if channel.busy]):
                break
            self._look(connections, seconds=0.1)
            now = time.monotonic()
        for server in self._servers:
            server.socket.close()

    def _logging(self, application: Application) -> Application:
        """``application`` with gunicorn's access log (``--access-logfile``)."""

        def logged(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            began = dt.datetime.now()  # noqa: DTZ005 - a duration
            answer = SimpleNamespace(status="", headers=[], sent=0)
            environ["RAW_URI"] = environ["REQUEST_URI"]

            def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                answer.status, answer.headers = status, headers
                answer.sent = dict(headers).get("Content-Length", "-")
                return start_response(status, headers, *more)

            try:
                return application(environ, started)
            finally:
                asked = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
                self.log.access(answer, SimpleNamespace(headers=asked), environ, dt.datetime.now() - began)  # noqa: DTZ005

        return logged
