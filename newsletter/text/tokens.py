"""How text is read for matching: tokens, and the spellings under which a phrase is found. Knows no topics.

Signs that belong to a name are tokens of their own, so that C++, C#, GPT-4+, R&D and .NET are found as they are, and C and GPT-4
still are. Hyphen, space and joined are one spelling, because neighbouring tokens are compared glued together:
"Gaussian-Splatting", "Gaussian Splatting" and "GaussianSplatting" all give ``gaussiansplatting``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SIGN = r"(?<=[^\W_])(?:\+\+|[+#](?![\w+]))|(?<=[^\W_])[&@](?=[^\W_])|(?<![\w.)\]])\.(?=[A-Z][A-Za-z])|(?<=[^\W_])/(?=[^\W_])"
_PIECE = re.compile(rf"[^\W_]+|{_SIGN}|[.,;:!?()\[\]{{}}\"“”|/](?!\w)|[(\[{{/\"“]", re.UNICODE)
_STOP = "\n"
_SIGNS = frozenset(("++", "+", "#", "&", "@", ".", "/"))
_IS_SIGN = re.compile(_SIGN)
# "large language model (LLM) agents" speaks of LLM agents: the bracket after a single abbreviation is no stop.
_ABBREVIATION = re.compile(r"\(([A-Z]\w{1,9})\)")
_SHORTEST_PLURAL = 4
# What makes a letter a part of something else: R-CNN, R&D, C++, A*, I/O, R.E.M., $R$, R_0, R(t), R = 0.9. One that
# mathematics has a character of its own for (ℝ) is marked by a low line before it is made plain.
_JOINED_BEFORE = re.compile(r"(?:[-‐‑‒–−&@_^\\{$]|[^\W_]\.|(?<![^\W_])[^\W_]/|[=<>≤≥≈∈∼~]\s*)\Z")
_JOINED_AFTER = re.compile(r"[-‐‑‒–−&@_^*}$#+]|\.[^\W_]|/[^\W_](?![\w+#])|\s*[=<>≤≥≈∈∼~]|\(")
_MATHEMATICAL = re.compile(
    r"(?<![\u2100-\u214f\U0001d400-\U0001d7ff])([\u2100-\u214f\U0001d400-\U0001d7ff])(?![\u2100-\u214f\U0001d400-\U0001d7ff])"
)


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of ``text``, case kept; empty for a text without letters and digits."""
    return tuple(piece for piece in _pieces(text) if piece[0].isalnum())


def has_sign(phrase: str) -> bool:
    """Whether a sign belongs to a name in ``phrase``, as in C++ or R&D."""
    return _IS_SIGN.search(phrase) is not None


def glued(phrase: str) -> str:
    """The words of ``phrase`` joined, with the signs that belong to names, case kept: "VGGT-SLAM++" is ``VGGTSLAM++``."""
    return "".join(piece for piece in _pieces(phrase) if piece != _STOP)


def _pieces(text: str) -> list[str]:
    """Tokens, with a stop where a phrase cannot run on: punctuation before a space, brackets.

    A slash between two words is a token that only a phrase with one runs over.
    """
    return [_token(found) for found in _PIECE.finditer(_plain(text))]


def _plain(text: str) -> str:
    return _ABBREVIATION.sub(r"(\1 ", unicodedata.normalize("NFKC", _MATHEMATICAL.sub(r"\1_", text)))


def _token(found: re.Match[str]) -> str:
    piece = found.group()
    if piece[0].isalnum():
        return piece
    return piece if piece in _SIGNS and _IS_SIGN.match(found.string, found.start()) else _STOP


def is_acronym(phrase: str) -> bool:
    """True for a phrase such as RAG, 3DGS, V-SLAM or VLMs, and for the name R, which count in capitals only."""
    letters = [character for character in phrase if character.isalpha()]
    if len(letters) == 1 and phrase.strip().isalpha():
        return letters[0].isupper()
    if phrase.endswith("s"):
        letters.pop()
    return len(letters) > 1 and all(character.isupper() for character in letters)


def spellings(phrase: str) -> frozenset[str]:
    """The glued spellings under which ``phrase`` is found: singular and plural; lower case unless it is an acronym."""
    joined = glued(phrase)
    if "/" in joined:  # "3D/4D" is also found as "3D-4D"
        return _spellings(joined, phrase) | _spellings(joined.replace("/", ""), phrase)
    return _spellings(joined, phrase)


def _spellings(glued: str, phrase: str) -> frozenset[str]:
    if glued[-1:] in ("+", "#"):
        return frozenset({glued if is_acronym(phrase) else fold(glued)})
    if is_acronym(phrase):
        return frozenset({glued.removesuffix("s"), glued.removesuffix("s") + "s"})
    glued = fold(glued)
    forms = {glued, glued + "s"}
    if glued.endswith(("s", "x", "z", "ch", "sh")):
        forms.add(glued + "es")
    if glued.endswith("y"):
        forms.add(glued[:-1] + "ies")
    if glued.endswith("ies"):
        forms.add(glued[:-3] + "y")
    return frozenset({*forms, singular(glued)})


def singular(word: str) -> str:
    """An English word without the s of its plural; "gas", "bus", "glass" and "analysis" are none."""
    plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def fold(text: str) -> str:
    """Lower case for comparing, one character for one, so that places in the text stay the same."""
    low = text.lower().replace("ς", "σ")
    if len(low) == len(text):
        return low
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


@dataclass(frozen=True, slots=True)
class Text:
    """A text glued for look-ups: token ``i`` starts at ``starts[i]``; ``folded`` and ``raw`` have the same length.

    ``alone`` are the tokens of one letter that are no part of something else: R, and not that of R-CNN.
    """

    raw: str
    folded: str
    starts: tuple[int, ...]
    alone: frozenset[int] = frozenset()


def read(text: str) -> Text:
    """``text`` ready for look-ups; an empty text has no runs."""
    plain = _plain(text)
    found = list(_PIECE.finditer(plain))
    pieces = [_token(one) for one in found]
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    raw = "".join(pieces)
    letters = (place for place, piece in enumerate(pieces) if len(piece) == 1 and piece.isalpha())
    alone = frozenset(place for place in letters if _stands_alone(plain, found[place]))
    return Text(raw, fold(raw), tuple(starts), alone)


def letters_alone(text: str) -> frozenset[str]:
    """The single letters that are a word of ``text`` and no part of something else."""
    found = read(text)
    return frozenset(found.raw[found.starts[place]] for place in found.alone)


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 4) : found.start()]
    return _JOINED_BEFORE.search(before) is None and _JOINED_AFTER.match(text, found.end()) is None
