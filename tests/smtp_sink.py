"""A real SMTP peer on loopback that keeps what it takes and misbehaves on request. Hand-written; speaks RFC 5321 over sockets."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from tests.waiting import PATIENCE, wait_until

DROP = "DROP"  # the connection is cut instead of an answer
GARBAGE = "GARBAGE"  # an answer that is not SMTP

# (step, argument) -> what is said instead of yes; None for yes. Steps: connect mail rcpt data dot.
Script = Callable[[str, str], str | None]


def obliging(step: str, argument: str) -> str | None:
    """The script of a server without faults."""
    return None


@dataclass
class Taken:
    """One message as taken, dots unstuffed."""

    recipient: str
    sender: str
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Sink:
    """`with Sink(script) as sink:` listens on ``sink.port``; ``taken`` is what it took, faults after the dot included.

    ``extensions`` is what it says to EHLO.
    """

    script: Script = obliging
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8")
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> Sink:
        sink = self

        class Handler(_Dialogue):
            owner = sink

        self._server = _Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, recipient: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.recipient == recipient]

    def wait_for(self, count: int, *, seconds: float = PATIENCE) -> list[Taken]:
        """Waits until ``count`` messages are there; the assertion tells how many came."""
        wait_until(lambda: len(self.taken) >= count, seconds=seconds)
        assert len(self.taken) >= count, f"{len(self.taken)} of {count} messages after {seconds} s"
        return list(self.taken)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Dialogue(socketserver.StreamRequestHandler):
    owner: Sink

    def handle(self) -> None:
        self.owner.connections += 1
        sender, recipient = "", ""
        if not self._answer("connect", "", "220 sink ESMTP"):
            return
        for raw in self.rfile:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                said = ("sink", *self.owner.extensions)
                self._say("\r\n".join(f"250{' ' if one == said[-1] else '-'}{one}" for one in said))
            elif verb == "MAIL":
                sender, recipient = _address(argument), ""
                if not self._answer("mail", sender, "250 2.1.0 ok"):
                    return
            elif verb == "RCPT":
                said = self.owner.script("rcpt", _address(argument)) or "250 2.1.5 ok"
                recipient = _address(argument) if said.startswith("250") else recipient
                if not self._give(said):
                    return
            elif verb == "DATA" and not recipient:
                self._say("503 5.5.1 nobody to give it to")
            elif verb == "DATA":
                if not self._data(sender, recipient):
                    return
            elif verb == "QUIT":
                self._say("221 2.0.0 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _data(self, sender: str, recipient: str) -> bool:
        said = self.owner.script("data", recipient)
        if said is not None:
            return self._give(said)
        self._say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b"..") else raw)
        else:
            return False  # cut before the dot: not taken (RFC 5321 4.1.1.4)
        said = self.owner.script("dot", recipient)
        if said is None or said in (DROP, GARBAGE):
            self.owner.taken.append(Taken(recipient, sender, b"".join(lines)))
        return self._give(said or "250 2.0.0 taken")

    def _answer(self, step: str, argument: str, yes: str) -> bool:
        return self._give(self.owner.script(step, argument) or yes)

    def _give(self, said: str) -> bool:
        if said == DROP:
            return False
        self._say("what?" if said == GARBAGE else said)
        return not said.startswith("421")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
