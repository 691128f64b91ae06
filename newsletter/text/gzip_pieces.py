"""Gzip of a text that is mostly known beforehand: its pieces are compressed once, and what stands between them is put in. Pure.

What is put in is stored as it is: a secret never stands in one compressed stretch with words of anybody, so that the length of
the whole tells nothing of it (https://breachattack.com).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

LEVEL = 9
# The head of a file without name or time, https://www.rfc-editor.org/rfc/rfc1952#section-2.3; and an empty last block.
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST = b"\x03\x00"
# A stored block holds no more, https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4.
_MOST = 65535


def compressed(piece: bytes) -> bytes:
    """Blocks of deflate for ``piece`` that end at a whole byte and refer to nothing before them: others may follow."""
    compressor = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    return compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)


def joined(pieces: Sequence[bytes], ready: Sequence[bytes], between: bytes) -> bytes:
    """The gzip file of ``pieces`` with ``between`` after each but the last; ``ready`` are the same, each ``compressed``."""
    if len(between) > _MOST:
        raise ValueError(f"no more than {_MOST} bytes can be put in at once")
    size = len(between)
    stored = b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + between
    whole = between.join(pieces)
    end = zlib.crc32(whole).to_bytes(4, "little") + (len(whole) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEAD + stored.join(ready) + _LAST + end
