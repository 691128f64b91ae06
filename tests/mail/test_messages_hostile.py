"""Hostile words, addresses and links in mails: stripped, encoded or refused, and never a header of their own."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import PermanentError
from newsletter.mail.messages import Sender
from newsletter.mail.rendering.encoding import Rendered
from newsletter.values.mail import ReaderLinks
from tests.mail.reading_back import made, parsed
from tests.mail.samples import LINKS


def test_a_subject_cannot_add_a_header() -> None:
    message = parsed(made(Rendered.of("Hi\r\nBcc: victim@example.org\r\n\r\nbody\0\u2028\u202eevil\ud800", "<p>x</p>", "x")))
    assert "Bcc" not in message
    assert message["Subject"] == "Hi Bcc: victim@example.org body evil"


@pytest.mark.parametrize("subject", ["=?utf-8?q?=42cc?=", "a =?utf-8?b?QmNjOiB4?= b", "=?", "?="])
def test_a_title_that_looks_like_an_encoded_word_is_shown_as_it_stands(subject: str) -> None:
    assert parsed(made(Rendered.of(subject, "<p>x</p>", "x")))["Subject"] == subject


@given(st.text(max_size=400))
def test_any_subject_makes_a_mail_that_can_be_read(subject: str) -> None:
    message = parsed(made(Rendered.of(subject, "<p>x</p>", "x")))
    assert not re.search("[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", message["Subject"])
    assert len(message["Subject"]) <= 250
    assert set(message.keys()) == set(parsed(made()).keys())


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp")), min_size=1, max_size=80))
def test_a_clean_subject_comes_back_as_it_was(subject: str) -> None:
    assert parsed(made(Rendered.of(subject, "<p>x</p>", "x")))["Subject"] == subject


@given(st.text(max_size=200))
def test_any_name_makes_a_mail_that_can_be_read(name: str) -> None:
    sender = Sender("papers@example.org", name, "https://papers.example.org")
    message = parsed(made(sender=sender))
    assert [address.addr_spec for address in message["From"].addresses] == ["papers@example.org"]


@given(st.text(max_size=60))
def test_any_recipient_either_stands_alone_or_is_refused(recipient: str) -> None:
    try:
        data = made(recipient=recipient + "@example.net")
    except PermanentError:
        return
    if recipient.isascii():
        assert [address.addr_spec for address in parsed(data)["To"].addresses] == [recipient + "@example.net"]
        return
    # Beyond ASCII the line is UTF-8 (RFC 6532), and nothing else is.
    line = f"To: {recipient}@example.net\r\n".encode()
    assert data.count(line) == 1
    assert not {unicodedata.category(sign) for sign in recipient} & {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
    assert parsed(data.replace(line, b"To: <a@example.net>\r\n"))["To"].addresses[0].addr_spec == "a@example.net"


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_come_back_in_the_parts(html: str, text: str) -> None:
    parsed(made(Rendered.of("s", html, text)))


@pytest.mark.parametrize(
    "recipient",
    [
        *("", "@", "a@", "@b.org", "no-at.example.org", "a@b@c.org", "a b@example.org", "a@exa mple.org", "<a@example.org>"),
        *(
            "a@example.org\r\nBcc: b@example.org",
            "a@example.org\n",
            "a@example.org,b@example.org",
            "A <a@example.org>",
            "a@example.org\0",
        ),
        *(
            "ä b@example.org",
            "ä\u202e@example.org",
            "ä\r\n@example.org",
            "ä>@example.org",
            "a@exämple.org",
            '"a b"@example.org',
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
        ),
        *(
            "a@-example.org",
            "a@example..org",
            "a@example.org.",
            "a" * 65 + "@example.org",
            "a@" + "b" * 64 + ".org",
            "a@" + "b." * 130 + "org",
        ),
    ],
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(recipient: str) -> None:
    with pytest.raises(PermanentError):
        made(recipient=recipient)
    if "<" not in recipient:
        with pytest.raises(PermanentError):
            made(sender=Sender(f"<{recipient}>", "X", "https://papers.example.org"))


def test_a_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(PermanentError) as caught:
        made(recipient="secret name@example.org")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "message_id", ["", "<>", "<a@b>\r\nBcc: c@example.org", "a b@c", "no-at", "<ä@b>", "<" + "a" * 260 + "@b>"]
)
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    with pytest.raises(PermanentError, match="Message-ID"):
        made(message_id=message_id)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "https://",
        "https://e.org/a b",
        "https://e.org/>\r\nBcc: x",
        "https://e.org/ä",
        "/unsubscribe/x",
    ],
)
def test_a_link_that_cannot_stand_in_a_header_is_refused(url: str) -> None:
    with pytest.raises(PermanentError, match="BASE_URL"):
        made(links=ReaderLinks(LINKS.preferences, LINKS.unsubscribe, url))


def test_a_digest_without_links_is_refused() -> None:
    with pytest.raises(PermanentError, match="links"):
        made(links=None)
