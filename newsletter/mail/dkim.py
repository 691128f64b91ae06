"""Optional DKIM signatures (RFC 6376, Ed25519 by RFC 8463) by dkimpy. It signs finished bytes and changes none of them."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import dkim
import dkim.crypto
from nacl.signing import SigningKey

from newsletter.errors import PermanentError, SettingsError

# dkimpy's own list lacks List-Unsubscribe-Post, which https://www.rfc-editor.org/rfc/rfc8058#section-4 wants signed. A header
# that the message lacks is signed as absent, so that nobody can add it on the way.
SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "feedback-id"),
)


class DkimSigner:
    """Signs for one domain with one key, kept in memory. Safe to share between threads."""

    def __init__(self, *, domain: str, selector: str, key: bytes) -> None:
        """``key``: RSA in PEM, or Ed25519 as PKCS #8 PEM or as the seed in base64 (44 characters). Raises SettingsError."""
        self._domain, self._selector = _ascii("DKIM_DOMAIN", domain), _ascii("DKIM_SELECTOR", selector)
        seed = _ed25519_seed(key)
        self._algorithm = b"ed25519-sha256" if seed else b"rsa-sha256"
        self._key = seed or key
        self._try()

    def public_key(self) -> tuple[bytes, int]:
        """What stands in DNS as ``p=`` (before base64), and how many bits the key has: RFC 6376 3.6.1, RFC 8463 4."""
        if self._algorithm == b"ed25519-sha256":
            return bytes(SigningKey(base64.b64decode(self._key)).verify_key), 256
        parsed = dkim.crypto.parse_pem_private_key(self._key)
        numbers = _der(0x30, _integer(parsed["modulus"]) + _integer(parsed["publicExponent"]))
        return _der(0x30, _RSA_ENCRYPTION + _der(0x03, b"\0" + numbers)), parsed["modulus"].bit_length()

    def sign(self, message: bytes) -> bytes:
        """``message`` (CRLF) with a DKIM-Signature on top. Raises PermanentError where it cannot be signed."""
        try:
            signature = dkim.sign(
                message,
                self._selector,
                self._domain,
                self._key,
                canonicalize=(b"relaxed", b"relaxed"),
                signature_algorithm=self._algorithm,
                include_headers=[name.encode("ascii") for name in SIGNED],
            )
        except (dkim.DKIMException, ValueError) as error:
            raise PermanentError(f"the DKIM signature cannot be made: {error}") from error
        return bytes(signature) + message

    def _try(self) -> None:
        try:
            self.sign(b"From: a@example.org\r\nTo: b@example.org\r\n\r\ntrial\r\n")
        except (PermanentError, TypeError, IndexError, KeyError) as error:
            raise SettingsError(
                f"DKIM_KEY_FILE holds no key that can sign ({error}): give an RSA or Ed25519 private key"
            ) from error


def load_signer(*, domain: str, selector: str, key_file: str) -> DkimSigner | None:
    """The signer that the settings name; None where ``key_file`` is empty. Raises SettingsError where the key is unusable."""
    if not key_file:
        return None
    try:
        key = Path(key_file).read_bytes()
    except OSError as error:
        raise SettingsError(f"DKIM_KEY_FILE {key_file} cannot be read ({error.strerror}): mend its owner and mode") from error
    return DkimSigner(domain=domain, selector=selector, key=key)


def _ascii(name: str, text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        raise SettingsError(f"{name} is {text!r}: give a name of letters, digits, dots and hyphens (the ASCII form of a domain)")
    return text.encode("ascii")


# The algorithm of an RSA key as DER, https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")


def _der(tag: int, body: bytes) -> bytes:
    length = len(body)
    size = b"" if length < 128 else length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, length if length < 128 else 128 + len(size)]) + size + body


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


# The fixed head of an Ed25519 key in PKCS #8, https://www.rfc-editor.org/rfc/rfc8410#section-7.
_PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")


def _ed25519_seed(key: bytes) -> bytes:
    """The seed in base64 as dkimpy wants it, or b"" where ``key`` is something else (RSA)."""
    text = re.sub(rb"-----[^-]+-----|\s+", b"", key)
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    if len(raw) == 48 and raw.startswith(_PKCS8_ED25519):
        return base64.b64encode(raw[16:])
    return text if len(raw) == 32 else b""
