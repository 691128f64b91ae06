"""Mails as bytes: headers, encoding, hostile words, DKIM. Every mail is read back by the parsers of the standard library."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import importlib.util
import re
from email.message import EmailMessage, Message
from pathlib import Path

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import PermanentError, SettingsError
from newsletter.mail.dkim_signing import DkimSigner, load_signer
from newsletter.mail.messages import Sender, build
from newsletter.values import MailKind, ReaderLinks, Rendered
from tests.mail.samples import LINKS, WHEN

SENDER = Sender("papers@example.org", "Paper Morning", "https://papers.example.org")
WORDS = Rendered(
    "12 papers · Nov 20", "<!doctype html>\n<html><body><p>扩散模型 and more</p></body></html>\n", "扩散模型\nand more\n"
)
MESSAGE_ID = "<7.kU3nB0a1c2D4@example.org>"


def made(
    rendered: Rendered = WORDS,
    *,
    kind: MailKind = MailKind.DIGEST,
    sender: Sender = SENDER,
    recipient: str = "reader@example.net",
    links: ReaderLinks | None = LINKS,
    message_id: str = MESSAGE_ID,
    signer: DkimSigner | None = None,
) -> bytes:
    return build(
        rendered, sender=sender, recipient=recipient, message_id=message_id, date=WHEN, kind=kind, links=links, signer=signer
    )


def parsed(data: bytes) -> EmailMessage:
    """The message, after the checks that hold for any mail of ours, through both policies."""
    check_lines(data)
    old: Message = email.message_from_bytes(data, policy=email.policy.compat32)
    new = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(new, EmailMessage)
    for message in (old, new):
        assert not message.defects
        assert len(message.keys()) == len({name.lower() for name in message})
        assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        assert all(not part.defects for part in message.walk())
    for value in new.values():
        assert not value.defects, value
    return new


def check_lines(data: bytes) -> None:
    assert b"\0" not in data
    assert data.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert data.endswith(b"\r\n")
    header, _, body = data.partition(b"\r\n\r\n")
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    for line in header.split(b"\r\n"):
        assert len(line) <= (998 if line.startswith((b"List-", b"DKIM", b" ")) or b"@" in line else 76), line
        assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ]*\?=", line))
        if b"=?" in line:
            assert len(line) <= 76


def part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


# ---------------------------------------------------------------- what stands in a mail


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
        unsubscribe_mailto="off@example.org",
    )
    message = parsed(made(sender=sender))
    assert message["List-Unsubscribe"] == f"<{LINKS.one_click}>, <mailto:off@example.org>"
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
    data = build(WORDS, sender=SENDER, recipient="a@example.net", message_id=MESSAGE_ID, date=there, kind=MailKind.GOODBYE)
    assert b"Date: Fri, 20 Nov 2026 07:30:00 +0000\r\n" in data


@pytest.mark.parametrize("name", ["扩散模型日报", 'A "quoted" \\ name, Inc.', "Zoë", "=?utf-8?q?x?=", "日" * 90])
def test_any_name_of_the_site_is_read_back(name: str) -> None:
    sender = Sender("papers@example.org", name, "https://papers.example.org")
    message = parsed(made(sender=sender))
    # Between two encoded words of a name the standard library's parser keeps a blank that RFC 2047 section 6.2 takes away.
    assert message["From"].addresses[0].display_name.replace("日 日", "日日") == name
    assert message["From"].addresses[0].addr_spec == "papers@example.org"


def test_a_long_chinese_subject_is_read_back_whole() -> None:
    subject = "12 篇论文 · 11月20日 · 三维高斯泼溅 · 多模态大模型 · 扩散模型与生成模型 · 物体六自由度位姿估计 👩‍👩‍👧‍👦"
    assert parsed(made(Rendered(subject, "<p>x</p>", "x")))["Subject"] == subject


def test_line_ends_of_any_kind_become_crlf_inside_the_encoding_too() -> None:
    message = email.message_from_bytes(made(Rendered("s", "a\r\nb\rc\nd", "x\ny")), policy=email.policy.compat32)
    plain, html = message.get_payload()
    assert html.get_payload(decode=True) == b"a\r\nb\r\nc\r\nd"
    assert plain.get_payload(decode=True) == b"x\r\ny"


# ---------------------------------------------------------------- hostile words


def test_a_subject_cannot_add_a_header() -> None:
    message = parsed(made(Rendered("Hi\r\nBcc: victim@example.org\r\n\r\nbody\0\u2028\u202eevil\ud800", "<p>x</p>", "x")))
    assert "Bcc" not in message
    assert message["Subject"] == "Hi Bcc: victim@example.org body evil"


@given(st.text(max_size=400))
def test_any_subject_makes_a_mail_that_can_be_read(subject: str) -> None:
    message = parsed(made(Rendered(subject, "<p>x</p>", "x")))
    assert not re.search("[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", message["Subject"])
    assert len(message["Subject"]) <= 250
    assert set(message.keys()) == set(parsed(made()).keys())


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp")), min_size=1, max_size=80))
def test_a_clean_subject_comes_back_as_it_was(subject: str) -> None:
    # The parser of the standard library decodes what looks like an encoded word, so ours has to be encoded itself.
    assert parsed(made(Rendered(subject, "<p>x</p>", "x")))["Subject"] == subject


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
    assert [address.addr_spec for address in parsed(data)["To"].addresses] == [recipient + "@example.net"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_come_back_in_the_parts(html: str, text: str) -> None:
    parsed(made(Rendered("s", html, text)))


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
        *("ä@example.org", "a@exämple.org", '"a b"@example.org', "a..b@example.org", ".a@example.org", "a.@example.org"),
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


# ---------------------------------------------------------------- DKIM

# Keys made for these tests; they sign nothing else.
RSA_KEY = b"""-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEAsNNBtRHn2LNyQctTjwBWNCpKvGX/yL0AHhRdcxckZpaDglmo
lOf/AjhMOHjS5mP/GJnkbasQO1hmvlCu8TjTxsqImN614kVMUdyiJuLX0oFiO4e9
myPNv/5lpd0wxgOcF1cNu2faLNltqvFv2+KNNtyVDd018gw1LjYEFiPtI0XUO4Hj
O4HnSSaTYDJ1RdvTbUOeRZG0ZorAOeCAypCs8duHxNqFh7mCbnbS9YpQCirxgh7a
6HzceqG2NZ2eULw6T94AYz9szrhMSGozWO3tCEpJIbzH0/aqRNtF4Zxg9MjOrbmk
DqJvOYRU2OpAD3snPhe6GnfE7+DTdiIAKsNfPwIDAQABAoIBAD0siRHspOoqgr/S
aRETC7+2Ve7B1vEKugyt/PqBKh23ur2Q6SrC7E1HTs9GtafxNmK7cvSh9tahKcJz
xWI8x7+BeCpy+jfSw6majBqp5gK0slhoCKewhlEC4QW19Va8DvdgLacFMczMWA2I
w6stwK8XNxX5ztzzbj6Tf2xtd2/4+EM2pc6mJ4H5tI1WSyWdVi3BNUqog6CFzKuP
uJ+74V7cghizJ/awzxkexuBOT1NY/TbDHnXUtWeaDKQvhAbD6NyOOMT19BYFOHcQ
FEPHvLWa2GaezUsWAx7evnmejN5nkPwmLaKRcUGGBMTZWVOjtIpcNYPzbvxZmu9k
Lw+QmfkCgYEA2sAEAAGcaKrg9V43XfpXzuXUsdT7PJbIvYi8HqmiGmjtTiEXpGVH
3lOSmZIoJzYwYXVdwKXexU2+K06U+WkaibbtRznfqYq90AdlPl778mADDTKSSZSf
Md3DBYXl3YMvS2OT6I62HEv88d7TbiLKM2UVfH49jvXfQmIczL4EFpsCgYEAzu+b
6PhL4Ri4U9Nct+67fhYljey2JbEkqzScE6PYTjGP/cLpAGPA30Ja1fWFMC6s7lUJ
COgVrob2h/9/39REsL0sDbqXHEuKOaJUfJ3ECr47oH9iF0Cl4jv2+/zEVuD654AJ
jXgkjg8a5lZkNM+a94zmMgBYTU5gdsr6TMxlki0CgYA6ExY8xjC3HP6iRcQfQBJF
zICeQbP9ju52WzHOVizCJC80Odbj/zuIS9m0ybe9SUao6RbdyWuOKCifqLomSQAR
pa3y5et6QGpKK1x2pZLv8wt8Wnu56yokfAKFmdm/6E8LDcG70P+KHaZmtEifib7y
zBhbN8yyApamMhQBS0UclwKBgQCHy+eVX3Nz+OPlZnue3FQ/rsrgMulpHLFChJiz
rr6guZeTYFfFALEuEX5IkADiGI81K6ptJNgtmrWnk3xX5xVYohuJutu1HsFLhwJI
cMOYhTPd5Bn7xlnVd6JhxIMXvDYKuxQJuUDL1I/DfgfuPBqmvtjFEULhIEDfU94j
jbJN1QKBgQC7c+S0d4IQ/C/GaRAO75pp1MCKP1evhpMq0G+CFSCsr2AWUic2Rh4O
1zk+auRJsk74RnVjU9O7XkhEN+6eitnBkgLx2Hz8M50EIprZf5Dk/OcQ0DETTUO7
/jcPg+j+v9VknHPQGxQ6n7kyrvK8SvAugocenx8OMerWnE5gLbO6yQ==
-----END RSA PRIVATE KEY-----
"""
RSA_PUBLIC = b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsNNBtRHn2LNyQctTjwBWNCpKvGX/yL0AHhRdcxckZpaDglmolOf/AjhMOHjS5mP/GJnkbasQO1hmvlCu8TjTxsqImN614kVMUdyiJuLX0oFiO4e9myPNv/5lpd0wxgOcF1cNu2faLNltqvFv2+KNNtyVDd018gw1LjYEFiPtI0XUO4HjO4HnSSaTYDJ1RdvTbUOeRZG0ZorAOeCAypCs8duHxNqFh7mCbnbS9YpQCirxgh7a6HzceqG2NZ2eULw6T94AYz9szrhMSGozWO3tCEpJIbzH0/aqRNtF4Zxg9MjOrbmkDqJvOYRU2OpAD3snPhe6GnfE7+DTdiIAKsNfPwIDAQAB"
ED25519_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIG3sipBixVog59r0JrNlCPNsxzFzwBP3Iyg6McR1dyEB
-----END PRIVATE KEY-----
"""
ED25519_SEED = b"beyKkGLFWiDn2vQms2UI82zHMXPAE/cjKDoxxHV3IQE=\n"
ED25519_PUBLIC = b"scNeFdyjpUoGNe6OkUtosDNoClR3RxIzxRXQE8oti48="


