"""Mails and pages in an operator's own look: taken while everything runs, and taken back."""

from __future__ import annotations

import email
from email.header import decode_header, make_header

from newsletter.daily import own_files
from newsletter.daily.compose import MessageBuilder
from newsletter.mail.store import ledger
from newsletter.values.mail import MailKind, Message
from tests.factories import NOW, a_letter_row, a_subscriber
from tests.operating.test_branding import PNG
from tests.services import give_own
from tests.web.conftest import Site

LOOK = """\
accent: "#7a1f5c"
footer: {zh-CN: 示例学会的服务, en: A service of ours}
from: {zh-CN: 论文早报, en: "Ours <ours@localhost>", de: "Other <x@elsewhere.net>"}
texts: {en: {"Sign up": Join us, "Please confirm your address": One press more}}
"""


def mail_in(site: Site, language: str, kind: MailKind = MailKind.PREFERENCES) -> tuple[str, str, str]:
    """From, subject and the whole body of a short mail to a new reader of ``language``."""
    services = site.services
    with services.database.transaction() as session:
        state = "pending" if kind is MailKind.CONFIRM else "confirmed"
        planned = a_letter_row(session, a_subscriber(session, "nerf", language=language, state=state), kind)
        delivery = ledger.delivery(session, planned)
    assert delivery is not None
    built = MessageBuilder(services).build([delivery], now=NOW)[delivery.id]
    assert isinstance(built, Message), built
    mail = email.message_from_bytes(built.data)
    body = "".join(part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart())
    source, subject = (" ".join(str(make_header(decode_header(mail[name]))).split()) for name in ("From", "Subject"))
    return source, subject, body


def test_mails_and_pages_wear_what_an_operator_gives_and_take_it_off_again(small_site: Site) -> None:
    site, services, client = small_site, small_site.services, small_site.client()
    plain_page = client.get("/").get_data(as_text=True)
    assert client.get("/logo").status_code == client.get("/brand.css").status_code == 404
    give_own(services, "branding", LOOK)
    own_files.take(services, "logo", PNG, where="logo.png", who="anna", note="", now=NOW)
    source, _, body = mail_in(site, "zh-CN")
    assert source.startswith("论文早报 <")
    assert "示例学会的服务" in body
    assert "#7a1f5c" in body
    assert "#0e5a62" not in body
    assert "/logo?v=" in body
    assert mail_in(site, "en")[0] == "Ours <ours@localhost>"
    assert "elsewhere.net" not in mail_in(site, "de")[0], "nobody signs for another domain"
    assert "One press more" in mail_in(site, "en", MailKind.CONFIRM)[2]
    page = client.get("/").get_data(as_text=True)
    for shown in ("A service of ours", "Join us", "/brand.css?v=", "/logo?v="):
        assert shown in page, shown
    assert "#7a1f5c" in client.get("/brand.css").get_data(as_text=True)
    assert client.get("/logo").mimetype == "image/png"
    give_own(services, "template-confirm-subject.txt", "Press for {{ site.name }}")
    assert mail_in(site, "en", MailKind.CONFIRM)[1].startswith("Press for")
    for name in ("branding", "logo", "template-confirm-subject.txt"):
        own_files.undo(services, name, who="anna", now=NOW)
    assert mail_in(site, "en", MailKind.CONFIRM)[1].startswith("Please confirm")
    assert "A service of ours" not in client.get("/").get_data(as_text=True)
    assert len(plain_page) > 1000
