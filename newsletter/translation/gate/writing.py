"""Tells Simplified from Traditional Chinese by each character: two national sets of characters say which way has it. Pure."""

from __future__ import annotations

from functools import cache

# The characters of level 1 and 2 stand in these rows of GB 2312 and Big5 (the codecs of Python hold both tables).
_GB_ROWS, _BIG5_ROWS = (0xB0, 0xF8), (0xA4, 0xFA)
WRITINGS = ("zh-CN", "zh-TW")
# In use with both, though one of the sets lacks them: chemistry, units, and forms that Taiwan writes too.
_BOTH = frozenset("裡裏着粧群峰床污吃啟启线綫麽么砦锕喆堃囧犇镕瞭乾於")
# A text of this many characters that only the right way has may hold a stray one, as in a quotation or a name.
FORGIVEN_FROM = 12


@cache
def _only() -> tuple[frozenset[str], frozenset[str]]:
    """The characters that only Simplified and only Traditional Chinese has."""
    simplified, traditional = _characters("gb2312", _GB_ROWS), _characters("big5", _BIG5_ROWS)
    return simplified - traditional - _BOTH, traditional - simplified - _BOTH


def _characters(codec: str, rows: tuple[int, int]) -> frozenset[str]:
    pairs = b"".join(bytes((row, cell)) for row in range(*rows) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    found: set[str] = set()
    for at in range(0, len(pairs), 2):
        found.update(pairs[at : at + 2].decode(codec, "ignore"))
    return frozenset(character for character in found if "\u4e00" <= character <= "\u9fff")


def other_writing(text: str, code: str) -> bool:
    """True where ``text`` holds characters of the way to write Chinese that ``code`` (zh-CN or zh-TW) is not."""
    simplified, traditional = _only()
    own, other = (simplified, traditional) if code == "zh-CN" else (traditional, simplified)
    strange = sum(character in other for character in text)
    return strange > 0 and (strange > 1 or sum(character in own for character in text) < FORGIVEN_FROM)
