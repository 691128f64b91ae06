"""Messages as they come back: delivery reports, complaints, answers of machines. Made up for the tests."""

from __future__ import annotations


def dsn(
    *,
    to: str = "b-token@bounces.example.org",
    recipient: str = "reader@example.net",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown",
    message_id: str = "<digest.0123456789abcdef0123456789abcdef@example.org>",
    return_path: str = "",
) -> bytes:
    """A report as Postfix makes it (RFC 3464)."""
    returned = f"Return-Path: <{return_path}>\n" if return_path else ""
    return f"""\
From: MAILER-DAEMON@relay.example.com (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host relay.example.com. I'm sorry to have to inform you that your message could not be delivered.

<{recipient}>: {said}

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.com

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; {said}

--B
Content-Type: text/rfc822-headers

{returned}From: Paper Morning <papers@example.org>
To: {recipient}
Message-ID: {message_id}
Subject: Your papers

--B--
""".replace("\n", "\r\n").encode()


def complaint(*, original: str, recipient: str = "Original-Rcpt-To: reader@example.net\n", kind: str = "abuse") -> bytes:
    """A feedback report (RFC 5965); ``original`` is what it returns of the mail, ``recipient`` a field or nothing."""
    return f"""\
From: <feedback@provider.example>
To: abuse@example.org
Subject: FW: Your papers
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is an email abuse report for an email message received from IP 192.0.2.1.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Some Provider/1.0
Version: 1
{recipient}Arrival-Date: Fri, 20 Nov 2026 08:00:00 +0000

--B
Content-Type: message/rfc822

{original}
--B--
""".replace("\n", "\r\n").encode()


def original(*, return_path: str = "", message_id: str = "", to: str = "reader@example.net") -> str:
    """The mail as a report returns it."""
    path = f"Return-Path: <{return_path}>\n" if return_path else ""
    number = f"Message-ID: {message_id}\n" if message_id else ""
    return f"{path}From: Paper Morning <papers@example.org>\nTo: {to}\n{number}Subject: Your papers\n\nHello\n"


def outlook_complaint(*, returned: str) -> bytes:
    """A report of Outlook.com's programme: the mail alone, with whom it was for in a field of its own."""
    return f"""\
From: <staff@hotmail.com>
To: abuse@example.org
Subject: complaint about message from 192.0.2.1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="B"

--B
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: <reader@hotmail.example>
{returned}
--B--
""".replace("\n", "\r\n").encode()


def out_of_office(*, to: str) -> bytes:
    """An answer of a machine for a person who is away."""
    return f"""\
From: reader@example.net
To: {to}
Subject: Automatic reply: Your papers
Auto-Submitted: auto-replied
Content-Type: text/plain

I am out of the office until Monday. If it is urgent write to other@example.net, who is not unknown here.
""".replace("\n", "\r\n").encode()
