"""Connections to the mail servers in their order of preference: failover, return, and the end when a worker is to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from newsletter.errors import TemporaryError
from newsletter.mail.smtp.client import Client, ConnectionRefused, shut_down
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import MESSAGES_PER_CONNECTION, STAGE_TIMEOUTS, Connection, open_connection
from newsletter.settings import SmtpServer
from newsletter.values.mail import Message

log = structlog.get_logger(__name__)

# Seconds for which a server that could not be reached, or fell silent before a dot, is not tried.
SERVER_PAUSE = 20
# Time limits in seconds where there is another server to go to: both together are under the half minute that a failover may take.
SHORT_CONNECT = 5
SHORT_PATIENCE = 15
# A worker that is asked to stop waits so long for answers; a service manager kills it after ten seconds.
STOP_SECONDS = 5.0


class Connections:
    """Up to ``size`` open connections, each in a numbered slot, to ``servers`` in their order of preference.

    ``server_pause`` (seconds) is how long a failed server is not tried; ``patience`` (seconds) limits each wait before a dot
    where there are several servers. Used by one thread, but for `shut_down`.
    """

    def __init__(
        self,
        servers: Sequence[SmtpServer],
        *,
        size: int,
        hostname: str,
        connect_timeout: float | None = None,
        timeouts: Mapping[Stage, float] = STAGE_TIMEOUTS,
        most_messages: int = MESSAGES_PER_CONNECTION,
        server_pause: float = SERVER_PAUSE,
        patience: float = SHORT_PATIENCE,
    ) -> None:
        self._servers = tuple(servers)
        several, connect_timeout = len(self._servers) > 1, connect_timeout or timeouts[Stage.CONNECT]
        self._connect_timeout, self._timeouts = min(connect_timeout, SHORT_CONNECT) if several else connect_timeout, timeouts
        self._patience = patience if several else None
        self._most_messages, self._server_pause = most_messages, server_pause
        self._slots: list[Connection | None] = [None] * size
        self._servers_of: list[SmtpServer | None] = [None] * size
        self._hostname = hostname
        self._paused_until: dict[SmtpServer, float] = {}
        self._problems: dict[SmtpServer, TemporaryError] = {}
        self._shut_down = False
        self._being_opened: Client | None = None

    @property
    def any_open(self) -> bool:
        """True where at least one connection can still be used."""
        return any(connection is not None and connection.usable for connection in self._slots)

    def take(self, slot: int) -> Connection:
        """The connection of ``slot``, opened where it is closed, used up, or a preferred server is back.

        Raises TemporaryError when no server can be reached, ConnectionRefused where all that can be let us not in.
        """
        connection = self._slots[slot]
        if connection is not None and connection.usable and not self._may_return_to_preferred(slot):
            return connection
        if connection is not None:
            connection.close()
        self._slots[slot] = None
        self._slots[slot], self._servers_of[slot] = opened = self._open()
        return opened[0]

    def pipeline(self, slot: int, message: Message) -> None:
        """Sends the commands of ``message`` ahead on the connection of ``slot``, where `take` will give that one."""
        connection = self._slots[slot]
        if connection is not None and connection.usable and not self._may_return_to_preferred(slot):
            connection.pipeline(message)

    def drop_pipelined(self) -> None:
        """Closes the connections on which commands were sent ahead of a message that was not prepared."""
        for connection in self._slots:
            if connection is not None:
                connection.drop_pipelined()

    def pause_server(self, slot: int) -> bool:
        """Stops using the server of ``slot``, which fell silent, for a while; False, with nothing done, where there is no other.

        All its connections are closed: the messages prepared on them have no dot yet and can go to another server.
        """
        silent = self._servers_of[slot]
        if silent is None or not any(self._is_available(server) for server in self._servers if server != silent):
            return False
        log.warning("smtp server silent", host=silent.host, port=silent.port)
        self._paused_until[silent] = time.monotonic() + self._server_pause
        self._problems[silent] = TemporaryError(f"mail server {silent.host}:{silent.port}: silent")
        for connection, server in zip(self._slots, self._servers_of, strict=True):
            if connection is not None and server == silent:
                connection.abort()
        return True

    def shut_down(self) -> None:
        """Ends all connections from another thread: whoever waits for an answer gets an error, and none is opened any more."""
        self._shut_down = True
        if self._being_opened is not None:
            shut_down(self._being_opened)
        for connection in self._slots:
            if connection is not None:
                connection.shut_down()

    def close(self) -> None:
        """Closes all with QUIT; without it once a server does not answer one, so that many dead connections cost one time-out."""
        listening = not self._shut_down
        for slot, connection in enumerate(self._slots):
            if connection is not None and listening:
                listening = connection.close()
            elif connection is not None:
                connection.abort()
            self._slots[slot] = None

    def _open(self) -> tuple[Connection, SmtpServer]:
        """A new connection, to the first server that takes one. Where all are paused it fails at once, without a time-out."""
        for server in self._servers:
            if self._shut_down:
                raise TemporaryError("asked to stop")
            if not self._is_available(server):
                continue
            try:
                return self._open_to(server), server
            except TemporaryError as error:
                log.error("smtp server not usable", host=server.host, port=server.port, problem=str(error))
                self._problems[server] = error
                if not self._has_open_connection(server):
                    self._paused_until[server] = time.monotonic() + self._server_pause
        problems = [self._problems[server] for server in self._servers if server in self._problems]
        if problems and all(isinstance(problem, ConnectionRefused) for problem in problems):
            raise problems[-1]
        raise TemporaryError("; ".join(str(problem) for problem in problems))

    def _open_to(self, server: SmtpServer) -> Connection:
        try:
            return open_connection(
                server,
                self._hostname,
                connect_timeout=self._connect_timeout,
                most_messages=self._most_messages,
                patience=self._patience,
                timeouts=self._timeouts,
                on_created=self._remember_client,
            )
        finally:
            self._being_opened = None

    def _remember_client(self, client: Client) -> None:
        self._being_opened = client

    def _is_available(self, server: SmtpServer) -> bool:
        return self._paused_until.get(server, 0) <= time.monotonic()

    def _may_return_to_preferred(self, slot: int) -> bool:
        """True where a server preferred to that of ``slot`` may be tried again: by slot 0 first, by the others once it works."""
        there = self._servers_of[slot]
        for server in self._servers:
            if server == there:
                return False
            if self._is_available(server):
                return slot == 0 or self._has_open_connection(server)
        return False

    def _has_open_connection(self, server: SmtpServer) -> bool:
        """True where a connection to ``server`` is open: then a refused one means that it gives no more, not that it is down."""
        pairs = zip(self._slots, self._servers_of, strict=True)
        return any(connection is not None and connection.usable and there == server for connection, there in pairs)


class StopDeadline(threading.Thread):
    """Once ``stop`` says so, gives the mail servers ``seconds`` to answer, then shuts the connections down."""

    def __init__(self, connections: Connections, stop: Callable[[], bool], *, seconds: float = STOP_SECONDS) -> None:
        super().__init__(name="last-answers", daemon=True)
        self._connections, self._stop_asked, self._seconds = connections, stop, seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._stop_asked():
            if self._ended.wait(0.1):
                return
        if not self._ended.wait(self._seconds):
            log.warning("mail server does not answer, and this worker is to end: its messages are in doubt")
            self._connections.shut_down()

    def end(self) -> None:
        """Ends the thread; waits for it."""
        self._ended.set()
        self.join()
