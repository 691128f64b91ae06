"""What messages that come back say, of whatever form; nothing that strangers send breaks the reading."""

from __future__ import annotations

import base64
import os
import random
import re
from pathlib import Path

import pytest

from newsletter.mail.bounces.reading import read
from tests.mail.bounces.samples import complaint, dsn, original, out_of_office, outlook_complaint

TOKEN = "a" * 26
VERP = f"b-{TOKEN}@bounces.example.org"
# The samples of flufl.bounce are in its source distribution only: pip download --no-deps --no-binary :all: flufl.bounce
SAMPLES = Path(os.environ.get("FLUFL_BOUNCE_SAMPLES", "nowhere"))
RIGHT, MUTATED = 112, int(os.environ.get("MUTATED_BOUNCES", "400"))


@pytest.mark.parametrize(
    ("action", "status", "said", "kind"),
    [
        ("failed", "5.1.1", "550 5.1.1 User unknown", "hard"),
        ("failed", "5.0.0", "550 No such user here", "hard"),
        ("failed", "5.7.1", "550 5.7.1 No such user!", "hard"),
        (
            "failed",
            "5.4.4",
            "Host or domain name not found. Name service error for name=example.net type=A: Host not found",
            "hard",
        ),
        ("failed", "5.2.1", "550 5.2.1 mailbox disabled", "hard"),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", "soft"),
        ("failed", "5.0.0", "550 Quota exceeded", "soft"),
        ("failed", "4.4.1", "connect to mx.example.net[192.0.2.7]:25: Connection timed out", "soft"),
        ("failed", "4.7.1", "450 4.7.1 greylisted", "soft"),
        ("failed", "5.7.1", "554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org", "ours"),
        ("failed", "5.7.26", "550 5.7.26 not authenticated", "ours"),
        ("failed", "5.6.0", "554 5.6.0 message rejected", "ours"),
        ("failed", "5.1.8", "550 5.1.8 Sender address rejected: Domain not found", "ours"),
        ("delivered", "2.0.0", "250 2.0.0 ok", "none"),
        ("relayed", "2.0.0", "250 2.0.0 ok", "none"),
    ],
)
def test_a_delivery_report_is_of_the_kind_that_its_codes_and_words_say(action: str, status: str, said: str, kind: str) -> None:
    found = read(dsn(to=VERP, action=action, status=status, said=said))
    assert (found.worst.kind, found.worst.recipient, found.tokens) == (kind, "reader@example.net", (TOKEN,))


def test_a_delay_is_soft_and_said_to_be_one() -> None:
    found = read(dsn(action="delayed", status="4.4.1", said="connection timed out")).worst
    assert (found.kind, found.delayed) == ("soft", True)


def plain(subject: str, text: str, head: str = "") -> bytes:
    """A message of a mail server in words alone."""
    return f"Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: {VERP}\nSubject: {subject}\n{head}\n{text}\n".encode()


REPORT = dsn(to=VERP)
STATUS_PART = re.compile(rb"Content-Type: message/delivery-status\r\n\r\n(.*?)\r\n--B", re.DOTALL)
FIELDS = STATUS_PART.findall(REPORT)[0]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            REPORT.replace(b"message/delivery-status", b"message/global-delivery-status").replace(
                b"rfc822; reader", b"utf-8; r\xc3\xa9ader"
            ),
            "hard",
        ),
        (
            STATUS_PART.sub(
                b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + base64.encodebytes(FIELDS + b"\r\n\r\n")
                + b"\r\n--B",
                REPORT,
            ),
            "hard",
        ),
        (
            plain(
                "Warning: message 1abc delayed 24 hours",
                "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of"
                " its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n"
                "  reader@example.net\n\nNo action is required on your part.",
                "X-Failed-Recipients: reader@example.net\nAuto-Submitted: auto-replied\n",
            ),
            "soft",
        ),
        (
            plain(
                "系统退信", "您的邮件未能送达以下收件人:\n\nreader@example.net\n\n原因: 550 User not found: reader@example.net"
            ),
            "hard",
        ),
        (plain("系统退信", "原因: 554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org"), "ours"),
        (plain("Your account", "Dear customer, all is well. Call 550 1234567890 for more."), "none"),
    ],
    ids=["unicode", "base64", "a warning", "in Chinese", "about us in Chinese", "no bounce"],
)
def test_bounces_in_odd_forms_are_read_and_a_warning_is_no_end(message: bytes, kind: str) -> None:
    found = read(message)
    assert (found.worst.kind, found.tokens) == (kind, (TOKEN,))


