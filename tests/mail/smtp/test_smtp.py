"""The SMTP dialogue step by step, against real sockets that refuse, fall silent or speak nonsense."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsletter.errors import TemporaryError
from newsletter.mail.smtp.connections import Connections
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import open_connection
from newsletter.settings import SmtpServer
from newsletter.values.mail import Message
from tests.smtp_sink import DROP, GARBAGE, Script, Sink
from tests.waiting import PATIENCE, wait_until

MESSAGE = Message(1, "us@example.org", "reader@example.net", (b"Subject: x\r\n\r\n.one\r\n..two\r\nthree\r\n",))


def server(port: int, *, user: str = "", password: str = "", security: str = "plain") -> SmtpServer:
    return SmtpServer("127.0.0.1", port, security, user, SecretStr(password))


def saying(at: str, words: str) -> Script:
    return lambda step, _: words if step == at else None


@contextmanager
def listening(
    *,
    greeting: bytes = b"",
    answers: dict[str, bytes] | None = None,
    heard: list[bytes] | None = None,
    callers: list[socket.socket] | None = None,
) -> Iterator[int]:
    """A server that says ``greeting``, then to each verb what ``answers`` hold, and nothing to others."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets = [] if callers is None else callers

    def serve(client: socket.socket) -> None:
        try:
            client.sendall(greeting)
            for line in client.makefile("rb"):
                if heard is not None:
                    heard.append(line)
                said = (answers or {}).get(line.split()[0].decode().upper())
                if said:
                    client.sendall(said)
        except OSError:
            pass

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            open_sockets.append(client)
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in open_sockets:
            one.close()
        thread.join()


def test_a_message_arrives_as_it_was_with_its_dots() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        assert connection.prepare(MESSAGE) is None
        assert sink.taken == [], "nothing is delivered before the dot"
        assert connection.send_dot() is None
        assert connection.read_answer().accepted
        connection.close()
    assert [(one.sender, one.recipient, one.data) for one in sink.taken] == [
        (MESSAGE.envelope_from, MESSAGE.recipient, MESSAGE.data)
    ]


@pytest.mark.parametrize(
    "pieces", [(b"a" * 70 + b"\r\n",) * 2000, ((b"b" * 70 + b"\r\n") * 60_000, b"end\r\n")], ids=["many", "large"]
)
def test_a_message_in_pieces_arrives_whole(pieces: tuple[bytes, ...]) -> None:
    message = Message(1, "us@example.org", "reader@example.net", (b"Subject: x\r\n\r\n", *pieces), dotless=True)
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        assert connection.prepare(message) is None
        assert connection.send_dot() is None
        assert connection.read_answer().accepted
        connection.close()
    assert [one.data for one in sink.taken] == [message.data]


def test_a_message_given_up_before_its_dot_is_not_delivered() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.prepare(MESSAGE)
        connection.abort()
        assert not connection.usable
        connection = open_connection(server(sink.port), "us.example.org")
        connection.prepare(MESSAGE)
        connection.close()
    assert sink.taken == []


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "code", "usable"), [("450 no", 450, True), ("550 no", 550, True), (DROP, 0, False), (GARBAGE, 0, False)]
)
def test_a_refusal_names_its_step_and_leaves_a_connection_that_others_can_use(
    step: str, answer: str, code: int, *, usable: bool
) -> None:
    with Sink(saying(step, answer)) as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        refusal = connection.prepare(MESSAGE)
        assert refusal is not None
        assert (refusal.stage, refusal.code, connection.usable) == (Stage(step), code, usable)
        connection.abort()


def test_a_recipient_that_would_end_a_command_never_reaches_the_server() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        for recipient in ("a@example.org>\r\nRCPT TO:<b@example.org", "a b@example.org", "a\x00@example.org"):
            refusal = connection.prepare(Message(1, "us@example.org", recipient, (b"",)))
            assert refusal is not None
            assert (refusal.stage, refusal.code) == (Stage.RCPT, 553)
        assert connection.prepare(MESSAGE) is None
        connection.abort()


def test_an_address_outside_ascii_is_refused_where_the_server_takes_none() -> None:
    answers = {"EHLO": b"250 plain\r\n"}
    with listening(greeting=b"220 here\r\n", answers=answers) as port:
        connection = open_connection(server(port), "us.example.org")
        refusal = connection.prepare(Message(1, "us@example.org", "jürgen@example.org", (b"",)))
        assert refusal is not None
        assert refusal.code == 553
        connection.abort()


def test_a_connection_that_broke_before_the_dot_leaves_no_doubt() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.prepare(MESSAGE)
        connection._client.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # the line goes dead
        trouble = connection.send_dot()
    assert trouble is not None
    assert trouble.stage is Stage.DATA


@pytest.mark.parametrize("answer", ["354 go on", "199 hm"])
def test_an_answer_to_the_dot_that_is_none_leaves_doubt_and_ends_the_connection(answer: str) -> None:
    with Sink(saying("dot", answer)) as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.prepare(MESSAGE)
        connection.send_dot()
        assert connection.read_answer().in_doubt
        assert not connection.usable


# ---------------------------------------------------------------- opening


def test_a_server_that_accepts_and_never_speaks_costs_one_time_out_not_one_a_mail() -> None:
    callers: list[socket.socket] = []
    with listening(callers=callers) as port:
        connections = Connections([server(port)], size=8, hostname="us.example.org", connect_timeout=0.3, server_pause=PATIENCE)
        for slot in range(8):
            with pytest.raises(TemporaryError, match="no answer in time"):
                connections.take(slot)
        wait_until(lambda: callers)
    assert len(callers) == 1


