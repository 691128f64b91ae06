"""Which characters of outside text may stand in a mail, on a page, in a feed or in a list. It takes away and never escapes."""

from __future__ import annotations

import re
import unicodedata

# What no text is allowed to hold: C0 and C1 controls but tab and line breaks, lone surrogates (they cannot be encoded), specials
# and noncharacters; with the marks below all that XML takes not even escaped (https://www.w3.org/TR/xml/#charsets).
CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb\ufffe\uffff"
# What turns the direction of the text that follows (UAX #9), and the single marks of direction, which reach no further.
# Joiners (U+200C, U+200D) are none of these and stay: names, Persian and emoji need them.
DIRECTION = "\u202a-\u202e\u2066-\u2069"
DIRECTION_MARKS = "\u061c\u200e\u200f"
LINE_ENDS = "\t\n\x0b\x0c\r\x85\u2028\u2029"

_UNPRINTABLE = re.compile(f"[{CONTROLS}{DIRECTION}]")
# A date that is set apart keeps its marks: they end where they began, within one text. Begun by one sign of a class, which is
# nine times as fast to find as two ways to begin.
_APART = re.compile(f'[{CONTROLS}{DIRECTION}](?:(?<=\u2068)[^<>"{CONTROLS}{DIRECTION}]*\u2069)?')
_UNWANTED = re.compile(f"[{CONTROLS}{DIRECTION}{DIRECTION_MARKS}\ufeff]")
# Letters that most fonts draw as Latin ones, after `casefold`, https://www.unicode.org/reports/tr39/#Confusable_Detection.
_DRAWN_AS = {
    **{"а": "a", "в": "b", "г": "r", "е": "e", "ё": "e", "з": "3", "і": "i", "ї": "i", "к": "k", "м": "m", "н": "h", "о": "o"},
    **{"п": "n", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ь": "b", "ѕ": "s", "ј": "j", "һ": "h", "ԁ": "d", "ԛ": "q"},
    **{"ԝ": "w", "ӏ": "i", "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o"},
    **{"ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ϲ": "c", "ϳ": "j", "օ": "o", "ѵ": "v", "ɑ": "a", "ɡ": "g"},
    **{"0": "o", "1": "i", "l": "i", "|": "i", "ı": "i", "ł": "i", "5": "s"},
}
_LOOKS = str.maketrans(_DRAWN_AS)
_BREAKS = re.compile(f"[{LINE_ENDS}]+")
_SPACES = re.compile(" {2,}")


def printable(text: str) -> str:
    """``text`` without controls and without marks of direction that reach beyond it; mostly ``text`` itself."""
    # Most texts hold none, and the shorter pattern is five times as fast.
    return _APART.sub(lambda found: found[0] if len(found[0]) > 1 else "", text) if _UNPRINTABLE.search(text) else text


def one_line(text: str, most: int) -> str:
    """``text`` as one line of at most ``most`` characters, an ellipsis where it was longer; "" stays "".

    Controls, marks of direction and lone surrogates are gone, line breaks and tabs are spaces, runs of spaces one.
    """
    cleaned = _SPACES.sub(" ", _UNWANTED.sub("", _BREAKS.sub(" ", text[: most * 4 + 64]))).strip()
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def looks(name: str) -> str:
    """What two names share that a reader cannot tell apart: case, width, marks, signs that are not seen, letters drawn alike."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(one for one in plain if unicodedata.category(one) not in ("Cf", "Mn", "Zs"))
    return seen.translate(_LOOKS).replace("rn", "m").replace("vv", "w")
