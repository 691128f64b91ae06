"""SpamAssassin (at most 0.5 points) and rspamd (at most 1.0) for every kind of mail, by their local tests.

The mails are signed with RSA, their links are https, and a name server on loopback knows the sender, as docs/delivery.md wants it.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from newsletter.mail import messages
from newsletter.mail.dkim import DkimSigner
from newsletter.values.mail import MailKind
from tests.conftest import missing
from tests.mail.samples import LINKS
from tests.operating.doctor.name_server import resolver_of
from tests.pictures import mails
from tests.waiting import wait_until

LANGUAGES = ("en", "zh-CN", "ar")
OUR_ADDRESS = "192.0.2.7"
SENDER = messages.Sender("papers@example.org", "Paper Morning", "https://papers.example.org", "papers@example.org")
SEEN_FROM_OUTSIDE = {"IP": OUR_ADDRESS, "Helo": "mail.example.org", "Hostname": "mail.example.org", "From": "papers@example.org"}


@pytest.fixture(scope="module")
def signer() -> DkimSigner:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return DkimSigner(domain="example.org", selector="mail", key=pem)


@pytest.fixture(scope="module")
def signed(signer: DkimSigner) -> dict[str, bytes]:
    """Each kind of mail in each language, by name, as it leaves."""
    found: dict[str, bytes] = {}
    for name, mail in mails():
        word, _, language = name.partition("-")
        if language in LANGUAGES:
            kind = MailKind(word) if word in list(MailKind) else MailKind.CONFIRM if word == "moving" else MailKind.DIGEST
            pieces = messages.build(
                mail,
                sender=SENDER,
                recipient="reader@example.net",
                message_id=f"<{kind}.6ade0001122334455667788{len(found):02d}@papers.example.org>",
                date=dt.datetime.now(dt.UTC),
                kind=kind,
                links=LINKS,
                signer=signer,
            )
            found[name] = b"".join(pieces)
    return found


def test_spamassassin_holds_no_mail_for_spam(signed: dict[str, bytes], tmp_path: Path) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        missing("spamassassin")
    together = b"".join(
        b"From papers Mon Nov 30 07:00:00 2026\n" + data.replace(b"\r\n", b"\n") + b"\n" for data in signed.values()
    )
    (tmp_path / "prefs").touch()
    answer = subprocess.run(
        [str(program), "-L", "--mbox", "-p", str(tmp_path / "prefs")], input=together, capture_output=True, check=True
    )
    judged = re.findall(r"^X-Spam-Status: (.*\n(?:\s+.*\n)*)", answer.stdout.decode("utf-8", "replace"), re.MULTILINE)
    assert len(judged) == len(signed)
    scores = {name: float(status.split("score=")[1].split()[0]) for name, status in zip(signed, judged, strict=True)}
    assert {name: status for (name, score), status in zip(scores.items(), judged, strict=True) if score > 0.5} == {}


def test_rspamd_holds_no_mail_for_spam(signed: dict[str, bytes], signer: DkimSigner, tmp_path: Path) -> None:
    program = shutil.which("rspamd")
    if program is None:
        missing("rspamd")
    public = base64.b64encode(signer.public_key()[0]).decode()
    records = {
        ("mail._domainkey.example.org", "TXT"): [f'"v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"'],
        ("example.org", "TXT"): [f'"v=spf1 ip4:{OUR_ADDRESS} -all"'],
        ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
        ("example.org", "MX"): ["10 mail.example.org."],
        ("mail.example.org", "A"): [OUR_ADDRESS],
        ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.example.org."],
    }
    with resolver_of(records) as resolver, rspamd(str(program), tmp_path, name_server=resolver.port) as url:
        judged = {
            name: requests.post(f"{url}/checkv2", data=data, headers=SEEN_FROM_OUTSIDE, timeout=60).json()
            for name, data in signed.items()
        }
    assert all("R_DKIM_ALLOW" in one["symbols"] and "R_SPF_ALLOW" in one["symbols"] for one in judged.values())
    assert {name: one["symbols"] for name, one in judged.items() if one["score"] > 1.0} == {}


@contextmanager
def rspamd(program: str, folder: Path, *, name_server: int) -> Iterator[str]:
    """An rspamd of its own that asks only the name server at this port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "local.d").mkdir()
    # All suffixes of domains take half a minute to compile.
    (folder / "suffixes").write_text("com\norg\nnet\nio\n")
    parts = {
        "options.inc": f'dns {{ nameserver = ["127.0.0.1:{name_server}:1"]; timeout = 1s; retransmits = 1; }}\n'
        f'local_addrs = [];\nurl_tld = "{folder}/suffixes";\ndisable_hyperscan = true;\n',
        "worker-normal.inc": f'bind_socket = "127.0.0.1:{port}"; count = 1;\n',
        "logging.inc": f'type = "file"; filename = "{folder}/log"; level = "warning";\n',
        **{f"{name}.{kind}": "enabled = false;\n" for name, kind in (("fuzzy_check", "conf"), ("worker-proxy", "inc"))},
        **{f"worker-{name}.inc": "enabled = false;\n" for name in ("controller", "fuzzy")},
    }
    for name, text in parts.items():
        (folder / "local.d" / name).write_text(text)
    places = [f"--var={name}={folder}" for name in ("LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR")]
    process = subprocess.Popen([program, "-f", "-i", "-c", "/etc/rspamd/rspamd.conf", *places], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{url}/ping", timeout=5).ok
        return process.poll() is not None

    try:
        wait_until(answers)
        yield url
    finally:
        process.terminate()
        process.wait(30)
