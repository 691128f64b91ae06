"""What the tests of subscribers share: a time, settings, wishes, and short ways through the use-cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.orm import Session

from newsletter.bootstrap import Services
from newsletter.daily.form_requests import do_what_forms_asked
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import ledger
from newsletter.settings import Settings, load
from newsletter.subscribers import confirm, form_requests, links
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.signup import SignUpRequest, ask_to_sign_up
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.form_requests import Form
from newsletter.subscribers.subscriber import Subscriber
from newsletter.values.mail import MailKind
from tests.services import within

NOW = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
TEXT = "a-test-secret-of-sufficient-length"
SECRET = SecretStr(TEXT)
TOPICS = frozenset({"nerf", "slam", "llm", "diffusion"})


def settings(folder: Path) -> Settings:
    return load({"DATA_DIR": str(folder / "var"), "SECRET_KEY": TEXT, "SUPPRESSION_KEY": TEXT, "MAIL_FROM": "papers@example.org"})


def request(**changes: object) -> SignUpRequest:
    email = str(changes.pop("email", "ada@example.org"))
    return SignUpRequest(email, replace(Choices(("nerf", "slam"), "zh-CN", "Asia/Shanghai", 7), **changes))


def sign_up(services: Services, wish: SignUpRequest, *, now: dt.datetime, browser: str = "") -> None:
    """What the form of sign-up does: what is asked is kept, and done afterwards."""
    ask_to_sign_up(services, wish, network="192.0.2.1", now=now, browser=browser)
    do_what_forms_asked(services)


def ask_for_link(services: Services, email: str, *, now: dt.datetime) -> None:
    """What the form "send me my link" does."""
    form_requests.ask(services, Form.READERS_LINK, email, network="192.0.2.1", now=now)
    do_what_forms_asked(services)


def ask(session: Session, config: Settings, *, now: dt.datetime = NOW, browser: str = "", **changes: object) -> None:
    sign_up(within(session, config), request(**changes), now=now, browser=browser)


def person(session: Session, email: str = "ada@example.org") -> Subscriber:
    found = subscribers_store.subscriber_by_key(session, email.lower())
    assert found is not None
    return found


def mint(session: Session, email: str = "ada@example.org", *, now: dt.datetime = NOW) -> str:
    return links.mint(session, person(session, email).id, links.Purpose.CONFIRM, now=now)


def mint_of(session: Session, mail: Delivery, *, now: dt.datetime = NOW) -> str:
    """The link as it stands in this mail."""
    return links.mint(session, mail.subscriber_id, links.Purpose.CONFIRM, now=now, delivery_id=mail.id)


def a_reader(session: Session, config: Settings, *, now: dt.datetime = NOW, **changes: object) -> Subscriber:
    """Signs up and confirms."""
    ask(session, config, now=now, **changes)
    email = str(changes.get("email", "ada@example.org"))
    return confirm.confirm(session, mint(session, email, now=now), now=now).subscriber


def mails(session: Session, kind: MailKind, email: str = "ada@example.org") -> list[Delivery]:
    return ledger.deliveries(session, kind=kind, subscriber_id=person(session, email).id)


def settle_all(session: Session) -> None:
    """Says of every mail planned so far that it was sent."""
    from sqlalchemy import update

    from newsletter.tables.deliveries import DeliveryRow

    session.execute(update(DeliveryRow).values(state="sent"))


def key_of(email: str) -> str:
    return address_key(normalise(email).email, SECRET)
