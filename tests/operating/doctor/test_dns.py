"""What receivers see of a sender in DNS, asked of a name server on loopback."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import replace

import dns.resolver
import pytest

from newsletter.mail.dkim import DkimSigner
from newsletter.operating.doctor.dns import Sender, examine
from newsletter.operating.doctor.findings import Finding
from tests.operating.doctor.name_server import resolver_of


def rsa(bits: int) -> tuple[bytes, bytes]:
    """A private key in PEM, and its public half as openssl writes it (DER)."""
    made = subprocess.run(["openssl", "genrsa", str(bits)], capture_output=True, check=True).stdout
    told = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=made, capture_output=True, check=True).stdout
    return made, told


KEY = b"k" * 300
GOOD = {
    ("example.org", "TXT"): ['"v=spf1 include:relay.example.net ~all"', '"something else"'],
    ("s1._domainkey.example.org", "TXT"): [f'"v=DKIM1; k=rsa; p={base64.b64encode(KEY).decode()[:200]}" "{base64.b64encode(KEY).decode()[200:]}"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("relay.example.net", "A"): ["192.0.2.25"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["relay.example.net."],
}  # fmt: skip
SENDER = Sender("example.org", "example.org", ("relay.example.net",), "example.org", "s1", KEY, 2048)
Records = Mapping[tuple[str, str], list[str]]


def found(records: Records, sender: Sender = SENDER) -> dict[str, list[Finding]]:
    told: dict[str, list[Finding]] = {}
    with resolver_of(records) as resolver:
        for finding in examine(sender, resolver):
            told.setdefault(finding.what, []).append(finding)
    return told


def test_a_sender_with_all_records_is_well() -> None:
    told = found(GOOD)
    assert set(told) == {"spf", "dkim", "dmarc", "mx", "ptr"}
    assert {finding.level for findings in told.values() for finding in findings} == {"OK"}


def without(*keys: tuple[str, str], **changed: list[str]) -> Records:
    return {key: value for key, value in GOOD.items() if key not in keys}


@pytest.mark.parametrize(
    ("records", "what", "level", "words"),
    [
        (without(("example.org", "TXT")), "spf", "WARN", "no SPF record"),
        ({**GOOD, ("example.org", "TXT"): ['"v=spf1 ~all"', '"v=spf1 -all"']}, "spf", "FAIL", "2 SPF records"),
        ({**GOOD, ("example.org", "TXT"): ['"v=spf1 +all"']}, "spf", "WARN", "whole world"),
        (without(("s1._domainkey.example.org", "TXT")), "dkim", "FAIL", "has no key"),
        ({**GOOD, ("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; p="']}, "dkim", "FAIL", "revoked"),
        ({**GOOD, ("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; p=QUJD"']}, "dkim", "FAIL", "not that of DKIM_KEY_FILE"),
        (without(("_dmarc.example.org", "TXT")), "dmarc", "WARN", "no DMARC"),
        (without(("example.org", "MX")), "mx", "WARN", "neither MX nor address"),
        ({**GOOD, ("example.org", "MX"): ["0 ."]}, "mx", "WARN", "null MX"),
        (without(("25.2.0.192.in-addr.arpa", "PTR")), "ptr", "WARN", "has no name"),
        ({**GOOD, ("25.2.0.192.in-addr.arpa", "PTR"): ["other.example.net."]}, "ptr", "WARN", "does not lead back"),
    ],
)
def test_each_record_that_is_missing_or_wrong_is_told_with_its_mend(records: Records, what: str, level: str, words: str) -> None:
    [finding] = found(records)[what]
    assert (finding.level, words in finding.words, bool(finding.mend)) == (level, True, True), finding


def test_the_records_of_the_domain_above_count_for_dmarc() -> None:
    records = {**GOOD, ("news.example.org", "TXT"): ['"v=spf1 ~all"'], ("news.example.org", "MX"): ["10 mx.example.org."]}
    [finding] = found(records, replace(SENDER, domain="news.example.org"))["dmarc"]
    assert finding.level == "OK"


def test_a_provider_of_mailboxes_and_a_short_key_are_told() -> None:
    told = found(GOOD, replace(SENDER, domain="gmail.com", bits=768))
    assert told["sender"][0].level == "FAIL"
    assert any("768 bits" in finding.words and finding.level == "FAIL" for finding in told["dkim"])
    assert any("1024 bits" in one.words and one.level == "WARN" for one in found(GOOD, replace(SENDER, bits=1024))["dkim"])


def test_a_resolver_that_does_not_answer_is_a_finding_of_each_question() -> None:
    silent = dns.resolver.Resolver(configure=False)
    silent.nameservers, silent.port, silent.lifetime = ["127.0.0.1"], 9, 0.2
    told = list(examine(SENDER, silent))
    assert [finding.level for finding in told] == ["WARN"] * 5
    assert all("DNS does not answer" in finding.words for finding in told)


def test_the_public_half_of_a_key_is_as_openssl_writes_it() -> None:
    private, public = rsa(2048)
    signer = DkimSigner(domain="example.org", selector="s1", key=private)
    assert signer.public_key() == (public, 2048)
    seed = base64.b64encode(b"s" * 32)
    assert DkimSigner(domain="example.org", selector="s1", key=seed).public_key()[1] == 256