def verified(data: bytes, record: bytes) -> bool:
    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"news._domainkey.example.org."
        return record

    return bool(dkim.verify(data, dnsfunc=dns))


def rsa() -> DkimSigner:
    return DkimSigner(domain="example.org", selector="news", key=RSA_KEY)


@pytest.mark.parametrize("kind", list(MailKind))
def test_an_rsa_signature_is_verified(kind: MailKind) -> None:
    data = made(kind=kind, signer=rsa())
    parsed(data)
    assert verified(data, b"v=DKIM1; k=rsa; p=" + RSA_PUBLIC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: x"),
        (b"List-Unsubscribe: <https://papers", b"List-Unsubscribe: <https://others"),
        (b"Subject: ", b"Subject: x"),
        (b"To: reader", b"To: another"),
        (b"\r\n--=_", b"\r\nadded\r\n--=_"),
    ],
)
def test_a_change_on_the_way_breaks_the_signature(old: bytes, new: bytes) -> None:
    data = made(signer=rsa())
    assert old in data
    assert not verified(data.replace(old, new, 1), b"v=DKIM1; k=rsa; p=" + RSA_PUBLIC)


def test_a_header_that_a_letter_lacks_cannot_be_added_on_the_way() -> None:
    data = made(kind=MailKind.CONFIRM, signer=rsa())
    changed = data.replace(b"Auto-Submitted:", b"List-Unsubscribe: <https://evil.example>\r\nAuto-Submitted:", 1)
    assert not verified(changed, b"v=DKIM1; k=rsa; p=" + RSA_PUBLIC)