@pytest.mark.parametrize("code", [b"421 4.3.2 not now\r\n", b"554 5.7.1 no service\r\n", b"what?\r\n"])
def test_a_greeting_that_refuses_is_told_with_the_servers_name(code: bytes) -> None:
    with listening(greeting=code) as port, pytest.raises(TemporaryError, match=f"mail server 127.0.0.1:{port}"):
        open_connection(server(port), "us.example.org")


@pytest.mark.parametrize("password", ["wrong", "größer"])
def test_a_login_that_is_refused_or_cannot_be_said_is_tried_again_later(password: str) -> None:
    answers = {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 5.7.8 no\r\n"}
    with listening(greeting=b"220 here\r\n", answers=answers) as port, pytest.raises(TemporaryError) as raised:
        open_connection(server(port, user="us", password=password), "us.example.org")
    assert "größer" not in str(raised.value)


def test_no_password_is_sent_to_a_server_that_offers_no_encryption() -> None:
    heard: list[bytes] = []
    answers = {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n"}
    with listening(greeting=b"220 here\r\n", answers=answers, heard=heard) as port, pytest.raises(TemporaryError):
        open_connection(server(port, user="us", password="secret", security="starttls"), "us.example.org")
    assert [line.split()[0] for line in heard] == [b"ehlo"]


# A key and a certificate made for this test, in nobody's list of authorities.
SOMEBODY_ELSE = Path(__file__).with_name("data") / "somebody_else.pem"


@pytest.mark.parametrize("security", ["offered", "starttls"])
def test_encryption_with_a_certificate_of_somebody_else_is_no_encryption(security: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SOMEBODY_ELSE)
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.sendall(b"220 here\r\n")
            for line in client.makefile("rb"):
                heard.append(line.upper())
                if line.upper().startswith(b"EHLO"):
                    client.sendall(b"250-here\r\n250 STARTTLS\r\n")
                elif line.startswith(b"STARTTLS"):
                    client.sendall(b"220 go\r\n")
                    break
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(client, server_side=True)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with pytest.raises(TemporaryError, match=r"(?i)certificate"):
        open_connection(server(listener.getsockname()[1], user="u", password="p", security=security), "us.example.org")
    thread.join()
    listener.close()
    assert [line.split()[0] for line in heard] == [b"EHLO", b"STARTTLS"]


# ---------------------------------------------------------------- several servers


def test_the_first_server_that_answers_is_used_and_one_that_is_down_rests() -> None:
    with Sink() as first, Sink() as second:
        dead = socket.create_server(("127.0.0.1", 0))
        port = dead.getsockname()[1]
        dead.close()
        connections = Connections([server(port), server(first.port), server(second.port)], size=2, hostname="us.example.org")
        for slot in (0, 1):
            connections.take(slot)
        assert (first.connections, second.connections) == (2, 0)
        connections.close()


def test_a_server_that_gives_no_more_connections_is_not_taken_for_dead() -> None:
    lock, count = threading.Lock(), [0]

    def two_at_once(step: str, _: str) -> str | None:
        if step != "connect":
            return None
        with lock:
            count[0] += 1
            return "421 4.7.0 too many connections" if count[0] == 3 else None

    with Sink(two_at_once) as sink:
        connections = Connections([server(sink.port)], size=4, hostname="us.example.org")
        connections.take(0)
        connections.take(1)
        with pytest.raises(TemporaryError, match="too many"):
            connections.take(2)
        assert connections.any_open
        connections.take(3)
        connections.close()


def test_a_connection_is_renewed_after_its_share_of_messages() -> None:
    with Sink() as sink:
        connections = Connections([server(sink.port)], size=1, hostname="us.example.org", most_messages=2)
        for _ in range(5):
            connection = connections.take(0)
            connection.prepare(MESSAGE)
            connection.send_dot()
            connection.read_answer()
        connections.close()
    assert (len(sink.taken), sink.connections) == (5, 3)


@pytest.mark.parametrize("endless", ["greeting", "EHLO"])
def test_an_answer_without_end_is_broken_off(endless: str) -> None:
    lines = b"250-and on\r\n" * 5000
    greeting = b"220-and on\r\n" * 5000 if endless == "greeting" else b"220 hello\r\n"
    with (
        listening(greeting=greeting, answers={"EHLO": lines, "HELO": lines}) as port,
        pytest.raises(TemporaryError, match="without end"),
    ):
        open_connection(server(port), "here.example.org")


@pytest.mark.parametrize("reset", [False, True])
def test_a_server_that_hangs_up_amid_the_message_leaves_no_doubt(reset: bool) -> None:
    """The system would take the dot for such a connection all the same, and the answer that never comes would be a doubt."""
    listener, hung_up = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"220 here\r\n")
            for _command in ("EHLO", "MAIL", "RCPT"):
                peer.recv(4096)
                peer.sendall(b"250 ok\r\n")
            peer.recv(4096)
            peer.sendall(b"354 go on\r\n")
            while not reset and b"Z" * 100 not in peer.recv(1_000_000):
                pass
        hung_up.set()

    threading.Thread(target=serve, daemon=True).start()
    connection = open_connection(server(listener.getsockname()[1]), "here.example.org")
    data = b"Subject: x\r\n\r\n" + (b"a" * 70 + b"\r\n") * 10 + b"Z" * 100 + b"\r\n"
    assert connection.prepare(Message(1, "a@example.org", "b@example.org", (data,))) is None
    assert hung_up.wait(PATIENCE)
    reply = connection.send_dot()
    assert reply is not None
    assert (reply.stage, reply.in_doubt, connection.open) == (Stage.DATA, False, False)
    listener.close()
