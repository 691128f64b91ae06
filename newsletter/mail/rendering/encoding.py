"""The parts of a mail in base64 lines, as they go out: what is the same in many mails is encoded once, and joined.

57 bytes make one line of 76 characters (https://www.rfc-editor.org/rfc/rfc2045#section-6.8): a stretch of text that is padded to
a multiple of it takes whole lines, wherever in a part it stands.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field

LINE_BYTES, LINE = 57, 76
# Where the token of a reader's link comes in, between two slashes: 24 bytes, which base64 writes as 32 letters of their own where
# they begin at a third byte of a line. So a card is encoded once, and only the letters of the token differ from reader to reader.
TOKEN = 22
SLOT = "/" + "\x04" * TOKEN + "/"
_LETTERS = 32


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail as words: subject without line breaks; both parts in base64 lines that end in CRLF, UTF-8, CRLF within too."""

    subject: str
    html_lines: bytes = field(repr=False)
    text_lines: bytes = field(repr=False)

    @classmethod
    def of(cls, subject: str, html: str, text: str) -> Rendered:
        """From whole parts, whatever their line ends; a lone surrogate becomes "?"."""
        return cls(subject, encoded(html), encoded(text))

    @property
    def html(self) -> str:
        """The whole HTML document, with LF line ends."""
        return _decoded(self.html_lines)

    @property
    def text(self) -> str:
        """The plain text, with LF line ends."""
        return _decoded(self.text_lines)


def wire_size(text: str) -> int:
    """The bytes that ``text`` takes in a mail before base64: UTF-8, with CRLF line ends."""
    return len(text.encode("utf-8", "replace")) + text.count("\n")


def encoded(text: str) -> bytes:
    """``text`` in base64 lines; nothing can be joined on, as its last line may be short."""
    return _lines(_wired(text))


def encoded_whole(text: str) -> tuple[bytes, int]:
    """``text`` in whole base64 lines, which more can be joined on, and its bytes before that.

    Spaces fill the last line: ``text`` must end where they change nothing.
    """
    data = _wired(text)
    data += b" " * (-len(data) % LINE_BYTES)
    return _lines(data), len(data)


def encoded_around(text: str) -> tuple[tuple[bytes, ...], int]:
    """``text`` in whole base64 lines, cut where the token stands in each `SLOT`, and its bytes before that.

    `encoded_token` joins the pieces. Each slot stands in a link, whose tag takes the spaces that bring it to its place.
    """
    *before, rest = text.split(SLOT)
    data, places = b"", []
    for part in before:
        tag, href, url = part.rpartition(" href=")
        start = len(data) + len(_wired(part))
        spaces = next(count for count in range(LINE_BYTES) if _fits(start + count))
        data += _wired(tag + " " * spaces + href + url)
        places.append(len(data))
        data += _wired(SLOT)
    data += _wired(rest)
    data += b" " * (-len(data) % LINE_BYTES)
    lines, pieces, cut = _lines(data), [], 0
    for place in places:
        # A line is followed by CRLF.
        letter = place // LINE_BYTES * (LINE + 2) + place % LINE_BYTES // 3 * 4
        pieces.append(lines[cut:letter])
        cut = letter + _LETTERS
    return (*pieces, lines[cut:]), len(data)


def _fits(place: int) -> bool:
    """Whether a slot that begins at this byte has letters of its own, all in one line."""
    return place % 3 == 0 and place % LINE_BYTES <= LINE_BYTES - len(SLOT)


def encoded_token(token: str) -> bytes:
    """The letters of ``token`` (22 characters, or "" where no piece has a slot) that join what `encoded_around` gives."""
    return binascii.b2a_base64(f"/{token}/".encode("ascii"), newline=False) if token else b""


def _wired(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Text parts have CRLF also inside the encoding: https://www.rfc-editor.org/rfc/rfc2045#section-6.8.
    return text.replace("\n", "\r\n").encode("utf-8", "replace")


def _lines(data: bytes) -> bytes:
    flat = binascii.b2a_base64(data, newline=False)
    return b"\r\n".join([flat[start : start + LINE] for start in range(0, len(flat), LINE)]) + (b"\r\n" if flat else b"")


def _decoded(lines: bytes) -> str:
    return binascii.a2b_base64(lines).decode("utf-8").replace("\r\n", "\n")
