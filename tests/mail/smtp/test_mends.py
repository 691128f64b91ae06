"""What is wrong with a mail server's TLS, against a real TLS server on loopback: each fault names the mend that fits it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from newsletter.errors import TemporaryError
from newsletter.mail.smtp.mends import mend_of
from newsletter.mail.smtp.transaction import open_connection
from newsletter.settings import SmtpServer

DAY = dt.timedelta(days=1)
NAMES = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

SIGNS = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate with its key, and whoever signs with them."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, path: Path) -> Path:
        """Key and certificate in one PEM file."""
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = self.key.private_bytes(serialization.Encoding.PEM, *private)
        path.write_bytes(pem + self.certificate.public_bytes(serialization.Encoding.PEM))
        return path


def signed(
    name: str, *, by: Signed | None, names: tuple[x509.GeneralName, ...] = NAMES, since: int = -9, until: int = 9
) -> Signed:
    """A certificate from ``since`` to ``until`` days from now; ``by`` None: by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(by.certificate.subject if by else subject)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now + since * DAY).not_valid_after(now + until * DAY)
    made = made.add_extension(x509.BasicConstraints(ca=by is None and name != "localhost", path_length=None), critical=True)
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    # RFC 5280 asks for these, and Python from 3.13 on with it.
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    issuer = by.key if by else key
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    if by is None and name != "localhost":
        made = made.add_extension(SIGNS, critical=True)
    return Signed(key, made.sign(by.key if by else key, hashes.SHA256()))


class TlsPeer:
    """`with TlsPeer(pem, how) as peer:` a mail server that speaks TLS from the first byte ("tls"), after STARTTLS ("starttls"), or
    never ("plain")."""

    def __init__(self, pem: Path, how: str) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._how = how
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]

    def __enter__(self) -> TlsPeer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.settimeout(5)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with ExitStack() as stack, suppress(OSError, ValueError):
            connection = stack.enter_context(connection)
            if self._how == "tls":
                connection = stack.enter_context(self._context.wrap_socket(connection, server_side=True))
            connection.sendall(b"220 peer ESMTP\r\n")
            while line := connection.recv(1000):
                if line.upper().startswith(b"EHLO"):
                    connection.sendall(
                        b"250-peer\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n" if self._how == "starttls" else b"250 peer\r\n"
                    )
                elif line.upper().startswith(b"STARTTLS"):
                    connection.sendall(b"220 go on\r\n")
                    connection = stack.enter_context(self._context.wrap_socket(connection, server_side=True))
                else:
                    connection.sendall(b"535 5.7.8 who are you\r\n" if line.upper().startswith(b"AUTH") else b"250 ok\r\n")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    """An authority that this process trusts."""
    made = signed("an authority", by=None, names=(x509.DNSName("authority.example.org"),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(made.write(tmp_path_factory.mktemp("authority") / "ca.pem")))
        yield made


def tried(port: int, *, host: str = "localhost", security: str = "tls", user: str = "") -> str:
    """What the doctor would say to do about the server; "" where it lets us in."""
    server = SmtpServer(host, port, security=security, user=user, password=SecretStr("secret" if user else ""))
    try:
        open_connection(server, "papers.example.org", connect_timeout=1).close()
    except TemporaryError as error:
        assert "secret" not in str(error)
        return mend_of(str(error), getattr(error, "code", 0))
    return ""


Make = Callable[[Signed], Signed]
CERTIFICATES: dict[str, tuple[Make, str]] = {
    "good": (lambda ca: signed("localhost", by=ca), ""),
    "expired": (lambda ca: signed("localhost", by=ca, until=-1), "certificate renewed, or set this machine's clock"),
    "not yet valid": (lambda ca: signed("localhost", by=ca, since=1), "set this machine's clock"),
    "of another host": (
        lambda ca: signed("localhost", by=ca, names=(x509.DNSName("mail.example.org"),)),
        "by the name in its certificate",
    ),
    "by itself": (lambda _: signed("localhost", by=None), "SSL_CERT_FILE"),
    "by an unknown authority": (lambda _: signed("localhost", by=signed("nobody knows", by=None)), "SSL_CERT_FILE"),
}


@pytest.mark.parametrize("how", ["tls", "starttls"])
@pytest.mark.parametrize("fault", CERTIFICATES)
def test_each_fault_of_a_certificate_names_its_mend(authority: Signed, tmp_path: Path, fault: str, how: str) -> None:
    make, mend = CERTIFICATES[fault]
    with TlsPeer(make(authority).write(tmp_path / "server.pem"), how) as peer:
        found = tried(peer.port, security=how)
    assert mend in found if mend else found == ""
    assert "login" not in found


@pytest.mark.parametrize(
    "words",
    [
        "Missing Authority Key Identifier",
        "Missing Subject Key Identifier",
        "Authority Key Identifier marked critical",
        "Basic Constraints of CA cert not marked critical",
        "CA cert does not include key usage extension",
        "Path length invalid for non-CA cert",
        "Issuer name empty",
        "Empty Subject Alternative Name extension",
        "Using cert extension requires at least X509v3",
    ],
)
def test_a_certificate_that_only_later_pythons_refuse_has_a_mend_of_its_own(words: str) -> None:
    mend = mend_of(f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {words} (_ssl.c:1077)")
    assert "RFC 5280" in mend


@pytest.mark.parametrize(
    ("how", "asked", "mend"),
    [
        ("plain", {"security": "starttls"}, "offers no TLS"),
        ("plain", {"security": "tls"}, "smtps:// is for port 465"),
        ("tls", {"security": "starttls"}, "it says nothing: smtps:// is for port 465"),
        ("starttls", {"security": "starttls", "user": "a"}, "check user and password"),
        ("tls", {"host": "127.0.0.1"}, "not by its address"),
    ],
)
def test_what_else_is_wrong_with_tls_names_its_mend(
    authority: Signed, tmp_path: Path, how: str, asked: dict[str, str], mend: str
) -> None:
    names = (x509.DNSName("localhost"),)
    with TlsPeer(signed("localhost", by=authority, names=names).write(tmp_path / "server.pem"), how) as peer:
        assert mend in tried(peer.port, **asked)
