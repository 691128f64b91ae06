"""The transfer encoding of a mail's parts: pieces that are the same in many mails are encoded once, and joined as base64.

57 bytes make one line of 76 characters (https://www.rfc-editor.org/rfc/rfc2045#section-6.8): a text padded to a multiple of 57
bytes takes whole lines, so that its lines can stand anywhere in a part.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from newsletter.mail.signed_links import TOKEN_LENGTH

LINE_BYTES, LINE = 57, 76
# https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1: the longest line that a message may have as it is.
LONGEST_LINE = 998
# Stands for the token in a reader's link, with the slashes around it: 27 bytes, which base64 writes as exactly 36 letters where
# they begin at a multiple of three. So a card is encoded once, and only these letters are exchanged from reader to reader.
TOKEN_PLACEHOLDER = "/" + "\x04" * TOKEN_LENGTH + "/"
# Stands for the encoded token among encoded pieces, known by its identity.
TOKEN = TOKEN_PLACEHOLDER.encode("ascii")
_ENCODED_TOKEN_LENGTH = len(TOKEN_PLACEHOLDER) // 3 * 4


TransferEncoding = Literal["base64", "7bit"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered mail: its subject on one line, and both parts as they travel, in UTF-8; CRLF ends the lines of either.

    A part is in base64, or as it is (``7bit``): where all of it is ASCII, filters take base64 for a disguise. Each is in pieces,
    which are joined once, with the headers of the mail: copying tens of kilobytes again and again shows in a morning.
    """

    subject: str
    html_lines: tuple[bytes, ...] = field(repr=False)
    text_lines: tuple[bytes, ...] = field(repr=False)
    html_encoding: TransferEncoding = "base64"
    text_encoding: TransferEncoding = "base64"

    @classmethod
    def of(cls, subject: str, html: str, text: str) -> Rendered:
        """Encodes whole parts with any line ends; a lone surrogate becomes "?"."""
        (html_lines, html_encoding), (text_lines, text_encoding) = _as_travels(html), _as_travels(text)
        return cls(subject, (html_lines,), (text_lines,), html_encoding, text_encoding)

    @property
    def is_base64(self) -> bool:
        """Whether both parts travel in base64."""
        return self.html_encoding == self.text_encoding == "base64"

    @property
    def html(self) -> str:
        """The whole HTML document, with LF line ends."""
        return _decoded(self.html_lines, self.html_encoding)

    @property
    def text(self) -> str:
        """The plain text, with LF line ends."""
        return _decoded(self.text_lines, self.text_encoding)


def sent_size(text: str) -> int:
    """The bytes that ``text`` takes in a mail before base64: UTF-8, with CRLF line ends."""
    return len(text.encode("utf-8", "replace")) + text.count("\n")


def encoded(text: str) -> bytes:
    """``text`` in base64 lines. It must come last in a part, as its last line may be short."""
    return _lines(_as_sent(text))


def encoded_padded(text: str) -> tuple[bytes, int]:
    """``text`` in whole base64 lines, which other lines may follow, and its bytes before encoding.

    It is padded with spaces, so it must end where these change nothing.
    """
    data = _as_sent(text)
    data += b" " * (-len(data) % LINE_BYTES)
    return _lines(data), len(data)


def encoded_without_tokens(text: str) -> tuple[tuple[bytes, ...], int]:
    """``text`` in whole base64 lines, in pieces with `TOKEN` for each `TOKEN_PLACEHOLDER`, and its bytes before encoding.

    ``encoded_token(token)`` is what `TOKEN` stands for. Each placeholder must stand in a link, whose tag takes the spaces that
    align it.
    """
    *before, rest = text.split(TOKEN_PLACEHOLDER)
    data, places = b"", []
    for part in before:
        tag, href, url = part.rpartition(" href=")
        start = len(data) + len(_as_sent(part))
        spaces = next(count for count in range(LINE_BYTES) if _is_aligned(start + count))
        data += _as_sent(tag + " " * spaces + href + url)
        places.append(len(data))
        data += _as_sent(TOKEN_PLACEHOLDER)
    data += _as_sent(rest)
    data += b" " * (-len(data) % LINE_BYTES)
    pieces: list[bytes] = []
    lines, cut = _lines(data), 0
    for place in places:
        # A line is followed by CRLF.
        letter = place // LINE_BYTES * (LINE + 2) + place % LINE_BYTES // 3 * 4
        pieces += (lines[cut:letter], TOKEN)
        cut = letter + _ENCODED_TOKEN_LENGTH
    return (*pieces, lines[cut:]), len(data)


def _is_aligned(place: int) -> bool:
    """Whether a placeholder that begins at this byte is encoded in letters of its own, all in one line."""
    return place % 3 == 0 and place % LINE_BYTES <= LINE_BYTES - len(TOKEN_PLACEHOLDER)


def encoded_token(token: str) -> bytes:
    """The base64 of ``token`` (25 characters) that `TOKEN` stands for; "" where there is no token."""
    return binascii.b2a_base64(f"/{token}/".encode("ascii"), newline=False) if token else b""


def _as_sent(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Text parts have CRLF also inside the encoding: https://www.rfc-editor.org/rfc/rfc2045#section-6.8.
    return text.replace("\n", "\r\n").encode("utf-8", "replace")


def _lines(data: bytes) -> bytes:
    flat = binascii.b2a_base64(data, newline=False)
    whole, rest = divmod(len(flat), LINE)
    last = (flat[-rest:],) if rest else ()
    return b"\r\n".join((*_whole_lines(whole)(flat), *last, b""))


@lru_cache(maxsize=1024)
def _whole_lines(count: int) -> Callable[[bytes], tuple[bytes, ...]]:
    """What cuts off ``count`` lines at once: a quarter of the time of slicing them one by one."""
    return struct.Struct(f"{LINE}s" * count).unpack_from


def _as_travels(text: str) -> tuple[bytes, TransferEncoding]:
    data = _as_sent(text)
    # https://www.rfc-editor.org/rfc/rfc2045#section-2.7: what is "7bit" has short lines and no NUL.
    if not data.isascii() or b"\0" in data or any(len(line) > LONGEST_LINE for line in data.split(b"\r\n")):
        return _lines(data), "base64"
    return data if data.endswith(b"\r\n") else data + b"\r\n", "7bit"


def _decoded(lines: tuple[bytes, ...], encoding: TransferEncoding) -> str:
    whole = b"".join(lines)
    data = binascii.a2b_base64(whole) if encoding == "base64" else whole
    return data.decode("utf-8").replace("\r\n", "\n")
