"""Which characters of outside text may stand in a mail. It takes away and never escapes: templates do."""

from __future__ import annotations

import re

# C0 and C1 controls, line and paragraph separators, the controls that turn the direction of text (UAX #9), the invisible
# separators that nothing here needs, lone surrogates (they cannot be encoded) and noncharacters. Joiners (U+200C, U+200D) stay:
# Persian and emoji need them. Tab and the line breaks are turned to spaces before.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff{_BIDI}]")
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_SPACES = re.compile(" {2,}")


def one_line(text: str, most: int) -> str:
    """``text`` as one line of at most ``most`` characters, an ellipsis where it was longer; "" stays "".

    Controls, bidi controls, line separators and lone surrogates are gone, line breaks and tabs are spaces, runs of spaces one.
    """
    cleaned = _SPACES.sub(" ", _UNWANTED.sub("", _BREAKS.sub(" ", text[: most * 4 + 64]))).strip()
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"
