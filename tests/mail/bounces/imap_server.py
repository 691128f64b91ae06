"""A mailbox of IMAP on loopback, as much of it as reading bounces needs. Hand-written."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """`with Mailbox({1: b"…"}) as mailbox:`; ``seen`` are the messages marked as read."""

    messages: dict[int, bytes]
    login: str = "bounces secret"
    seen: set[int] = field(default_factory=set)
    port: int = 0

    def __enter__(self) -> Mailbox:
        mailbox = self

        class Handler(_Dialogue):
            owner = mailbox

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Dialogue(socketserver.StreamRequestHandler):
    owner: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for raw in self.rfile:
            tag, _, command = raw.decode().strip().partition(" ")
            self.wfile.write(self._answer(command) + f"{tag} {self._verdict(command)}\r\n".encode())
            if command.startswith("LOGOUT"):
                return

    def _verdict(self, command: str) -> str:
        good = not command.startswith("LOGIN") or command.replace('"', "") == f"LOGIN {self.owner.login}"
        return "OK done" if good else "NO not you"

    def _answer(self, command: str) -> bytes:
        if command.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("SELECT"):
            return f"* {len(self.owner.messages)} EXISTS\r\n".encode()
        if command.startswith("UID SEARCH"):
            unread = sorted(self.owner.messages.keys() - self.owner.seen)
            return f"* SEARCH {' '.join(map(str, unread))}\r\n".encode()
        if found := re.match(r"UID FETCH (\d+)", command):
            data = self.owner.messages[int(found[1])]
            return f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(data)}}}\r\n".encode() + data + b")\r\n"
        if found := re.match(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.owner.seen.add(int(found[1]))
        return b"* BYE\r\n" if command.startswith("LOGOUT") else b""
