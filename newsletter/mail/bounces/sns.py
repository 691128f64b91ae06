"""Messages of Amazon SNS: whether Amazon signed them for our topic, and lately. Asks Amazon for its certificate, and keeps it.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from newsletter.errors import PermanentError

# Where Amazon keeps its certificates, and nobody else.
OWN_URL = re.compile(r"https://sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?/[\w./?=&%:+-]{1,600}", re.ASCII)
CERTIFICATE_URL = re.compile(r"https://sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?/[A-Za-z0-9_-]{1,100}\.pem", re.ASCII)
# A message is tried again for an hour; one that is older was kept by somebody.
OLDEST = dt.timedelta(hours=1)
AHEAD = dt.timedelta(minutes=5)
NOTIFICATION, CONFIRMATION = "Notification", "SubscriptionConfirmation"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}

Fetch = Callable[[str], bytes]


class Unbelievable(PermanentError):
    """A call that nobody we know has made, or made long ago."""


def check(message: Mapping[str, Any], *, topic: str, certificates: Path, fetch: Fetch, now: dt.datetime) -> None:
    """Raises Unbelievable where ``message`` is not of ``topic``, not signed by Amazon, or old.

    Certificates are kept in the folder ``certificates`` and fetched where they are missing, which may raise TemporaryError.
    """
    kind = str(message.get("Type"))
    if kind not in _SIGNED or any(not isinstance(message.get(name, ""), str) for name in (*_SIGNED[kind], "Signature")):
        raise Unbelievable("this is no message of Amazon SNS")
    if message.get("TopicArn") != topic:
        raise Unbelievable("this is not our topic: set SES_TOPIC_ARN to its ARN")
    url = str(message.get("SigningCertURL", ""))
    if not CERTIFICATE_URL.fullmatch(url):
        raise Unbelievable("its certificate is not at Amazon")
    key = _public_key(_certificate(url, certificates, fetch), now=now)
    signed = "".join(f"{name}\n{message[name]}\n" for name in _SIGNED[kind] if name in message)
    try:
        algorithm = _HASHES[str(message.get("SignatureVersion"))]()
        key.verify(base64.b64decode(str(message.get("Signature", "")), validate=True), signed.encode(), PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError, KeyError) as error:
        raise Unbelievable("its signature is not Amazon's") from error
    _check_age(str(message["Timestamp"]), now=now)


def _certificate(url: str, folder: Path, fetch: Fetch) -> bytes:
    kept = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.pem"
    if kept.is_file():
        return kept.read_bytes()
    found = fetch(url)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(found)
    return found


def _public_key(data: bytes, *, now: dt.datetime) -> RSAPublicKey:
    try:
        certificate = x509.load_pem_x509_certificate(data)
        key = certificate.public_key()
    except ValueError as error:
        raise Unbelievable("its certificate cannot be read") from error
    if not isinstance(key, RSAPublicKey) or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Unbelievable("its certificate is not valid now")
    return key


def _check_age(timestamp: str, *, now: dt.datetime) -> None:
    try:
        at = dt.datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise Unbelievable("it says no time") from error
    if at.tzinfo is None or not now - OLDEST <= at <= now + AHEAD:
        raise Unbelievable("it is old")
