"""Text and addresses in the header of a mail: encoded words and folding. Nothing gets into a header but through here."""

from __future__ import annotations

import base64
import re
from functools import lru_cache

from newsletter.errors import PermanentError
from newsletter.text.characters import one_line

# https://www.rfc-editor.org/rfc/rfc2047#section-2: an encoded word has at most 75 characters, a line with one at most 76.
LINE = 76
WORD = 75
_FRAME = len("=?utf-8?b??=")
# https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1: 64 octets before the @, 254 for an address in a path.
LONGEST_ADDRESS = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,250}}[A-Za-z0-9])?)")
# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4: 63 octets for a label.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_PLAIN = re.compile(r"[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
MOST_CHARACTERS = 250


def unstructured(name: str, text: str) -> str:
    """The header line(s) ``name: text`` with CRLF; plain where ``text`` is short ASCII, else in encoded words."""
    text = one_line(text, MOST_CHARACTERS)
    if _PLAIN.fullmatch(text) and "=?" not in text and len(name) + 2 + len(text) <= LINE:
        return f"{name}: {text}\r\n"
    return f"{name}: {encoded_words(text, used=len(name) + 2)}\r\n"


def mailbox(name: str, address: str, *, header: str) -> str:
    """The header line(s) ``header: name <address>``. Raises PermanentError where the address cannot stand in a header."""
    checked = checked_address(address)
    phrase = one_line(name, 100)
    if not phrase:
        return f"{header}: {checked}\r\n"
    if not _PLAIN.fullmatch(phrase) or "=?" in phrase:
        phrase = encoded_words(phrase, used=len(header) + 2)
    elif not _ATOMS.fullmatch(phrase):
        phrase = '"' + phrase.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{header}: {phrase}\r\n <{checked}>\r\n"


def split_mailbox(text: str) -> tuple[str, str]:
    """Name and address of ``Papers <papers@example.org>``. Raises PermanentError where the address cannot stand in a header."""
    found = _MAILBOX.fullmatch(text.strip())
    if found is None:
        return "", checked_address(text)
    name = found["name"].strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, checked_address(found["address"])


def checked_address(address: str) -> str:
    """``address`` as it is. Raises PermanentError where it is no plain ASCII address: it could break out of its header."""
    found = _ADDRESS.fullmatch(address)
    if found is None or len(address) > LONGEST_ADDRESS:
        raise PermanentError("this address cannot stand in a mail header: it needs the plain form name@example.org")
    if not _DOMAIN.fullmatch(found["domain"]):
        raise PermanentError("the part of this address after the @ is no name of a mail server")
    return address


def recipient_line(address: str) -> str:
    """The header line ``To: address``, in UTF-8 where letters before the @ are beyond ASCII (RFC 6532, 3.2).

    Raises PermanentError as `checked_address` does.
    """
    if address.isascii():
        return f"To: {checked_address(address)}\r\n"
    local, _, domain = address.rpartition("@")
    # What is printable has no control, no space but that of ASCII, and no turn of direction: a letter stands for the others.
    checked_address(re.sub(r"[^\x00-\x7f]+", "x", local) + f"@{domain}" if local.isprintable() else address)
    if len(address.encode()) > LONGEST_ADDRESS:
        raise PermanentError("this address is too long for a mail header")
    return f"To: {address}\r\n"


@lru_cache(maxsize=1024)
def encoded_words(text: str, *, used: int) -> str:
    """``text`` as folded encoded words, cut between characters; ``used`` characters of the first line are taken already."""
    data = text.encode("utf-8")
    words: list[str] = []
    start, room = 0, min(WORD, LINE - used)
    while start < len(data) or not words:
        # At least a character a word, whatever stands before it on its line.
        end = min(start + max(4, (room - _FRAME) // 4 * 3), len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        words.append(_word(data[start:end]))
        start, room = end, WORD
    return "\r\n ".join(words)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?="
