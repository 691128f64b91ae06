"""Words of English that no other language has, and words of the fields that many languages keep. Pure but for its two files.

``ENGLISH`` holds no word that is spelt so in another offered language: such a word tells nothing.
"""

from __future__ import annotations

import re
from pathlib import Path


def _words(name: str) -> frozenset[str]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


ENGLISH, JARGON, KEPT = _words("english.txt"), _words("jargon.txt"), _words("kept.txt")
# Words that abstracts write small, in their order of frequency: in a title with capitals, these are no names.
COMMON = _words("common.txt") - KEPT
_SHARED = _words("shared.txt")
# Endings that words of Latin have in several languages.
_SHARED_ENDING = re.compile(
    r"(?:al|ar|or|er|ent|ant|ble|ion|ure|age|ance|ence|ive|ine|ile|ose|ate|ite|ete|ic|ist|ism|um|us|is|a|o|i|ment|il|el|et|it|if|ue|ie|in)s?\Z"
)
# Words of English alone, as far as abstracts hold them.
ONLY_ENGLISH = frozenset(word for word in COMMON - JARGON - _SHARED if len(word) > 3 and not _SHARED_ENDING.search(word))
# Words of ``ENGLISH`` that one language has too.
OWN = {
    "pt": frozenset({"for"}),
    "nl": frozenset({"of"}),
    "pl": frozenset({"by"}),
    "cs": frozenset({"by"}),
    "sv": frozenset({"under"}),
}
# Endings that only English words have; in the other languages such a word can only be one of the source.
ENGLISH_ENDING = re.compile(
    r"(?:...ing|..ings|..[^aeiou]ly|..[aeiou]lly|...ness|...ship|...ful|...less|..wards?|..wise|..ght|...[bcdghkmnprsvwz]ed|..ted"
    r"|...[rtv]ies|...ments|...[ts]ions|...[wdg]th)\Z"
)
