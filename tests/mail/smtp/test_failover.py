"""Several mail servers: a silent or dead one costs seconds, and is gone back to once it answers again."""

from __future__ import annotations

import time
from collections import deque

import pytest

from newsletter.mail.smtp.connections import SERVER_PAUSE, SHORT_CONNECT, SHORT_PATIENCE, Connections
from newsletter.mail.smtp.group_sender import LEASE_RAN_OUT, DeliveryMessage, GroupSender
from newsletter.values.mail import Message
from tests.mail.smtp.test_replies import delivery
from tests.mail.smtp.test_smtp import listening, server
from tests.smtp_sink import Sink

# How long a server is waited for: long enough for the one that answers, also on a busy machine.
SILENCE = 3.0


def mails(count: int) -> list[DeliveryMessage]:
    return [
        (
            delivery(number=n, email=f"r{n}@example.org"),
            Message(n, "us@example.org", f"r{n}@example.org", (b"x: y\r\n\r\nz\r\n",)),
        )
        for n in range(count)
    ]


def send(connections: Connections, count: int) -> list[bool]:
    """Sends ``count`` mails as one group, and again what went back; gives what was accepted."""
    groups, waiting, accepted = GroupSender(connections, width=4), deque(mails(count)), []
    while waiting:
        prepared = groups.prepare([waiting.popleft() for _ in range(min(4, len(waiting)))], waiting=waiting)
        accepted += [reply.accepted for _, reply in prepared.refused]
        accepted += [reply.accepted for _, reply in groups.send_dots(prepared, prepared.ids, held=lambda: True)]
    return accepted


def test_a_failover_takes_half_a_minute_at_most() -> None:
    assert SHORT_CONNECT + SHORT_PATIENCE <= 30
    assert SERVER_PAUSE <= 30


@pytest.mark.parametrize(
    "answers", [{}, {"EHLO": b"250 here\r\n"}, {"EHLO": b"250 here\r\n", "MAIL": b"250 ok\r\n"}], ids=["EHLO", "MAIL", "RCPT"]
)
def test_mails_of_a_server_that_falls_silent_before_the_dot_go_by_the_next(answers: dict[str, bytes]) -> None:
    with listening(greeting=b"220 here\r\n", answers=answers) as mute, Sink() as second:
        connections = Connections(
            [server(mute), server(second.port)], size=4, hostname="us.example.org", connect_timeout=SILENCE, patience=SILENCE
        )
        assert send(connections, 8) == [True] * 8
        connections.close()
    assert sorted(one.recipient for one in second.taken) == [f"r{n}@example.org" for n in range(8)]


def test_with_one_server_alone_its_silence_is_borne_with() -> None:
    connections = Connections([server(1)], size=1, hostname="us.example.org", patience=0.3)
    assert connections._patience is None


def test_the_first_server_gets_the_mails_again_once_it_is_back() -> None:
    with Sink() as first, Sink() as second:
        port = first.port
        first.__exit__()
        connections = Connections([server(port), server(second.port)], size=4, hostname="us.example.org", server_pause=0.2)
        assert send(connections, 4) == [True] * 4
        assert len(second.taken) == 4
        with Sink(port=port) as back:
            time.sleep(0.3)
            assert send(connections, 8) == [True] * 8
            connections.close()
            assert (len(back.taken), len(second.taken)) == (8, 4)


def test_a_first_server_that_is_still_down_is_tried_by_one_connection_only() -> None:
    with Sink() as second, Sink() as first:
        port = first.port
        first.__exit__()
        connections = Connections([server(port), server(second.port)], size=4, hostname="us.example.org", server_pause=0.1)
        send(connections, 4)
        opened = second.connections
        time.sleep(0.2)
        assert send(connections, 4) == [True] * 4
        assert second.connections == opened + 1
        connections.close()


def test_no_dot_is_sent_once_the_lease_may_have_run_out() -> None:
    with Sink() as sink:
        connections = Connections([server(sink.port)], size=4, hostname="us.example.org")
        groups, held = GroupSender(connections, width=4), iter([True, True, False, False])
        prepared = groups.prepare(mails(4), waiting=deque())
        answered = groups.send_dots(prepared, prepared.ids, held=lambda: next(held))
        connections.close()
    assert [reply.accepted for _, reply in answered].count(True) == 2
    assert [reply for _, reply in answered].count(LEASE_RAN_OUT) == 2
    assert sorted(one.recipient for one in sink.taken) == ["r0@example.org", "r1@example.org"]


def test_what_was_not_marked_is_broken_off_before_its_dot() -> None:
    with Sink() as sink:
        connections = Connections([server(sink.port)], size=4, hostname="us.example.org")
        groups = GroupSender(connections, width=4)
        prepared = groups.prepare(mails(4), waiting=deque())
        assert prepared.abort_others(keep={1}) == 3
        answered = groups.send_dots(prepared, {1}, held=lambda: True)
        connections.close()
    assert [(one.id, reply.accepted) for one, reply in answered] == [(1, True)]
    assert [one.recipient for one in sink.taken] == ["r1@example.org"]
