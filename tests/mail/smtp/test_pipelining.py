"""Commands sent together (RFC 2920): one answer is waited for instead of three, and a refusal costs nobody else."""

from __future__ import annotations

from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import open_connection
from newsletter.values.mail import Message
from tests.mail.smtp.test_smtp import MESSAGE, listening, saying, server
from tests.smtp_sink import DROP, Sink

OTHER = Message(2, "us@example.org", "other@example.net", (b"Subject: y\r\n\r\nwords\r\n",))
# The listening server splits each line that it hears.
ONE_LINE = Message(3, "us@example.org", "other@example.net", (b"words\r\n",))
TOGETHER = b"250-x\r\n250 PIPELINING\r\n"


def test_a_message_begun_arrives_as_one_that_was_not() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.pipeline(MESSAGE)
        assert connection.prepare(MESSAGE) is None
        assert connection.send_dot() is None
        assert connection.read_answer().accepted
        connection.close()
    assert [(one.recipient, one.data) for one in sink.taken] == [(MESSAGE.recipient, MESSAGE.data)]


def test_the_three_commands_are_sent_before_any_answer() -> None:
    heard: list[bytes] = []
    with listening(
        greeting=b"220 x\r\n", answers={"EHLO": TOGETHER, "DATA": b"250 x\r\n250 x\r\n354 go on\r\n"}, heard=heard
    ) as port:
        connection = open_connection(server(port), "us.example.org")
        connection.pipeline(ONE_LINE)
        assert connection.prepare(ONE_LINE) is None
        connection.abort()
    assert [line.split()[0] for line in heard[1:4]] == [b"MAIL", b"RCPT", b"DATA"]


def test_a_refused_recipient_is_told_and_the_connection_serves_the_next() -> None:
    refuse = saying("rcpt", "550 5.1.1 nobody here")
    with Sink(lambda step, argument: refuse(step, argument) if argument == MESSAGE.recipient else None) as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.pipeline(MESSAGE)
        refusal = connection.prepare(MESSAGE)
        assert refusal is not None
        assert (refusal.stage, refusal.code) == (Stage.RCPT, 550)
        connection.pipeline(OTHER)
        assert connection.prepare(OTHER) is None
        assert connection.send_dot() is None
        assert connection.read_answer().accepted
        connection.close()
    assert [one.recipient for one in sink.taken] == [OTHER.recipient]
    assert sink.connections == 1


def test_a_server_that_wants_data_for_nobody_gets_none() -> None:
    heard: list[bytes] = []
    answers = {"EHLO": TOGETHER, "MAIL": b"250 ok\r\n", "RCPT": b"550 nobody\r\n", "DATA": b"354 go on\r\n"}
    with listening(greeting=b"220 x\r\n", answers=answers, heard=heard) as port:
        connection = open_connection(server(port), "us.example.org")
        connection.pipeline(MESSAGE)
        refusal = connection.prepare(MESSAGE)
        assert refusal is not None
        assert (refusal.stage, refusal.code) == (Stage.RCPT, 550)
        assert not connection.open
    assert b".\r\n" not in heard


def test_a_server_that_hangs_up_amid_the_answers_leaves_no_doubt() -> None:
    with Sink(saying("rcpt", DROP)) as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.pipeline(MESSAGE)
        refusal = connection.prepare(MESSAGE)
        assert refusal is not None
        assert (refusal.code, refusal.in_doubt, connection.open) == (0, False, False)


def test_a_message_begun_and_not_wanted_any_more_closes_its_connection() -> None:
    with Sink() as sink:
        connection = open_connection(server(sink.port), "us.example.org")
        connection.pipeline(MESSAGE)
        connection.drop_pipelined()
        assert not connection.open
    assert sink.taken == []


def test_a_server_that_does_not_offer_it_gets_one_command_at_a_time() -> None:
    heard: list[bytes] = []
    with listening(
        greeting=b"220 x\r\n", answers={"EHLO": b"250 x\r\n", "MAIL": b"550 no\r\n", "RSET": b"250 ok\r\n"}, heard=heard
    ) as port:
        connection = open_connection(server(port), "us.example.org")
        connection.pipeline(MESSAGE)
        refusal = connection.prepare(MESSAGE)
        assert refusal is not None
        assert refusal.stage is Stage.MAIL
        connection.abort()
    assert [line.split()[0] for line in heard] == [b"ehlo", b"MAIL", b"RSET"]
