"""SMTP step by step: a message is brought up to its final dot, and the dot is sent by a call of its own.

smtplib opens the connection (STARTTLS, certificates, login); the dialogue is driven here, because smtplib raises the same
error for a drop at MAIL, RCPT, DATA and after the dot. Nothing here retries or knows the ledger.
"""

from __future__ import annotations

import select
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from newsletter.errors import TemporaryError
from newsletter.mail.smtp.client import Bounded, BoundedSsl, cut, reason_of
from newsletter.mail.smtp.envelope import Steps, steps_of, stuffed
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.settings import SmtpServer
from newsletter.values.mail import Message

# Seconds, RFC 5321 4.5.3.2. A short wait after the dot makes duplicates.
GOODBYE_TIMEOUT = 1
STAGE_TIMEOUTS: Mapping[Stage, float] = {Stage.CONNECT: 30, Stage.MAIL: 300, Stage.RCPT: 300, Stage.DATA: 120, Stage.DOT: 600}
CONNECT_TIMEOUT = STAGE_TIMEOUTS[Stage.CONNECT]
# Relays limit both; a fresh connection costs little beside a refused message.
MESSAGES_PER_CONNECTION = 100
SECONDS_PER_CONNECTION = 300


class Connection:
    """One open SMTP connection. For each message `prepare`, then `send_dot` and `read_answer`, or `abort`."""

    def __init__(
        self,
        client: smtplib.SMTP,
        *,
        most_messages: int = MESSAGES_PER_CONNECTION,
        patience: float | None = None,
        timeouts: Mapping[Stage, float] = STAGE_TIMEOUTS,
    ) -> None:
        self._client, self._timeouts = client, timeouts
        self._most_messages = most_messages
        self._patience = patience
        self._opened = time.monotonic()
        self._messages = 0
        self._begun: Message | None = None

    @property
    def open(self) -> bool:
        """False once it is closed, by whom ever it was."""
        return self._client.sock is not None

    @property
    def usable(self) -> bool:
        """False once it is closed or has served enough messages or seconds."""
        young = time.monotonic() - self._opened < SECONDS_PER_CONNECTION
        return self.open and self._messages < self._most_messages and young

    def begin(self, message: Message) -> None:
        """Sends the commands of ``message`` together where the server allows it (RFC 2920); `prepare` hears the answers.

        So a server works for all connections of a group at once, and each message waits for one answer instead of three.
        """
        steps = steps_of(message, smtputf8=self._client.has_extn("smtputf8"))
        if isinstance(steps, Reply) or not self._client.has_extn("pipelining"):
            return
        # What goes wrong here is told where the answers are read.
        with suppress(OSError):
            self._socket_timeout(Stage.MAIL)
            self._client.send(b"".join(line for _, line, _ in steps))
        self._begun = message

    def prepare(self, message: Message) -> Reply | None:
        """Brings ``message`` up to its final dot; None when only the dot is missing, else the refusal."""
        self._messages += 1
        begun, self._begun = self._begun, None
        steps = steps_of(message, smtputf8=self._client.has_extn("smtputf8"))
        if isinstance(steps, Reply):
            return steps
        refusal = self._answers(steps) if begun is message else self._dialogue(steps)
        if refusal is not None:
            return refusal
        try:
            self._socket_timeout(Stage.DATA)
            self._client.send(stuffed(message.data))
        except OSError as error:
            self.abort()
            return Reply(Stage.DATA, 0, reason_of(error))
        return None

    def drop_begun(self) -> None:
        """Hangs up where commands were sent and their answers are not wanted any more."""
        if self._begun is not None:
            self._begun = None
            self.abort()

    def _dialogue(self, steps: Steps) -> Reply | None:
        """The commands one after the other; the refusal of one of them."""
        for stage, line, expected in steps:
            reply = self._say(stage, line)
            if reply.code // 10 != expected // 10:
                return self._refused(reply)
        return None

    def _answers(self, steps: Steps) -> Reply | None:
        """The answers to commands that were sent together; the first refusal among them."""
        refusal: Reply | None = None
        for stage, _, expected in steps:
            reply = self._hear(stage)
            if refusal is None and reply.code // 10 != expected // 10:
                refusal = reply
            if reply.closes:
                break
        if refusal is None:
            return None
        if reply.code == steps[-1][2]:
            # Data is wanted although somebody was refused: without a dot nothing is delivered.
            self.abort()
        return self._refused(refusal) if self.open and not reply.closes else self._hung_up(refusal)

    def send_dot(self) -> Reply | None:
        """Sends the final dot without waiting; None when it is on its way."""
        if self._has_hung_up():
            self.abort()
            return Reply(Stage.DATA, 0, "the server hung up before the dot")
        try:
            # Not by the client's own `send`, which hides what went wrong.
            self._socket_timeout(Stage.DOT).sendall(b".\r\n")
        except TimeoutError as error:
            self.abort()
            return Reply(Stage.DOT, 0, reason_of(error))
        except OSError as error:
            # The system took none of these three bytes: without a dot nothing is delivered, and there is no doubt.
            self.abort()
            return Reply(Stage.DATA, 0, reason_of(error))
        return None

    def _has_hung_up(self) -> bool:
        """True where the server has ended the connection already: it would not read the dot, and to send it would leave doubt.

        The system takes bytes for such a connection without a word, so it is asked before.
        """
        if self._client.sock is None:
            return True
        try:
            if not select.select([self._client.sock], [], [], 0)[0]:
                return False
            # The socket below TLS, which allows no look ahead.
            return not socket.socket.recv(self._client.sock, 1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def read_answer(self) -> Reply:
        """Waits for the answer to the dot."""
        reply = self._read(Stage.DOT)
        if reply.closes:
            self.abort()
        return reply

    def abort(self) -> None:
        """Closes at once; a message without its dot is not delivered (RFC 5321 4.1.1.4)."""
        self._client.close()

    def cut(self) -> None:
        """Ends at once whatever another thread waits for on this connection; to that thread the server has hung up."""
        cut(self._client)

    def close(self) -> bool:
        """Says goodbye where the server still listens; False where it does not."""
        if self._client.sock is None:
            return True
        try:
            self._client.sock.settimeout(GOODBYE_TIMEOUT)
            self._client.quit()
        except (OSError, smtplib.SMTPException):
            self._client.close()
            return False
        return True

    def _refused(self, reply: Reply) -> Reply:
        if reply.closes or self._say(Stage.MAIL, b"RSET\r\n").code != 250:
            self.abort()
        return reply

    def _hung_up(self, reply: Reply) -> Reply:
        self.abort()
        return reply

    def _hear(self, stage: Stage) -> Reply:
        try:
            self._socket_timeout(stage)
        except OSError as error:
            return Reply(stage, 0, reason_of(error))
        return self._read(stage)

    def _say(self, stage: Stage, line: bytes) -> Reply:
        try:
            self._socket_timeout(stage)
            self._client.send(line)
        except OSError as error:
            return Reply(stage, 0, reason_of(error))
        return self._read(stage)

    def _read(self, stage: Stage) -> Reply:
        try:
            code, text = self._client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Reply(stage, 0, reason_of(error))
        if not 200 <= code <= 599:
            return Reply(stage, 0, "an answer that is not SMTP")
        return Reply(stage, code, text.decode("utf-8", "replace"))

    def _socket_timeout(self, stage: Stage) -> socket.socket:
        if self._client.sock is None:
            raise OSError("the connection is closed")
        limit = self._timeouts[stage]
        # Before the dot a message can go another way at no risk; after it, impatience makes duplicates.
        impatient = self._patience is not None and stage is not Stage.DOT
        self._client.sock.settimeout(min(limit, self._patience) if impatient and self._patience is not None else limit)
        return self._client.sock


def open_connection(
    server: SmtpServer,
    hostname: str,
    *,
    connect_timeout: float = CONNECT_TIMEOUT,
    most_messages: int = MESSAGES_PER_CONNECTION,
    patience: float | None = None,
    timeouts: Mapping[Stage, float] = STAGE_TIMEOUTS,
    born: Callable[[smtplib.SMTP], None] = lambda _: None,
) -> Connection:
    """Connects, greets, secures and logs in. Raises TemporaryError, also for a refused login: that is mended, not final.

    ``patience`` (seconds) shortens the waits before the dot, ``timeouts`` are those of each stage; ``born`` is given the client
    for `cut`.
    """
    where = f"mail server {server.host}:{server.port}"
    client: smtplib.SMTP | None = None
    try:
        if server.security == "tls":
            context = ssl.create_default_context()
            client = BoundedSsl(server.host, server.port, hostname, timeout=connect_timeout, context=context, born=born)
        else:
            client = Bounded(server.host, server.port, hostname, timeout=connect_timeout, born=born)
        if client.sock is not None:
            # The dot is a packet of three bytes after the message: held back for company, it waits 40 ms for an acknowledgement.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls" or (server.security == "offered" and client.has_extn("starttls")):
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
        if server.user:
            client.login(server.user, server.password.get_secret_value())
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        # UnicodeError: smtplib takes logins and host names of ASCII only.
        if client is not None:
            client.close()
        raise TemporaryError(f"{where}: {reason_of(error)}") from error
    return Connection(client, most_messages=most_messages, patience=patience, timeouts=timeouts)
