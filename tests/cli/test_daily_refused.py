"""`newsletter daily` where the mail server refuses us: exit code 3, nobody given up, and sent once it is mended."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cli.forked import Commands
from tests.cli.test_commands import HEADER, Said
from tests.smtp_sink import Sink, obliging

PASSWORD = "a good password"
HELO = "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname"


@pytest.fixture
def say(tmp_path: Path, commands: Commands, sqlite_template: Path) -> Callable[..., Said]:
    """Runs one command in a folder of its own, in which six people of as many domains read."""
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    rows = [f"r{number}@d{number}.example,3d;llm,en,UTC,0,confirmed\n" for number in range(6)]
    (tmp_path / "in.csv").write_text(HEADER + "".join(rows))
    commands.run(tmp_path, "subscribers", "import", "in.csv", "--consent", "asked")
    return lambda *words, **changes: commands.run(tmp_path, *words, **changes)


def states(say: Callable[..., Said]) -> set[str]:
    return {row["state"] for row in json.loads(say("deliveries", "--json").stdout)}


def mended(say: Callable[..., Said], **changes: str) -> None:
    """What an operator does then, and what comes of it."""
    assert say("resume").returncode == 0
    assert say("deliveries", "resend", "--state", "retry").returncode == 0
    again = say("daily", **changes)
    assert (again.returncode, states(say)) == (0, {"sent"}), again


def test_a_server_that_refuses_our_name_at_rcpt_costs_nobody_their_mail(say: Callable[..., Said], tmp_path: Path) -> None:
    with Sink(lambda step, _: HELO if step == "rcpt" else None) as sink:
        answer = say("daily", SMTP_URL=sink.url)
        assert answer.returncode == 3, answer
        assert "the mail server refuses us: 504" in answer.stderr
        assert states(say) <= {"retry", "queued"}
        say("subscribers", "export", "out.csv")
        assert (tmp_path / "out.csv").read_text().count(",confirmed") == 6
        sink.script = obliging
        mended(say, SMTP_URL=sink.url)


# aiosmtpd does not see the TLS that a connection began with.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_refused_login_over_tls_holds_all_until_the_password_is_right(
    say: Callable[..., Said], tmp_path: Path, scheme: str
) -> None:
    with a_relay(tmp_path, at_once=scheme == "smtps") as relay:
        where = f"@127.0.0.1:{relay.port}"
        trusted = {"SMTP_CA_FILE": str(tmp_path / "relay.pem")}
        answer = say("daily", SMTP_URL=f"{scheme}://us:wrong{where}", **trusted)
        assert (answer.returncode, relay.handler.taken) == (3, [])
        assert "535" in answer.stderr
        assert "wrong" not in answer.stderr
        assert states(say) <= {"retry", "queued"}
        right = f"{scheme}://us:{PASSWORD.replace(' ', '%20')}{where}"
        untrusted = say("daily", SMTP_URL=right)
        assert (untrusted.returncode, relay.handler.taken) == (3, [])
        mended(say, SMTP_URL=right, **trusted)
        assert len(relay.handler.taken) == 6


class _Handler:
    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken += envelope.rcpt_tos
        return "250 2.0.0 taken"


class _Relay(Controller):
    """A mail server that wants a login, over TLS from the first byte or by STARTTLS."""

    def __init__(self, context: ssl.SSLContext, *, at_once: bool) -> None:
        self._context = context
        super().__init__(_Handler(), hostname="127.0.0.1", port=0, ssl_context=context if at_once else None)

    def factory(self) -> SMTP:
        later = {} if self.ssl_context else {"tls_context": self._context, "require_starttls": True}
        return SMTP(self.handler, auth_required=True, auth_require_tls=not self.ssl_context, authenticator=_login, **later)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@contextmanager
def a_relay(folder: Path, *, at_once: bool) -> Iterator[_Relay]:
    """Its certificate, of no authority, is written to ``relay.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")]), dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "relay.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "relay.pem", folder / "key.pem")
    relay = _Relay(context, at_once=at_once)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
