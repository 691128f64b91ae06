"""DKIM: what is signed, that it is verified, and that an unusable key is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys

from newsletter.errors import SettingsError
from newsletter.mail.dkim import DkimSigner, load_signer
from newsletter.values.mail import MailKind
from tests.mail.reading_back import made, parsed

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


def both(tmp_path: Path) -> DkimSigner:
    """The signer of an RSA and an Ed25519 key, named in the other order."""
    (tmp_path / "rsa.pem").write_bytes(RSA_KEY)
    (tmp_path / "ed.pem").write_bytes(ED25519_KEY)
    found = load_signer(domain="example.org", selector="ed,news", key_file=f"{tmp_path}/ed.pem,{tmp_path}/rsa.pem")
    assert found is not None
    return found


def test_two_keys_sign_twice_rsa_first_and_each_signature_holds(tmp_path: Path) -> None:
    data = made(signer=both(tmp_path))
    records = {b"news._domainkey.example.org.": RSA_RECORD, b"ed._domainkey.example.org.": ED25519_RECORD}
    checked = dkim.DKIM(data)
    assert [checked.verify(idx=number, dnsfunc=lambda name, timeout=5: records[name]) for number in (0, 1)] == [True, True]
    assert data.index(b"a=rsa-sha256") < data.index(b"a=ed25519-sha256")


RSA_RECORD = b"v=DKIM1; k=rsa; p=" + RSA_PUBLIC
ED25519_RECORD = b"v=DKIM1; k=ed25519; p=" + ED25519_PUBLIC


@pytest.mark.parametrize(
    "name", ["From", "Subject", "Content-Type", "List-Unsubscribe", "To", "Reply-To", "Date", "List-Unsubscribe-Post"]
)
@pytest.mark.parametrize("kind", [MailKind.DIGEST, MailKind.CONFIRM])
def test_no_header_can_be_put_on_top_of_a_captured_mail(name: str, kind: MailKind) -> None:
    data = made(kind=kind, signer=rsa())
    assert verified(data, RSA_RECORD)
    assert not verified(f"{name}: <https://evil.example>\r\n".encode() + data, RSA_RECORD)
    end_of_signature = data.index(b"\r\nFrom:") + 2
    assert not verified(data[:end_of_signature] + f"{name}: x\r\n".encode() + data[end_of_signature:], RSA_RECORD)


def test_an_rsa_key_that_is_too_short_is_refused_with_its_length() -> None:
    short = rsa_keys.generate_private_key(public_exponent=65537, key_size=1024)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    with pytest.raises(SettingsError, match="1024 bits"):
        DkimSigner(domain="example.org", selector="news", key=short.private_bytes(*form))
