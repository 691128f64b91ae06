"""Whether a translation holds words of the engine: an apology, an offer, a preface that nothing could cut clean. Pure.

The English text is the measure: who says "I" or "you" there, asks or translates, may do so in the translation.
"""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.text.sentences import sentences
from newsletter.translation.gate.measures import usual_ratio
from newsletter.translation.gate.titles import is_title
from newsletter.translation.voice import Voice, voice

_GUARDS = {
    "translate": re.compile(r"transl|interpreter|interpreting|multilingual|bilingual|lingual|language pair", re.I),
    "sorry": re.compile(r"sorry|apolog|unfortunate|regret|forgiv|excus|pity|remorse|politeness|refus", re.I),
    "me": re.compile(r"\b(?:I|my|me|mine|myself|self|selves|ego)\b|first[- ]person"),
    "you": re.compile(r"\b(?:you|your|yours|yourself|thou|please|second[- ]person)\b", re.I),
    "fails": re.compile(
        r"\b(?:fail|retry|retri|try|tries|trial|attempt|again|repeat|repetit|later|please|provid|send|sent|submit|deliver|post|enter|input|insert"
        r"|paste|empty|incomplete|missing|unavailab|unable|cannot|can|could|may|might|you|impossib|hard|difficult|process|vacan|void|blank|hollow|unoccup|seek|aim|striv|effort|endeavo|underst|comprehen|grasp)",
        re.I,
    ),
    "service": re.compile(
        r"polic|guideline|violat|infring|breach|contraven|terms|rules?\b|quota|credit|allowance|exhaust|support|availab|offline|outage"
        r"|servic|server|wait|pending|progress|process|ongoing|continu|context|complet|partial|usage|languag|limit|prohibit|forbid|reach"
        r"|missing|absen|lack",
        re.I,
    ),
}
# A label in brackets at the beginning or the end.
_LABELLED = re.compile(r"\A\s*[\[【［〔〖]|[\[【［〔〖][^\W\d_]{2,20}[\]】］〕〗]\s*\Z")
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
_BAR, _EITHER = re.compile(r"\s[/|／｜]\s"), re.compile(r"\b(?:n?or|either|whether|versus|vs|alternativ\w*)\b|/", re.I)
# What each language calls itself, and by what of the English text a translation may name it.
_OWN_NAMES = {
    code: (re.compile(own, re.I), re.compile(english, re.I))
    for code, own, english in [
        ("zh", "中文|汉语|漢語|华语|華語", "chin|mandarin|sino|han|cantonese|taiwan"),
        ("ja", "日本語", "japan"),
        ("ko", "한국어", "korea"),
        ("de", r"\bdeutsch", "german|deutsch|dach"),
        ("fr", r"\bfrançais", "french|franc|gaul"),
        ("es", r"\bespañol", "spa(?:in|ni)|hispan|castil|iberi"),
        ("pt", r"\bportugu", "portug|lusophon|brazil"),
        ("it", r"\bitaliano\b|\bin italiano", "ital"),
        ("nl", r"\bnederlands", "dutch|netherland|holland"),
        ("pl", r"\bpo polsku|\bpolski", "pol"),
        ("ru", r"\bрусск", "russ"),
        ("uk", r"\bукраїнськ", "ukrain"),
        ("tr", r"\btürkçe", "turk|turc"),
        ("vi", "tiếng việt", "viet"),
        ("id", "bahasa indonesia", "indones|bahasa"),
        ("hi", "हिंदी|हिन्दी", "hindi|hindu|india"),
        ("cs", r"\bčeštin|\bčesk[yéáo]", "czech|bohem"),
        ("sv", r"\bsvensk", "swed"),
        ("ar", "باللغة العربية|بالعربية", "arab"),
        ("he", "עברית", "hebrew|israel"),
        ("fa", "فارسی", "persia|farsi|iran|dari"),
    ]
}
# A sentence in brackets at the end.
_NOTE_BEHIND = re.compile(r"[(（\[【][^()（）\[\]【】]{8,}[.。।!！؟?？]\s?[)）\]】]\s*\Z")
# So long a title, in characters, and so many times as long as usual: two of them.
CHOICE_FROM, MUCH_MORE = 20, 1.35


def added_words(source: str, result: str, language: Language) -> bool:
    """True where ``result`` speaks as the engine does; both are without their protected parts."""
    said = voice(language)
    return (
        _speaks_of_itself(source, result, said)
        or _exclaims(source, result)
        or _is_labelled(source, result)
        or _names_its_language(source, result, language)
        or bool(_NOTE_BEHIND.search(result) and not re.search(r"[)\]]\W*\Z", source))
        or _is_announced(source, result)
        or _has_more_than_a_title(source, result)
        or _gives_a_choice(source, result, said, usual_ratio(language))
    )


def _speaks_of_itself(source: str, result: str, said: Voice) -> bool:
    """True where ``result`` translates, regrets, speaks of itself or its service, or to somebody, and ``source`` does not."""
    kinds = {
        "translate": said.translate,
        "sorry": said.sorry,
        "me": said.me,
        "you": said.you,
        "fails": said.fails,
        "service": said.service,
    }
    return any(pattern.search(result) and not _GUARDS[kind].search(source) for kind, pattern in kinds.items())


def _is_labelled(source: str, result: str) -> bool:
    """True where ``result`` begins or ends with a label in brackets, and ``source`` has no brackets near its beginning or end."""
    return bool(_LABELLED.search(result)) and not re.search(r"[\[(]", source[:80] + source[-80:])


def _names_its_language(source: str, result: str, language: Language) -> bool:
    """True where ``result`` names the language that it is in, of which ``source`` says nothing."""
    own, english = _OWN_NAMES[language.code.split("-")[0]]
    return bool(own.search(result)) and not english.search(source) and not _GUARDS["translate"].search(source)


def _exclaims(source: str, result: str) -> bool:
    """True where ``result`` calls or asks and ``source`` does neither."""
    calls = re.search(r"[!！]", result) and "!" not in source
    return bool(calls or (re.search(r"[?？؟]", result) and not _ASKS.search(source)))


def _gives_a_choice(source: str, result: str, said: Voice, usual: float) -> bool:
    """True where two titles stand for one, with a bar or "or" between them that the source lacks."""
    before, after = (len("".join(text.split())) for text in (source, result))
    if not is_title(source) or before < CHOICE_FROM or after < MUCH_MORE * usual * before:
        return False
    return bool((_BAR.search(result) and "/" not in source) or (said.either.search(result) and not _EITHER.search(source)))


def _is_announced(source: str, result: str) -> bool:
    """True where something and a colon stand before a translation whose source begins without one."""
    told, first = sentences(source)[:1], sentences(result)[:1]
    if not told or not first or _LISTS.search(told[0]):
        return False
    colon = _COLON.search(first[0], 0, PREFACE)
    return colon is not None and not (colon.start() > PREFACE_SHARE * len(result) > PREFACE_SHARE * PREFACE)


def _has_more_than_a_title(source: str, result: str) -> bool:
    """True where more than one sentence stands for a title, which ends without a full stop."""
    return is_title(source) and len(sentences(result)) > 1 + len(re.findall(r"[.?!]\s", source))
