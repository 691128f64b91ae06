"""Whether a translation holds words of the engine: an apology, an offer, a preface that nothing could cut clean. Pure.

The English text is the measure: who says "I" or "you" there, asks or translates, may do so in the translation.
"""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.text.sentences import sentences
from newsletter.translation.gate.titles import is_title
from newsletter.translation.voice import voice

_GUARDS = {
    "translate": re.compile(r"transl|interpreter|interpreting|multilingual|bilingual|lingual|language pair", re.I),
    "sorry": re.compile(r"sorry|apolog|unfortunate|regret|forgiv|excus|pity|remorse|politeness|refus", re.I),
    "me": re.compile(r"\b(?:I|my|me|mine|myself|self|selves|ego)\b|first[- ]person"),
    "you": re.compile(r"\b(?:you|your|yours|yourself|thou|please|second[- ]person)\b", re.I),
    "fails": re.compile(
        r"\b(?:fail|retry|retri|try|tries|trial|attempt|again|repeat|repetit|later|please|provid|send|sent|submit|deliver|post|enter|input|insert"
        r"|paste|empty|incomplete|missing|unavailab|unable|cannot|can|could|may|might|you|impossib|hard|difficult|process|seek|aim|striv|effort|endeavo)",
        re.I,
    ),
}
_ASKS = re.compile(
    r"\?|\b(?:whether|ask\w*|question\w*|why|what|which|how|who|if|quer\w+|wonder\w*|unclear|unknown|open)\b", re.I
)
# What a translator may write as a colon.
_LISTS = re.compile(
    r"[:;—–]|\s-+\s|--|\?|\b(?:namely|i\.?e|e\.?g|such as|viz|called|following|say|says|as follows|including|that is)\b", re.I
)
_COLON = re.compile(r"[:：](?!//)")
# A preface is short: as a share of the source and in characters.
PREFACE_SHARE, PREFACE = 0.5, 90


def added_words(source: str, result: str, language: Language) -> bool:
    """True where ``result`` speaks as the engine does; both are without their protected parts."""
    said = voice(language)
    kinds = {"translate": said.translate, "sorry": said.sorry, "me": said.me, "you": said.you, "fails": said.fails}
    if any(pattern.search(result) and not _GUARDS[kind].search(source) for kind, pattern in kinds.items()):
        return True
    if re.search(r"[!！]", result) and "!" not in source:
        return True
    if re.search(r"[?？؟]", result) and not _ASKS.search(source):
        return True
    return _is_announced(source, result) or _has_more_than_a_title(source, result)


def _is_announced(source: str, result: str) -> bool:
    """True where something and a colon stand before a translation whose source begins without one."""
    told, first = sentences(source)[:1], sentences(result)[:1]
    if not told or not first or _LISTS.search(told[0]):
        return False
    colon = _COLON.search(first[0], 0, PREFACE)
    return colon is not None and not (colon.start() > PREFACE_SHARE * len(result) > PREFACE_SHARE * PREFACE)


def _has_more_than_a_title(source: str, result: str) -> bool:
    """True where more than one sentence stands for a title, which ends without a full stop."""
    return is_title(source) and len(sentences(result)) > 1 + len(re.findall(r"\.\s", source))
