"""Optional DKIM signatures (RFC 6376, Ed25519 by RFC 8463) by dkimpy. It signs finished bytes and changes none of them."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Sequence
from pathlib import Path

import dkim
import dkim.crypto
from nacl.signing import SigningKey

from newsletter.errors import PermanentError, SettingsError

# dkimpy's own list lacks List-Unsubscribe-Post, which https://www.rfc-editor.org/rfc/rfc8058#section-4 wants signed. Each is
# signed once more than the message has it (RFC 6376 5.4.2, "oversigned"), so that nobody can add one, or a second, on the way.
SIGNED = (
    *(
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "reply-to",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    ),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "feedback-id"),
)


# https://www.rfc-editor.org/rfc/rfc8301#section-3.2 asks for 2048; verifiers trust no shorter one for long.
LEAST_BITS = 2048


class DkimSigner:
    """Signs for one domain with one key, kept in memory, and with those of other signers. Safe to share between threads."""

    def __init__(self, *, domain: str, selector: str, key: bytes) -> None:
        """``key``: RSA in PEM, or Ed25519 as PKCS #8 PEM or as the seed in base64 (44 characters). Raises SettingsError."""
        self._others: tuple[DkimSigner, ...] = ()
        self._domain, self._selector = _ascii("DKIM_DOMAIN", domain), _ascii("DKIM_SELECTOR", selector)
        seed = _ed25519_seed(key)
        self._algorithm = b"ed25519-sha256" if seed else b"rsa-sha256"
        self._key = seed or key
        self._try()
        if not seed and (bits := dkim.crypto.parse_pem_private_key(key)["modulus"].bit_length()) < LEAST_BITS:
            raise SettingsError(f"DKIM_KEY_FILE holds an RSA key of {bits} bits: make one of {LEAST_BITS}")

    def public_key(self) -> tuple[bytes, int]:
        """What stands in DNS as ``p=`` (before base64), and how many bits the key has: RFC 6376 3.6.1, RFC 8463 4."""
        if self._algorithm == b"ed25519-sha256":
            return bytes(SigningKey(base64.b64decode(self._key)).verify_key), 256
        parsed = dkim.crypto.parse_pem_private_key(self._key)
        numbers = _der(0x30, _integer(parsed["modulus"]) + _integer(parsed["publicExponent"]))
        return _der(0x30, _RSA_ENCRYPTION + _der(0x03, b"\0" + numbers)), parsed["modulus"].bit_length()

    def sign(self, message: bytes) -> bytes:
        """``message`` (CRLF) with a DKIM-Signature of each key on top. Raises PermanentError where it cannot be signed."""
        return b"".join(one.signature(message) for one in (self, *self._others)) + message

    @property
    def selector(self) -> str:
        """Under which name the public key stands in DNS."""
        return self._selector.decode("ascii")

    @property
    def is_rsa(self) -> bool:
        """True for an RSA key, which every verifier knows."""
        return self._algorithm == b"rsa-sha256"

    def with_others(self, others: Sequence[DkimSigner]) -> DkimSigner:
        """This signer, which adds the signatures of ``others`` to its own."""
        both = copy.copy(self)
        both._others = tuple(others)
        return both

    def signature(self, message: bytes) -> bytes:
        """The header by this key alone."""
        head = message.partition(b"\r\n\r\n")[0].lower()
        names = [name.encode("ascii") for name in SIGNED]
        times = ((name, 1 + head.count(b"\n" + name + b":") + head.startswith(name + b":")) for name in names)
        try:
            signature = dkim.sign(
                message,
                self._selector,
                self._domain,
                self._key,
                canonicalize=(b"relaxed", b"relaxed"),
                signature_algorithm=self._algorithm,
                include_headers=[name for name, count in times for _ in range(count)],
            )
        except (dkim.DKIMException, ValueError) as error:
            raise PermanentError(f"the DKIM signature cannot be made: {error}") from error
        return bytes(signature)

    def _try(self) -> None:
        try:
            self.sign(b"From: a@example.org\r\nTo: b@example.org\r\n\r\ntrial\r\n")
        except (PermanentError, TypeError, IndexError, KeyError) as error:
            raise SettingsError(
                f"DKIM_KEY_FILE holds no key that can sign ({error}): give an RSA or Ed25519 private key"
            ) from error


def load_signer(*, domain: str, selector: str, key_file: str) -> DkimSigner | None:
    """The signer that the settings name; None where ``key_file`` is empty. Raises SettingsError where a key is unusable.

    ``selector`` and ``key_file`` may name several, comma-separated and in the same order: each signs every mail. The signatures
    by RSA come first, because some verifiers look at one only.
    """
    if not key_file:
        return None
    pairs = zip(selector.split(","), key_file.split(","), strict=True)
    made = [DkimSigner(domain=domain, selector=one, key=_read(file)) for one, file in pairs]
    first, *others = sorted(made, key=lambda one: not one.is_rsa)
    return first.with_others(others)


def _read(key_file: str) -> bytes:
    try:
        return Path(key_file).read_bytes()
    except OSError as error:
        raise SettingsError(f"DKIM_KEY_FILE {key_file} cannot be read ({error.strerror}): mend its owner and mode") from error


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


def new_key() -> bytes:
    """A new private key as PEM: RSA, which every verifier knows, as long as `LEAST_BITS`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=LEAST_BITS)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
