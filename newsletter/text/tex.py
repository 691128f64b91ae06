"""From arXiv's ASCII with TeX accents to plain Unicode. Formulas (``$...$``) stay as they are; nothing is escaped here.

Only accents, letters and emphasis are handed to pylatexenc, piece by piece: metadata is not TeX source, and a whole abstract read
as TeX loses everything after its first percent sign.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from newsletter.text.characters import CONTROLS, DIRECTION, DIRECTION_MARKS

_UNWANTED = re.compile(f"[{CONTROLS}{DIRECTION}{DIRECTION_MARKS}\u200b\u2060\ufeff]")
_SPACE = re.compile(r"[\s\x85\u2028\u2029]+")
_MATH = re.compile(
    # A bracket that is not closed before the next one is none: each would be looked for to the end of the text.
    r"(?<!\\)\$\$.+?(?<!\\)\$\$|(?<!\\)\$(?:\\.|[^$\\])+\$|(?<!\\)\\\((?:(?!\\\().)+?\\\)|(?<!\\)\\\[(?:(?!\\\[).)+?\\\]",
)
_LETTER = r"(?:\\[ij](?![A-Za-z])|[A-Za-z])"
_ACCENT = (
    rf"\\['`^\"~=.](?:\{{\s*{_LETTER}\s*\}}|{_LETTER})"
    rf"|\\[uvHcdbkr]\s*\{{\s*{_LETTER}{{1,2}}\s*\}}"
    rf"|\\[uvHcdbkr]\s+{_LETTER}"
)
_NAMED = r"\\(?:ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j|th|TH|dh|DH|dj|DJ|ng|NG)(?![A-Za-z])(?:\{\}|\s+(?=[a-z]))?"
_PIECE = re.compile(rf"\{{\s*({_ACCENT}|{_NAMED})\s*\}}|{_ACCENT}|{_NAMED}")
_STYLE = re.compile(r"\\(?:emph|textbf|textit|texttt|textsc|textsf|textrm|textsl|underline|url)\s*\{([^{}$\\]*)\}")
_ESCAPED = re.compile(r"(?<!\\)\\([%&#_])")


def clean(text: str) -> str:
    """``text`` as one line of Unicode: TeX accents resolved outside of formulas, spaces folded, controls out; "" stays "".

    What is no known accent, letter or emphasis stays as it was written.
    """
    folded = _SPACE.sub(" ", _UNWANTED.sub("", _SPACE.sub(" ", text))).strip()
    if "\\" not in folded:
        return unicodedata.normalize("NFC", folded)
    pieces: list[str] = []
    end = 0
    for formula in _MATH.finditer(folded):
        pieces += (_plain(folded[end : formula.start()]), formula.group())
        end = formula.end()
    pieces.append(_plain(folded[end:]))
    return _SPACE.sub(" ", "".join(pieces)).strip()


def _plain(text: str) -> str:
    text = _PIECE.sub(lambda found: _resolve(found[1] or found[0]), text)
    text = _ESCAPED.sub(r"\1", text)
    for _ in range(2):  # one inside another, as \textbf{\emph{...}}, is as deep as it gets
        text = _STYLE.sub(lambda found: found[1], text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def _resolve(piece: str) -> str:
    """One accent or letter in Unicode; as it was where pylatexenc makes nothing of it."""
    from pylatexenc.latex2text import LatexNodes2Text

    found = LatexNodes2Text().latex_to_text(piece.strip()).strip()
    return unicodedata.normalize("NFC", found) if found else piece
