"""Calls of mail providers: the good one acts, the forged, the old and the one of a stranger do not, the repeated one acts once."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient

from newsletter.bootstrap import Services
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.web import create_app
from tests.factories import NOW
from tests.subscribers.test_bounces import mailed, reader, stands

Make = Callable[..., Services]
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem"
KEY = "a key of the hook for tests"


@dataclass(frozen=True)
class Hooks:
    services: Services
    client: FlaskClient
    subscriber: int
    address: str
    key: rsa.RSAPrivateKey

    def state(self) -> str:
        return stands(self.services, self.subscriber)[0]

    def count(self) -> int:
        with self.services.database.reading() as session:
            return len(bounces_store.bounces(session))


@pytest.fixture(scope="module")
def signing() -> tuple[rsa.RSAPrivateKey, bytes]:
    """A key like Amazon's, and its certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW - dt.timedelta(days=1)).not_valid_after(NOW + dt.timedelta(days=1))
    return key, made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def hooks(sqlite_url: str, make_services: Make, signing: tuple[rsa.RSAPrivateKey, bytes]) -> Iterator[Hooks]:
    services = make_services(sqlite_url, BOUNCE_DOMAIN="b.example.org", SES_TOPIC_ARN=TOPIC, BOUNCE_HOOK_KEY=KEY, REDIS_URL="")
    # What Amazon would answer at the certificate's address is in the place where it is kept once it was asked for.
    kept: Path = services.settings.data_dir / "cache" / "sns" / f"{hashlib.sha256(CERTIFICATE.encode()).hexdigest()[:32]}.pem"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(signing[1])
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    with time_machine.travel(NOW, tick=False):
        yield Hooks(services, create_app(services).test_client(), subscriber, address, signing[0])


def told(hooks: Hooks, **changes: object) -> dict[str, object]:
    """What SES tells of a bounce."""
    recipient = {"emailAddress": "reader@example.net", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [recipient]}
    return {"notificationType": "Bounce", "bounce": bounce, "mail": {"source": hooks.address}} | changes


def signed(
    hooks: Hooks, message: dict[str, object], *, at: dt.datetime = NOW, topic: str = TOPIC, number: str = "m-1"
) -> dict[str, str]:
    """The call of SNS that carries ``message``."""
    call = {
        "Type": "Notification",
        "MessageId": number,
        "TopicArn": topic,
        "Message": json.dumps(message),
        "Timestamp": at.isoformat().replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }
    text = "".join(f"{name}\n{call[name]}\n" for name in ("Message", "MessageId", "Timestamp", "TopicArn", "Type"))
    call["Signature"] = base64.b64encode(hooks.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return call


def call_ses(hooks: Hooks, call: dict[str, str]) -> int:
    return hooks.client.post("/hooks/ses", data=json.dumps(call), content_type="text/plain; charset=UTF-8").status_code


def test_a_call_of_our_topic_acts_and_a_repeated_one_not_again(hooks: Hooks) -> None:
    assert [call_ses(hooks, signed(hooks, told(hooks))) for _ in range(2)] == [200, 200]
    assert (hooks.state(), hooks.count()) == ("bounced", 1)


def test_a_complaint_of_ses_is_for_good(hooks: Hooks) -> None:
    complaint = {"complaintFeedbackType": "abuse", "complainedRecipients": []}
    assert call_ses(hooks, signed(hooks, told(hooks, notificationType="Complaint", complaint=complaint))) == 200
    assert hooks.state() == "complained"


def test_forged_old_and_strange_calls_of_sns_are_refused(hooks: Hooks) -> None:
    forged = signed(hooks, told(hooks)) | {"Message": json.dumps(told(hooks, x=1))}
    old = signed(hooks, told(hooks), at=NOW - dt.timedelta(hours=2))
    stranger = signed(hooks, told(hooks), topic="arn:aws:sns:eu-west-1:999999999999:bounces")
    elsewhere = signed(hooks, told(hooks)) | {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.example.org/a.pem"}
    no_texts: list[dict[str, Any]] = [
        {},
        {"Type": 7},
        {"Type": ["Notification"]},
        {"Type": {}},
        {**forged, "Message": {}, "Signature": None},
    ]
    assert {call_ses(hooks, call) for call in (forged, old, stranger, elsewhere, *no_texts)} == {403}
    assert (hooks.state(), hooks.count()) == ("confirmed", 0)


def call_hook(hooks: Hooks, events: object, *, at: dt.datetime = NOW, key: str = KEY) -> int:
    body = json.dumps(events).encode()
    seconds = str(int(at.timestamp()))
    signature = hmac.digest(key.encode(), seconds.encode() + b"." + body, "sha256").hex()
    headers = {"X-Newsletter-Signature": f"t={seconds},v1={signature}"}
    return hooks.client.post("/hooks/bounces", data=body, content_type="application/json", headers=headers).status_code


def test_a_signed_call_of_another_provider_acts_once(hooks: Hooks) -> None:
    event = {"id": "evt-1", "kind": "hard", "envelope_from": hooks.address, "status": "5.1.1", "words": "unknown"}
    assert [call_hook(hooks, event), call_hook(hooks, [event])] == [200, 200]
    assert (hooks.state(), hooks.count()) == ("bounced", 1)


def test_forged_old_and_unreadable_calls_are_refused(hooks: Hooks) -> None:
    event = {"id": "evt-1", "kind": "hard", "envelope_from": hooks.address}
    assert call_hook(hooks, event, key="another key of the hook") == 403
    assert call_hook(hooks, event, at=NOW - dt.timedelta(minutes=6)) == 403
    assert hooks.client.post("/hooks/bounces", json=event).status_code == 403
    assert call_hook(hooks, {"kind": "hard"}) == 400
    assert call_hook(hooks, {"id": "1", "kind": "gone"}) == 400
    assert hooks.state() == "confirmed"


def test_a_call_that_names_an_address_alone_is_kept_and_does_nothing(hooks: Hooks) -> None:
    assert call_hook(hooks, {"id": "evt-1", "kind": "hard", "recipient": "reader@example.net"}) == 200
    assert (hooks.state(), hooks.count()) == ("confirmed", 1)


def test_ways_that_are_not_set_up_are_not_there(sqlite_url: str, make_services: Make) -> None:
    client = create_app(make_services(sqlite_url, REDIS_URL="")).test_client()
    assert [client.post(path, json={}).status_code for path in ("/hooks/ses", "/hooks/bounces")] == [404, 404]
