"""What shows without reading a translation: its script, its length, its end, and how much of it is still English. Pure.

The bands are wide: they are there to catch a wrong language, a cut text or an answer about something else.
"""

from __future__ import annotations

import re
from collections import Counter

from newsletter.languages import Language
from newsletter.text.scripts import ARABIC, CYRILLIC, DEVANAGARI, HAN, HANGUL, HEBREW, KANA, LATIN
from newsletter.text.sentences import sentences
from newsletter.translation.gate.english import JARGON

_SCRIPTS = {
    "zh": HAN,
    "ja": HAN + KANA,
    "ko": HANGUL,
    "ru": CYRILLIC,
    "uk": CYRILLIC,
    "hi": DEVANAGARI,
    "ar": ARABIC,
    "fa": ARABIC,
    "he": HEBREW,
}
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile(rf"[{LATIN}]+")
_ENGLISH_WORD = re.compile(r"[A-Za-z]{2,}")

# Least share of the language's own script: a Han or Kana character counts one, and so does a word of an alphabet.
LEAST_SCRIPT = 0.5
# Chinese has no kana; Japanese always has in a sentence, and in a title of some length.
MOST_KANA, LEAST_KANA, KANA_FROM = 0.1, 0.05, 20
# (least, most) characters for one of the source. Chinese takes about 0.3 of the English text, Japanese 0.45, German 1.15.
_BANDS = {"zh": (0.12, 1.0), "ja": (0.15, 1.3), "ko": (0.2, 1.5), "ar": (0.3, 2.2), "fa": (0.3, 2.2), "he": (0.3, 2.2)}
_BAND = (0.45, 2.6)
# Texts shorter than this say nothing by their length.
LENGTH_FROM = 40
MOST_SOURCE_WORDS, SOURCE_WORDS_FROM = 0.65, 5
# Usual lengths of a translation, as shares of the English one, a little below the medians of tests/translation/good_pairs.txt.
_USUAL = {"zh": 0.4, "ja": 0.57, "ko": 0.55, "ar": 0.85, "fa": 0.85, "he": 0.8, "hi": 0.95}
# (share of the sentences that are left, share of the usual length): a translator joins sentences, but does not make them shorter
# by that. A text that has fewer than the first, and is shorter than the second, has lost what the others say.
_LOST = ((0.67, 0.72), (0.6, 0.85))
CUT_FROM = 100
# A single sentence, as a title is, has no other to be made up for: so many times its usual length at most.
_MOST_ALONE, _SHORTEST = 1.9, 0.1
_CLOSED = re.compile(r"""[.!?…。！？｡؟।:;：；)\]}"'”’»」』）]\s*\Z""")
# Only what ends like a sentence must end so in the translation: the last word of a title often moves to its front.
_ENDED = re.compile(r"""[.!?…:;][)\]}"'”’»]*\s*\Z""")
_TRAILS_OFF = re.compile(r"""(?:…|\.{3})[)\]"'”’»」』）]*\s*\Z""")
_PART_AT_END = re.compile(r"[\ue000-\uf8ff]\s*\Z")


def usual_ratio(language: Language) -> float:
    """The usual length of a translation as a share of the English one, in characters without spaces."""
    return _USUAL.get(language.code.split("-")[0], 1.05)


def script_fits(source: str, result: str, language: Language) -> bool:
    """True where most of ``result`` is in the script of ``language``; also where ``source`` has no words to translate."""
    if not _LETTER.search(source):
        return True
    main = language.code.split("-")[0]
    own = _SCRIPTS.get(main, LATIN)
    ours = len(re.findall(rf"[{own}]" if main in ("zh", "ja") else rf"[{own}]+", result))
    latin = 0 if own == LATIN else len(_LATIN_WORD.findall(result))
    foreign = len(re.findall(rf"(?![{own}{LATIN}])[^\W\d_]", result))
    if ours < LEAST_SCRIPT * (ours + latin + foreign):
        return False
    kana, letters = len(re.findall(f"[{KANA}]", result)), max(1, len(_LETTER.findall(result)))
    if main == "zh":
        return kana <= MOST_KANA * letters
    sentence = "。" in result
    return main != "ja" or (letters < KANA_FROM and not sentence) or kana >= LEAST_KANA * letters


def length_fits(source: str, result: str, language: Language, usual: float) -> bool:
    """True where ``result`` is neither much shorter nor much longer than ``source``, both without protected parts.

    ``usual`` is the usual length as a share of the source's.
    """
    before, after = len("".join(source.split())), len("".join(result.split()))
    least, most = _BANDS.get(language.code.split("-")[0], _BAND)
    if before < LENGTH_FROM:
        return _SHORTEST * before <= after <= max(60, 4 * before)
    if len(sentences(source)) == 1:
        most = min(most, _MOST_ALONE * usual)
    return least * before <= after <= most * before


def mostly_source_words(source: str, result: str) -> bool:
    """True where ``result`` is still English: most words of ``source`` stand in it as they were; jargon does not count."""
    before, after = (
        Counter(folded for word in _ENGLISH_WORD.findall(text) if (folded := word.lower()) not in JARGON)
        for text in (source, result)
    )
    total = before.total()
    return total >= SOURCE_WORDS_FROM and (before & after).total() > MOST_SOURCE_WORDS * total


def _ends_well(result: str, last: str) -> bool:
    """True where ``result`` ends like a sentence, or with a part of the ``last`` one of its source."""
    part = _PART_AT_END.search(result)
    return bool(_CLOSED.search(result)) or (part is not None and part.group().strip() in last)


def complete(source: str, result: str, language: Language) -> bool:
    """True where ``result`` goes to the end of ``source``: it ends like a sentence, and has not far fewer sentences and words.

    Both have marks for their protected parts; one of the last sentence may end the result. Short texts are taken as complete
    where they do not trail off.
    """
    if _TRAILS_OFF.search(result) and not _TRAILS_OFF.search(source):
        return False
    if len(source) < CUT_FROM:
        return True
    told = sentences(source)
    if _ENDED.search(source) and not _ends_well(result, told[-1]):
        return False
    if len(told) < 3:
        return True
    left = len(sentences(result)) / len(told)
    usual = usual_ratio(language) * len("".join(source.split()))
    length = len("".join(result.split()))
    return not any(left <= share and length < least * usual for share, least in _LOST)