@pytest.mark.parametrize("key", [ED25519_KEY, ED25519_SEED])
def test_an_ed25519_signature_is_verified_or_the_missing_part_is_named(key: bytes) -> None:
    if importlib.util.find_spec("nacl") is None:
        with pytest.raises(SettingsError, match="pynacl"):
            DkimSigner(domain="example.org", selector="news", key=key)
        return
    data = made(signer=DkimSigner(domain="example.org", selector="news", key=key))
    assert b"a=ed25519-sha256" in data
    assert verified(data, b"v=DKIM1; k=ed25519; p=" + ED25519_PUBLIC)


@pytest.mark.parametrize(
    "key",
    [b"", b"nonsense", RSA_KEY[:200], b"\xff\xfe", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"],
)
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(key)
    with pytest.raises(SettingsError, match="DKIM_KEY_FILE"):
        load_signer(domain="example.org", selector="news", key_file=str(path))


def test_no_key_file_means_no_signature_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert load_signer(domain="", selector="", key_file="") is None
    with pytest.raises(SettingsError, match="cannot be read"):
        load_signer(domain="example.org", selector="news", key_file=str(tmp_path / "none.pem"))


def test_a_domain_that_cannot_stand_in_a_signature_is_named() -> None:
    with pytest.raises(SettingsError, match="DKIM_DOMAIN"):
        DkimSigner(domain="exämple.org", selector="news", key=RSA_KEY)
