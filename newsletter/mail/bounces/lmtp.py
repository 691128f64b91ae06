"""An LMTP port (RFC 2033) that a mail server hands bounces to. What it answers 250 to is stored; it relays nothing."""

from __future__ import annotations

import asyncio
import socket
from asyncio import AbstractServer
from collections.abc import Callable, Coroutine
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from newsletter.errors import NewsletterError
from newsletter.mail.bounces.reading import MOST_BYTES

# Takes a message and the recipient of its envelope; raises NewsletterError where it is to be handed over again later.
Take = Callable[[bytes, str], None]


class _Handler:
    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        # The answer to the message is one for all recipients, and LMTP wants one for each.
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        data = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._take, data, envelope.rcpt_tos[0])
        except NewsletterError as error:
            return f"451 4.3.0 not stored, hand it over again: {type(error).__name__}"
        return "250 2.0.0 taken"


class LmtpServer(Controller):
    """The server in a thread; ``port`` is chosen by the system where it is 0, and known at once. Raises OSError."""

    def __init__(self, take: Take, *, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        super().__init__(_Handler(take), hostname=host, port=self._socket.getsockname()[1], ready_timeout=10)

    def factory(self) -> LMTP:
        return LMTP(self.handler, data_size_limit=MOST_BYTES, enable_SMTPUTF8=True, ident="bounces")

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)

    def _trigger_server(self) -> None:
        """Speaks to the server once, as `start` waits for; an LMTP greeting is as good as one of SMTP."""
        with socket.create_connection(self._socket.getsockname()[:2], timeout=5) as client:
            client.recv(64)
