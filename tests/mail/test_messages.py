"""Mails as bytes: headers and encoding. Every mail is read back by the parsers of the standard library."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from dataclasses import replace

import pytest

from newsletter.mail.messages import Sender, build
from newsletter.mail.rendering.encoding import Rendered
from newsletter.values.mail import MailKind, ReaderLinks
from tests.mail.reading_back import MESSAGE_ID, SENDER, WORDS, made, parsed, part
from tests.mail.samples import LINKS, WHEN


def test_both_parts_come_back_as_they_were_written() -> None:
    message = parsed(made())
    assert part(message, "plain") == WORDS.text
    assert part(message, "html") == WORDS.html
    assert message["Subject"] == WORDS.subject


def test_a_digest_carries_the_headers_of_a_list() -> None:
    message = parsed(made())
    assert message["From"] == "Paper Morning <papers@example.org>"
    assert message["To"] == "reader@example.net"
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Date"].datetime == WHEN
    assert message["List-Id"] == "Paper Morning <daily.example.org>"
    assert message["List-Unsubscribe"] == f"<{LINKS.one_click}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Help"] == f"<{LINKS.preferences}>"
    assert message["Precedence"] == "list"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"20261120:digest:daily:[0-9a-f]{12}", message["Feedback-ID"])
    assert message["MIME-Version"] == "1.0"
    assert "Reply-To" not in message


@pytest.mark.parametrize("kind", [MailKind.CONFIRM, MailKind.PREFERENCES, MailKind.GOODBYE])
def test_a_letter_is_no_list_mail(kind: MailKind) -> None:
    message = parsed(made(kind=kind))
    assert not [name for name in message if name.startswith("List-") or name in ("Precedence", "Feedback-ID")]
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_mailto_and_a_contact_stand_there_when_they_are_set() -> None:
    sender = Sender(
        "Papers <papers@example.org>",
        "X",
        "https://papers.example.org",
        contact="Hülfe <help@example.org>",
    )
    message = parsed(made(sender=sender, links=replace(LINKS, unsubscribe_address="u-abc@example.org")))
    assert message["List-Unsubscribe"] == f"<{LINKS.one_click}>, <mailto:u-abc@example.org?subject=unsubscribe>"
    assert message["Reply-To"] == "Hülfe <help@example.org>"
    assert message["From"] == "Papers <papers@example.org>"


def test_the_unsubscribe_url_is_neither_folded_nor_encoded_however_long() -> None:
    url = "https://papers.example.org/unsubscribe/" + "a" * 300
    links = ReaderLinks(LINKS.preferences, LINKS.unsubscribe, url)
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in made(links=links)


def test_the_same_mail_is_the_same_bytes() -> None:
    assert made() == made()


def test_a_message_id_may_come_without_brackets() -> None:
    assert parsed(made(message_id=MESSAGE_ID[1:-1]))["Message-ID"] == MESSAGE_ID


def test_the_date_is_told_in_utc() -> None:
    there = dt.datetime(2026, 11, 20, 15, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    mail = build(WORDS, sender=SENDER, recipient="a@example.net", message_id=MESSAGE_ID, date=there, kind=MailKind.GOODBYE)
    assert b"Date: Fri, 20 Nov 2026 07:30:00 +0000\r\n" in b"".join(mail)


@pytest.mark.parametrize("name", ["扩散模型日报", 'A "quoted" \\ name, Inc.', "Zoë", "=?utf-8?q?x?=", "日" * 90])
def test_any_name_of_the_site_is_read_back(name: str) -> None:
    sender = Sender("papers@example.org", name, "https://papers.example.org")
    message = parsed(made(sender=sender))
    # Between two encoded words of a name the standard library's parser keeps a blank that RFC 2047 section 6.2 takes away.
    assert message["From"].addresses[0].display_name.replace("日 日", "日日") == name
    assert message["From"].addresses[0].addr_spec == "papers@example.org"


def test_a_long_chinese_subject_is_read_back_whole() -> None:
    subject = "12 篇论文 · 11月20日 · 三维高斯泼溅 · 多模态大模型 · 扩散模型与生成模型 · 物体六自由度位姿估计 👩‍👩‍👧‍👦"
    assert parsed(made(Rendered.of(subject, "<p>x</p>", "x")))["Subject"] == subject


def test_line_ends_of_any_kind_become_crlf_inside_the_encoding_too() -> None:
    message = email.message_from_bytes(made(Rendered.of("s", "a\r\nb\rc\nd", "x\ny")), policy=email.policy.compat32)
    plain, html = message.get_payload()
    assert html.get_payload(decode=True) == b"a\r\nb\r\nc\r\nd"
    assert plain.get_payload(decode=True) == b"x\r\ny"
