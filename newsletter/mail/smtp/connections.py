"""Connections to several mail servers: in order of preference, with failover and return; and the end of all waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from newsletter.errors import TemporaryError
from newsletter.mail.smtp.client import Client, cut
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import MESSAGES_PER_CONNECTION, STAGE_TIMEOUTS, Connection, open_connection
from newsletter.settings import SmtpServer
from newsletter.values.mail import Message

log = structlog.get_logger(__name__)

# A server that could not be reached, or fell silent before a dot, is left alone for so long, then tried again.
SERVER_PAUSE = 20
# With another server to go to nobody waits longer for the first: together less than the half minute of a failover.
SHORT_CONNECT = 5
SHORT_PATIENCE = 15
# A worker that is asked to end hears answers for so long; ten seconds are what a service manager gives.
LAST_ANSWERS_SECONDS = 5.0


class Connections:
    """Up to ``size`` open connections by slot, over the servers in order of preference with failover and return."""

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
        self._resting: dict[SmtpServer, float] = {}
        self._problems: dict[SmtpServer, str] = {}
        self._cut = False
        self._being_opened: Client | None = None

    @property
    def any_open(self) -> bool:
        """True where at least one connection can still be used."""
        return any(connection is not None and connection.usable for connection in self._slots)

    def take(self, slot: int) -> Connection:
        """The connection of ``slot``, opened anew where needed. Raises TemporaryError when no server can be reached."""
        connection = self._slots[slot]
        if connection is not None and connection.usable and not self._may_return(slot):
            return connection
        if connection is not None:
            connection.close()
        self._slots[slot] = None
        self._slots[slot], self._servers_of[slot] = opened = self._open()
        return opened[0]

    def begin(self, slot: int, message: Message) -> None:
        """Has the connection of ``slot`` begin with ``message`` where it is open and stays the one to `take`."""
        connection = self._slots[slot]
        if connection is not None and connection.usable and not self._may_return(slot):
            connection.begin(message)

    def drop_begun(self) -> None:
        """Hangs up where a message was begun that will not be prepared."""
        for connection in self._slots:
            if connection is not None:
                connection.drop_begun()

    def rest(self, slot: int) -> bool:
        """Leaves the server of ``slot``, which fell silent, alone for a while, where there is another; True where there is.

        All its connections are closed: what was prepared on them has no dot yet, and goes another way.
        """
        silent = self._servers_of[slot]
        if silent is None or not any(self._awake(server) for server in self._servers if server != silent):
            return False
        log.warning("smtp server silent", host=silent.host, port=silent.port)
        self._resting[silent] = time.monotonic() + self._server_pause
        self._problems[silent] = f"mail server {silent.host}:{silent.port}: silent"
        for connection, server in zip(self._slots, self._servers_of, strict=True):
            if connection is not None and server == silent:
                connection.abort()
        return True

    def cut(self) -> None:
        """Ends all waiting, called by another thread: no answer is heard any more, and no connection opened."""
        self._cut = True
        if self._being_opened is not None:
            cut(self._being_opened)
        for connection in self._slots:
            if connection is not None:
                connection.cut()

    def close(self) -> None:
        """Closes all; once a server hears no goodbye, without one."""
        listening = not self._cut
        for slot, connection in enumerate(self._slots):
            if connection is not None and listening:
                listening = connection.close()
            elif connection is not None:
                connection.abort()
            self._slots[slot] = None

    def _open(self) -> tuple[Connection, SmtpServer]:
        """A new connection. Where every server rests, it fails at once: a mute one must not cost each mail its time-out."""
        for server in self._servers:
            if self._cut:
                raise TemporaryError("asked to stop")
            if not self._awake(server):
                continue
            try:
                return self._open_to(server), server
            except TemporaryError as error:
                log.error("smtp server not usable", host=server.host, port=server.port, problem=str(error))
                self._problems[server] = str(error)
                if not self._serves(server):
                    self._resting[server] = time.monotonic() + self._server_pause
        raise TemporaryError("; ".join(self._problems.values()))

    def _open_to(self, server: SmtpServer) -> Connection:
        try:
            return open_connection(
                server,
                self._hostname,
                connect_timeout=self._connect_timeout,
                most_messages=self._most_messages,
                patience=self._patience,
                timeouts=self._timeouts,
                born=self._born,
            )
        finally:
            self._being_opened = None

    def _born(self, client: Client) -> None:
        self._being_opened = client

    def _awake(self, server: SmtpServer) -> bool:
        return self._resting.get(server, 0) <= time.monotonic()

    def _may_return(self, slot: int) -> bool:
        """True where a server preferred to that of ``slot`` has rested enough. One slot finds out, then the others follow."""
        there = self._servers_of[slot]
        for server in self._servers:
            if server == there:
                return False
            if self._awake(server):
                return slot == 0 or self._serves(server)
        return False

    def _serves(self, server: SmtpServer) -> bool:
        """True where another connection to ``server`` is open: it is not down, it gives no more of them."""
        pairs = zip(self._slots, self._servers_of, strict=True)
        return any(connection is not None and connection.usable and there == server for connection, there in pairs)


class LastAnswers(threading.Thread):
    """Waits for the wish to stop, then gives the mail servers some seconds to answer, and cuts the connections."""

    def __init__(self, connections: Connections, stop: Callable[[], bool], *, seconds: float = LAST_ANSWERS_SECONDS) -> None:
        super().__init__(name="last-answers", daemon=True)
        self._connections, self._stop_asked, self._seconds = connections, stop, seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._stop_asked():
            if self._ended.wait(0.1):
                return
        if not self._ended.wait(self._seconds):
            log.warning("mail server does not answer, and this worker is to end: its messages are in doubt")
            self._connections.cut()

    def end(self) -> None:
        self._ended.set()
        self.join()
