"""One SMTP connection, step by step: a message is brought up to its final dot, and the dot is sent by a call of its own.

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
from newsletter.mail.smtp.client import BoundedSmtp, BoundedSmtpSsl, ConnectionRefused, reason_of, shut_down
from newsletter.mail.smtp.commands import Commands, commands_for, dot_stuffed
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.settings import SmtpServer
from newsletter.values.mail import Message

# Seconds; those of the stages are from RFC 5321 4.5.3.2. A short wait after the dot makes duplicates.
QUIT_TIMEOUT = 1
STAGE_TIMEOUTS: Mapping[Stage, float] = {Stage.CONNECT: 30, Stage.MAIL: 300, Stage.RCPT: 300, Stage.DATA: 120, Stage.DOT: 600}
CONNECT_TIMEOUT = STAGE_TIMEOUTS[Stage.CONNECT]
# Relays limit both; a new connection costs little beside a refused message.
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
        self._pipelined: tuple[Message, Commands] | None = None

    @property
    def open(self) -> bool:
        """False once it is closed, by either side."""
        return self._client.sock is not None

    @property
    def takes_any_letters(self) -> bool:
        """Whether the server takes an address with letters beyond ASCII before the @ (RFC 6531)."""
        return self._client.has_extn("smtputf8")

    @property
    def usable(self) -> bool:
        """False once it is closed or has served enough messages or seconds."""
        young = time.monotonic() - self._opened < SECONDS_PER_CONNECTION
        return self.open and self._messages < self._most_messages and young

    def pipeline(self, message: Message) -> None:
        """Sends the commands of ``message`` together where the server allows it (RFC 2920); `prepare` reads the answers.

        So a server works on all messages of a group at once, and each message waits one round trip instead of three.
        """
        steps = commands_for(message, smtputf8=self._client.has_extn("smtputf8"))
        if isinstance(steps, Reply) or not self._client.has_extn("pipelining"):
            return
        # An error here shows again when the answers are read.
        with suppress(OSError):
            self._socket_timeout(Stage.MAIL)
            self._client.send(b"".join(line for _, line, _ in steps))
        self._pipelined = message, steps

    def prepare(self, message: Message) -> Reply | None:
        """Brings ``message`` up to its final dot; None when only the dot is missing, else the refusal."""
        self._messages += 1
        pipelined, self._pipelined = self._pipelined, None
        if pipelined is not None and pipelined[0] is message:
            refusal = self._read_pipelined(pipelined[1])
        else:
            steps = commands_for(message, smtputf8=self._client.has_extn("smtputf8"))
            refusal = steps if isinstance(steps, Reply) else self._send_in_turn(steps)
        if refusal is not None:
            return refusal
        try:
            self._socket_timeout(Stage.DATA).sendall(dot_stuffed(message))
        except OSError as error:
            self.abort()
            return Reply(Stage.DATA, 0, reason_of(error))
        return None

    def drop_pipelined(self) -> None:
        """Closes the connection where commands were sent ahead and their answers will not be read."""
        if self._pipelined is not None:
            self._pipelined = None
            self.abort()

    def _send_in_turn(self, steps: Commands) -> Reply | None:
        """Sends the commands one after the other; gives the first refusal, None where all are accepted."""
        for stage, line, expected in steps:
            reply = self._command(stage, line)
            if reply.code // 10 != expected // 10:
                return self._refused(reply)
        return None

    def _read_pipelined(self, steps: Commands) -> Reply | None:
        """Reads the answers to commands that were sent together; gives the first refusal, None where all are accepted."""
        refusal: Reply | None = None
        for stage, _, expected in steps:
            reply = self._read_next(stage)
            if refusal is None and reply.code // 10 != expected // 10:
                refusal = reply
            if reply.closes_connection:
                break
        if refusal is None:
            return None
        if reply.code == steps[-1][2]:
            # The server waits for data although it refused a command: closed without a dot, it delivers nothing.
            self.abort()
        if self.open and not reply.closes_connection:
            return self._refused(refusal)
        self.abort()
        return refusal

    def send_dot(self) -> Reply | None:
        """Sends the final dot without waiting; None when it is on its way."""
        if self._has_hung_up():
            self.abort()
            return Reply(Stage.DATA, 0, "the server hung up before the dot")
        try:
            # Not by the client's own `send`, which turns every error into one that says nothing.
            self._socket_timeout(Stage.DOT).sendall(b".\r\n")
        except TimeoutError as error:
            self.abort()
            return Reply(Stage.DOT, 0, reason_of(error))
        except OSError as error:
            # The system took none of these three bytes: without a dot nothing is delivered, so this is no case of doubt.
            self.abort()
            return Reply(Stage.DATA, 0, reason_of(error))
        return None

    def _has_hung_up(self) -> bool:
        """True where the server has closed the connection: it would not read the dot, and sending it would leave us in doubt.

        Sending on such a connection raises no error, so it is looked at before.
        """
        if self._client.sock is None:
            return True
        try:
            if not select.select([self._client.sock], [], [], 0)[0]:
                return False
            # The plain socket's method: a TLS socket cannot peek.
            return not socket.socket.recv(self._client.sock, 1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def read_answer(self) -> Reply:
        """Waits for the answer to the dot."""
        reply = self._read(Stage.DOT)
        if reply.closes_connection:
            self.abort()
        return reply

    def abort(self) -> None:
        """Closes at once; a message without its dot is not delivered (RFC 5321 4.1.1.4)."""
        self._client.close()

    def shut_down(self) -> None:
        """Ends the connection from another thread: whoever waits on it sees it as closed by the server."""
        shut_down(self._client)

    def close(self) -> bool:
        """Closes with QUIT; False where the server does not answer it."""
        if self._client.sock is None:
            return True
        try:
            self._client.sock.settimeout(QUIT_TIMEOUT)
            self._client.quit()
        except (OSError, smtplib.SMTPException):
            self._client.close()
            return False
        return True

    def _refused(self, reply: Reply) -> Reply:
        """``reply``, after the connection was reset for the next message, or closed where it cannot be."""
        if reply.closes_connection or self._command(Stage.MAIL, b"RSET\r\n").code != 250:
            self.abort()
        return reply

    def _read_next(self, stage: Stage) -> Reply:
        try:
            self._socket_timeout(stage)
        except OSError as error:
            return Reply(stage, 0, reason_of(error))
        return self._read(stage)

    def _command(self, stage: Stage, line: bytes) -> Reply:
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
        limit = min(limit, self._patience) if impatient and self._patience is not None else limit
        # Setting it is a call to the system each time.
        if self._client.sock.gettimeout() != limit:
            self._client.sock.settimeout(limit)
        return self._client.sock


def _trust(server: SmtpServer) -> ssl.SSLContext:
    """Whom to believe to be ``server``: the usual authorities, and those that are named beside them."""
    context = ssl.create_default_context()
    if server.ca_file:
        context.load_verify_locations(server.ca_file)
    return context


def open_connection(
    server: SmtpServer,
    hostname: str,
    *,
    connect_timeout: float = CONNECT_TIMEOUT,
    most_messages: int = MESSAGES_PER_CONNECTION,
    patience: float | None = None,
    timeouts: Mapping[Stage, float] = STAGE_TIMEOUTS,
    on_created: Callable[[smtplib.SMTP], None] = lambda _: None,
) -> Connection:
    """Connects, sends EHLO, starts TLS and logs in as ``server`` says.

    ``patience`` (seconds) shortens the waits before the dot, ``timeouts`` are those of each stage; ``on_created`` gets the client
    before it connects, so that another thread can `shut_down` it.
    Raises TemporaryError, also for a refused login: the operator will mend it, and the mails must still be there.
    """
    where = f"mail server {server.host}:{server.port}"
    client: smtplib.SMTP | None = None
    try:
        if server.security == "tls":
            client = BoundedSmtpSsl(
                server.host, server.port, hostname, timeout=connect_timeout, context=_trust(server), on_created=on_created
            )
        else:
            client = BoundedSmtp(server.host, server.port, hostname, timeout=connect_timeout, on_created=on_created)
        if client.sock is not None:
            # The dot is a packet of three bytes: with Nagle's algorithm it would wait up to 40 ms for an acknowledgement.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls" or (server.security == "offered" and client.has_extn("starttls")):
            client.starttls(context=_trust(server))
            client.ehlo()
        if server.user:
            client.login(server.user, server.password.get_secret_value())
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        # UnicodeError: smtplib takes logins and host names of ASCII only.
        if client is not None:
            client.close()
        if isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code <= 599:
            said = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
            raise ConnectionRefused(f"{' '.join(said.split())[:200]} ({where})", error.smtp_code) from error
        raise TemporaryError(f"{where}: {reason_of(error)}") from error
    return Connection(client, most_messages=most_messages, patience=patience, timeouts=timeouts)