def test_the_mail_is_known_by_the_envelope_the_headers_and_what_is_returned() -> None:
    assert read(dsn(to="x@example.org"), envelope_to=VERP).tokens == (TOKEN,)
    assert read(dsn(to=VERP.upper())).tokens == (TOKEN,)
    assert read(dsn(to="x@example.org", return_path=VERP)).tokens == (TOKEN,)
    assert read(dsn(to="x@example.org")).message_ids == ("<digest.0123456789abcdef0123456789abcdef@example.org>",)


def test_an_answer_of_a_machine_is_no_bounce() -> None:
    found = read(out_of_office(to=VERP))
    assert (found.worst.kind, found.understood) == ("none", True)


def test_a_letter_of_a_person_is_not_understood() -> None:
    found = read(f"From: a@example.net\r\nTo: {VERP}\r\nSubject: Thanks\r\n\r\nA fine newsletter\r\n".encode())
    assert (found.worst.kind, found.understood) == ("none", False)


def test_complaints_in_three_shapes_name_the_mail() -> None:
    whole = complaint(original=original(return_path=VERP))
    redacted = complaint(original=original(return_path=VERP, to="[redacted]"), recipient="Original-Rcpt-To: redacted@\n")
    outlook = outlook_complaint(returned=original(return_path=VERP))
    for one in (whole, redacted, outlook):
        assert (read(one).worst.kind, read(one).tokens) == ("complaint", (TOKEN,))


def test_a_report_that_it_is_no_spam_is_no_complaint() -> None:
    assert read(complaint(original=original(return_path=VERP), kind="not-spam")).worst.kind == "none"
    assert read(complaint(original=original(return_path=VERP), kind="auth-failure")).worst.kind == "ours"


def test_what_is_written_to_the_address_of_leaving_leaves() -> None:
    found = read(f"From: a@example.net\r\nTo: u-{TOKEN}@bounces.example.org\r\nSubject: unsubscribe\r\n\r\n\r\n".encode())
    assert (found.leaving, found.tokens) == ((TOKEN,), ())


def mutated(data: bytes, chance: random.Random) -> bytes:
    """``data`` with bytes changed, lines lost, doubled and swapped, or its end cut off."""
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        deed = chance.randrange(5)
        if deed == 0:
            lines[at] = bytes(chance.randrange(256) if chance.random() < 0.1 else letter for letter in lines[at])
        elif deed == 1:
            lines[at] = b""
        elif deed == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif deed == 3:
            lines = [*lines[:at], lines[other], *lines[at:]]
        else:
            lines = lines[: at + 1]
    return b"\n".join(lines)


def test_no_message_however_damaged_breaks_the_reading() -> None:
    chance = random.Random(19)
    whole = [dsn(to=VERP), complaint(original=original(return_path=VERP)), outlook_complaint(returned=original(return_path=VERP))]
    whole += [path.read_bytes() for path in sorted(SAMPLES.glob("*.txt"))]
    for number in range(MUTATED):
        read(mutated(whole[number % len(whole)], chance))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 1000,
        b"Content-Type: multipart/report; boundary=\r\n\r\n",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\nhello",
        b"To: =?nonsense?q?=ff?= <b-" + b"a" * 26 + b"@x>\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822;" + b"<" * 100_000,
    ],
)
def test_strange_bytes_are_read_to_the_end(data: bytes) -> None:
    assert read(data).worst.kind in ("none", "hard", "soft")


QMAIL = """{head}To: b-abc@bounces.example.org
Subject: failure notice

Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<gone@example.net>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: x
"""


@pytest.mark.parametrize(
    "head", ["From: MAILER-DAEMON@mail.example.net\n", "", "From:\n", "From: <>\n", "From: ,;\n", "From: =?utf-8?q?=00?=\n"]
)
def test_a_bounce_is_read_also_where_nobody_is_named_as_its_sender(caplog: pytest.LogCaptureFixture, head: str) -> None:
    (report,) = read(QMAIL.format(head=head).encode()).reports
    assert (report.kind, report.recipient) == ("hard", "gone@example.net")
    assert caplog.records == []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="FLUFL_BOUNCE_SAMPLES names no folder of flufl.bounce's samples")
def test_of_the_samples_of_flufl_bounce_nearly_all_are_read_right() -> None:
    told = re.findall(
        r"\('\w+', '(\w+\.txt)',\s*\[([^\]]*)\], (?:True|False)\)", (SAMPLES.parent / "test_detectors.py").read_text()
    )
    expected = {name: set(re.findall(r"b'([^']+)'", addresses)) for name, addresses in told}
    found = {path.name: read(path.read_bytes()).reports for path in SAMPLES.glob("*.txt")}
    named = {name: {one.recipient for one in reports if one.kind != "none"} for name, reports in found.items()}
    right = [name for name in found if named[name] == expected.get(name, set())]
    assert len(found) == 117
    assert len(right) >= RIGHT
