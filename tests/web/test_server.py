"""The server of the pages answers while any number of others send half of a request or read no answer, and ends in good order."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.run.processes import ROOT
from tests.waiting import PATIENCE, wait_until

THREADS, CLIENTS = 2, 40
# Larger than what the kernel takes for a peer that reads nothing.
PAGE = 8_000_000
APP = f"""
import pathlib, time
HERE = pathlib.Path(__file__).parent
def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        (HERE / "begun").touch()
        while not (HERE / "go").exists():
            time.sleep(0.01)
    body = b"x" * {PAGE} if path == "/large" else environ["wsgi.input"].read() or b"page"
    seen = [environ["SERVER_NAME"], environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", "-")]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("X-Seen", " ".join(seen))])
    return [body]
"""
HEAD = b"HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.1\r\n"
FORM = b"Content-Type: text/plain\r\nContent-Length: 100\r\n\r\n"
ATTACKS = {
    "nothing": b"",
    "half a line": b"GE",
    "half a head": b"GET / " + HEAD + b"X-Long: ",
    "half a body": b"POST / " + HEAD + FORM + b"half",
    "half a chunk": b"POST / " + HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf",
    "a body to be asked for": b"POST / " + HEAD + b"Expect: 100-continue\r\n" + FORM,
    "an answer that is not read": b"GET /large " + HEAD + b"\r\n",
    "many answers that are not read": (b"GET /large " + HEAD + b"\r\n") * 5,
}


@dataclass(frozen=True)
class Server:
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def connect(self, text: bytes = b"") -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(text)
        return connection

    def ask(self, text: bytes) -> bytes:
        """The whole answer to a request, up to the end of the connection."""
        with self.connect(text) as connection:
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Server]:
    """A server with the settings that ship, and ``words`` besides them."""
    (folder / "small.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--workers", "1"]
        command += ["--threads", str(THREADS), "--bind", f"fd://{listening.fileno()}", "--access-logfile", "-"]
        process = subprocess.Popen(
            [*command, *words, "--pythonpath", f"{folder},{ROOT}", "small:app"],
            pass_fds=(listening.fileno(),),
            stdout=log,
            stderr=log,
        )
        found = Server(listening.getsockname()[1], folder, process)
    try:
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server")) as found:
        yield found


CLOSING = b"GET / " + HEAD + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_number_of_half_requests_or_unread_answers_stops_a_page(server: Server, attack: str) -> None:
    held = [server.connect(ATTACKS[attack]) for _ in range(CLIENTS)]
    assert server.ask(CLOSING).endswith(b"\r\n\r\npage")
    for connection in held:
        connection.close()


SECOND = b"GET /second " + HEAD + b"\r\n"
CHUNKED = b"POST / " + HEAD + b"Connection: close\r\nTransfer-Encoding: "
# What a proxy may read as one request, and we as two, or the other way round: https://www.rfc-editor.org/rfc/rfc9112#section-6.3.
ENDS_IN_TWO_PLACES = {
    "a length beside chunks": CHUNKED + b"chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / " + HEAD + b"Connection: close\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
    "a length with a sign": b"POST / " + HEAD + b"Connection: close\r\nContent-Length: +5\r\n\r\nhello",
    "chunks by another name": CHUNKED + b"xchunked\r\n\r\n0\r\n\r\n",
    "chunks and something else": CHUNKED + b"chunked, identity\r\n\r\n0\r\n\r\n",
    "a chunk whose size is none": CHUNKED + b"chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a chunk with a sign": CHUNKED + b"chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "a name with a space": b"POST / " + HEAD + b"Connection: close\r\nContent-Length : 5\r\n\r\nhello",
    "a folded line": b"POST / " + HEAD + b"Connection: close\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a line feed alone": b"POST / " + HEAD + b"Connection: close\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("request_", ENDS_IN_TWO_PLACES)
def test_a_request_that_ends_in_two_places_is_not_read_twice(server: Server, request_: str) -> None:
    answer = server.ask(ENDS_IN_TWO_PLACES[request_] + SECOND)
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert "/second" not in server.log()


# Larger than any head of a browser: thousands of headers, one long one, an endless first line.
HEADS = {
    "many headers": b"GET / " + HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + b"\r\n",
    "a long header": b"GET / " + HEAD + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
    "a long address": b"GET /" + b"a" * 60_000 + b" " + HEAD + b"\r\n",
    "a body that is announced as huge": b"POST / " + HEAD + b"Content-Length: 999999999999\r\n\r\n",
    "chunks without end": CHUNKED + b"chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n",
}


@pytest.mark.parametrize("head", HEADS)
def test_what_is_too_large_is_refused_and_the_connection_closed(server: Server, head: str) -> None:
    asked = HEADS[head] if head != "chunks without end" else HEADS[head] + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 1100
    with server.connect() as connection:
        try:
            connection.sendall(asked)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except (BrokenPipeError, ConnectionResetError):
            answer = b""  # closed before all was sent
    assert not answer or re.match(rb"HTTP/1\.1 4(?:00|13|14|31) ", answer), answer[:80]
    assert server.ask(CLOSING).endswith(b"\r\n\r\npage")


# To these a piece is added again and again; the last is the second request of a connection that was answered once.
DRIPS = (
    b"GET / " + HEAD,
    b"POST / " + HEAD + FORM,
    b"POST / " + HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n",
    b"GET / " + HEAD + b"\r\nGET / HTTP/1.1\r\n",
)


def test_who_does_not_go_on_in_time_is_let_go_however_steadily_they_drip(tmp_path: Path) -> None:
    with served(tmp_path, "--keep-alive", "1", "--timeout", "2") as server:
        dripping = {server.connect(text) for text in DRIPS}

        def all_ended() -> bool:
            for connection in [*dripping]:
                try:
                    connection.sendall(b"X")
                except OSError:
                    connection.close()
                    dripping.remove(connection)
            return not dripping

        wait_until(all_ended)
        assert not dripping
        for connection in [server.connect(text) for text in ATTACKS.values()]:
            while connection.recv(65536):
                pass
            connection.close()


def test_the_page_learns_who_asks_and_where_and_a_body_arrives_whole(server: Server) -> None:
    assert b"X-Seen: 127.0.0.1 127.0.0.1 192.0.2.1\r\n" in server.ask(CLOSING)
    body = b"z" * 50_000
    asked = b"POST /a?b=c " + HEAD + b"Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 50000\r\n\r\n" + body
    answer = server.ask(asked)
    assert answer.endswith(body)
    assert b"\r\nServer:" not in answer
    wait_until(lambda: "POST /a?b=c HTTP/1.1" in server.log())
    assert '"POST /a?b=c HTTP/1.1" 200 50000' in server.log()


def test_an_answer_under_way_is_finished_when_the_server_is_told_to_end(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        with server.connect(b"GET /slow " + HEAD + b"\r\n") as asking, server.connect() as idle:
            wait_until((tmp_path / "begun").exists)
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "Handling signal: term" in server.log())
            (tmp_path / "go").touch()
            assert b"".join(iter(lambda: asking.recv(65536), b"")).endswith(b"\r\n\r\npage")
            assert idle.recv(1) == b""
        assert server.process.wait(PATIENCE) == 0
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", server.port)):
            pass
