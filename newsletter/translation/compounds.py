"""Plain English words that a hyphen joins to names, as in "LLM-Based", "Human-AI", "spin-1/2": only the name is kept.

In titles such words have capitals, as parts of names have; so only words that are known to be plain are taken for such. Pure but
for its file.
"""

from __future__ import annotations

import re
from pathlib import Path

_LINES = Path(__file__).with_name("compounds.txt").read_text(encoding="utf-8").splitlines()
_PLAIN = frozenset(word for line in _LINES if not line.startswith("#") for word in line.split())
_ENDING = re.compile(
    r"[a-z]{3,}(?:ated|ized|ised|ased|ened|rolled|iven|uced|ained|aware|ented|ected|ificial|ependent|ensive|ective|less|able|ible)\Z"
)


def is_plain_word(word: str) -> bool:
    """True for a word that is translated where it hangs on a name."""
    folded = word.lower()
    return folded in _PLAIN or bool(_ENDING.match(folded))
