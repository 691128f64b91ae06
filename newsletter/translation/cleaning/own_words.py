"""Cuts an engine's own words from around a translation: prefaces, labels, notes and offers, where it is plain that they are some.

What cannot be cut clean stays, and the gate refuses it (``gate/added_words.py``). Pure.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.text.sentences import sentences
from newsletter.translation.voice import Voice, voice, voice_of

# No preface that can be told from a text is longer (characters); a label much shorter.
LONGEST, LONGEST_PREFACE, LABEL, SHORT_LABEL = 220, 160, 48, 16
_COLON = re.compile(r"[:：]")
_SEGMENT_END = re.compile(r"[:：]+(?!//)\s*|[!！。]+[”\"』」）)]*\s*|\n+\s*|(?:[.…؟?।۔]+[”\"’»)]*)\s+|(?<=\S)\s+[-–—=>→|]+\s+")
_BRACKETED = re.compile(
    r"\A\s*[\[【(（〔<《「]\s*([^\[\]【】()（）<>《》「」]{1,40}?)\s*[:：]?\s*[\]】)）〕>》」]\s*[:：\-–—]?\s*"
)
_CODE = re.compile(r"\s*\[[a-z]{2}(?:[-_][A-Za-z]{2,4})?\]\s")
_PARENTHESIS = re.compile(r"[\[【(（〔*]\s*([^\[\]【】()（）〔〕]{2,400}?)\s*[\]】)）〕*]\s*[.。]?\s*\Z")
_PLACEHOLDER = re.compile(r"ZQ\s?\d+\s?Q|[{｛]\s?[{｛]\s?\d|<\s?x\s?\d", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?؟۔।])[”\"’»)]*\s+|(?<=[。！？｡])[”\"’』」）]*\s*|\s*\n+\s*")
_SENTENCE_ENDS = re.compile(r"[.!?…。！？؟।][”\"’»)）」』*_]*\s*\Z")
_BETWEEN, _OPENING = " \n,，-–—", '（([【*_"“「¡¿ \n'
# Where the English text itself remarks on something.
_REMARKS = re.compile(r"(?:\A|[.!?]\s+|\()(?:note|remark|comment|explanation|hint)\w*[^.:]{0,30}:", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_SMALL = re.compile(
    r"(?<!\w)(?:of|the|in|into|de|der|des|du|la|le|el|en|in|na|auf|ins|del|di|do|da|w|v|på|till|i|van|het|trong|bằng|dalam)(?!\w)|的|の|\W",
    re.I,
)


def cut(source: str, text: str, language: Language) -> str:
    """``text``, whose lines are still lines, without what the engine says before and behind the translation."""
    text = _without_title(source, _without_source(source, text.strip()), language)
    return _without_tail(source, _without_head(source, text, language), language)


def _without_source(source: str, text: str) -> str:
    """``text`` without the source that stands beside the translation: on a line of its own, labelled or not, or in brackets."""
    told = " ".join(source.split()).casefold()
    lines = [" ".join(line.split()) for line in text.split("\n")]
    others = [line for line in lines if not (line.casefold().endswith(told) and len(line) <= len(told) + SHORT_LABEL)]
    return _without_brackets(told, "\n".join(others) if "".join(others) and len(others) < len(lines) else text)


def _without_brackets(told: str, text: str) -> str:
    """``text`` without ``told`` in brackets at its end."""
    bare = text.rstrip(")）]】 ")
    if len(bare) < len(text) and bare.casefold().endswith(told) and bare[: -len(told)].endswith(("(", "（", "[", "【")):
        text = bare[: -len(told) - 1].rstrip()
    return text


def _without_title(source: str, text: str, language: Language) -> str:
    """``text`` without a line that is labelled as something else and no sentence: the title above an abstract."""
    line, _, rest = text.partition("\n")
    label, colon, title = line.partition("：" if "：" in line else ":")
    if not rest.strip() or not colon or not title.strip() or len(sentences(source)) < 2 or len(line) > LONGEST:
        return text
    ended = _SENTENCE_ENDS.search(title)
    return text if ended or not _is_label(label.strip(" *_#"), voice(language)) or _PLACEHOLDER.search(line) else rest.lstrip()


def _without_head(source: str, text: str, language: Language) -> str:
    said = voice(language)
    for _ in range(6):
        bracketed = _BRACKETED.match(text)
        if bracketed and (_is_label(bracketed.group(1), said) or _is_code(text, source)):
            text = text[bracketed.end() :]
            continue
        end = _SEGMENT_END.search(text, 0, LONGEST)
        # A colon more than the source has: the first one is not its own.
        one_more = len(_COLON.findall(text)) > len(_COLON.findall(source))
        if not end or end.end() >= len(text):
            break
        segment = text[: end.end()]
        if not (one_more and _is_line_before(segment, source)) and not _is_preface(segment, source, said, one_more=one_more):
            break
        text = text[end.end() :]
    return text


def _is_code(text: str, source: str) -> bool:
    """True for the code of a language in brackets at the beginning: [es], [pt-BR]."""
    return bool(_CODE.match(text)) and not _CODE.match(source)


def _is_line_before(segment: str, source: str) -> bool:
    """True for a line of its own that ends with a colon, which nothing in the source is."""
    return bool(re.search(r"[:：][ \t]*\n\s*\Z", segment)) and "\n" not in source and _may_be_own(segment.strip(), source)


def _is_preface(segment: str, source: str, said: Voice, *, one_more: bool) -> bool:
    """True for a segment, with the sign that ends it, that is no part of the translation."""
    words = segment.strip()
    if not _may_be_own(words, source):
        return False
    begun = words.lstrip(_OPENING)
    if (begins := said.yes.match(begun)) and _is_friendly(begun[begins.end() :], said):
        return not _english().yes.match(source)
    closed = bool(re.search(r"[:：\n\-–—=>→|]\s*\Z", segment))
    if _announces(words, said, closed=closed):
        return not _english().here.search(source[:80])
    if _is_about_itself(words, source, said):
        return True
    return closed and (one_more or not _says_the_same(source)) and _is_heading(words, source, said, one_more=one_more)


def _may_be_own(words: str, source: str) -> bool:
    """False for what is too long, opens a bracket, or holds a part or a name of the text."""
    opened = words.count("(") + words.count("（") - words.count(")") - words.count("）")
    return len(words) <= LONGEST_PREFACE and opened <= 0 and not _PLACEHOLDER.search(words) and not _names(words) & _names(source)


def _announces(words: str, said: Voice, *, closed: bool) -> bool:
    """True for "Here is the translation", "Below you find the text:"."""
    sure = closed or said.translate.search(words) or said.you.search(words)
    return bool(sure and said.here.search(words) and said.things.search(words))


def _is_about_itself(words: str, source: str, said: Voice) -> bool:
    """True for a short sentence about translating, where the source does not begin with one."""
    begins = sentences(source)[:1]
    return bool(said.translate.search(words)) and len(words) <= LABEL and not _english().translate.search(" ".join(begins))


def _is_heading(words: str, source: str, said: Voice, *, one_more: bool) -> bool:
    """True for what stands before a colon like "Below", "German translation", "Title"."""
    if said.translate.search(words) or (said.here.search(words) and len(words) <= LABEL):
        return True
    label = words.rstrip(":： \n-–—=>→|")
    return (one_more or ":" not in source[:80] or len(words) <= SHORT_LABEL) and _is_label(label, said)


def _is_friendly(rest: str, said: Voice) -> bool:
    """True for what goes on like an answer and not like a sentence that begins with the word."""
    return len(_LETTER.findall(rest)) <= 5 or bool(
        re.match(r"\s*[,，、!！.。…:：\-–—]", rest)
        or said.here.search(rest)
        or said.translate.search(rest)
        or said.you.search(rest)
    )


def _is_label(words: str, said: Voice) -> bool:
    """True for "Title", "Abstract (German)", "Translated text": little but what labels are made of."""
    if not words or len(words) > LABEL or not (said.things.search(words) or said.note.match(words)):
        return False
    left = _SMALL.sub("", said.note.sub("", said.things.sub("", said.here.sub("", words))))
    # The end of a word of which the pattern is the beginning stays.
    return len(left) <= max(6, 0.45 * len(words))


def _says_the_same(source: str) -> bool:
    """True where the source too has a label at its beginning, or such a word before it goes on."""
    label, colon, _ = source[:80].partition(":")
    english = _english()
    if colon and (english.things.search(label) or english.note.match(label) or english.here.search(label)):
        return True
    return bool(re.match(r"(?:translat|title|abstract|summary|note|remark|text|comment|answer|result|version)", source, re.I))


def _without_tail(source: str, text: str, language: Language) -> str:
    said = voice(language)
    for _ in range(3):
        before = text
        parenthesis = _PARENTHESIS.search(text)
        if parenthesis and parenthesis.start() > 0 and _is_remark(parenthesis.group(1), source, said):
            text = text[: parenthesis.start()].rstrip(" ,，-–—")
        text = _without_last_sentences(source, text, said)
        if text == before:
            break
    return text


def _without_last_sentences(source: str, text: str, said: Voice) -> str:
    """``text`` up to the first sentence that begins a remark or an offer, or to a remark in the middle of a line."""
    starts = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text)]
    for start, end in pairwise([*starts, len(text)]):
        sentence = text[start:end]
        too_many = len(starts) >= len(sentences(source))
        if _is_remark_sentence(sentence, source, said) or _is_offer(sentence, source, said, too_many=too_many):
            return text[:start].rstrip(_BETWEEN)
    # "… Explanations: how far" is a title of its own where the source has a colon too.
    if len(text) < LONGEST and len(_COLON.findall(text)) > len(_COLON.findall(source)):
        for match in re.finditer(r"(?<=\S)\s+(?=\S)", text):
            if _is_remark_sentence(text[match.end() :], source, said):
                return text[: match.start()].rstrip(_BETWEEN)
    return text


def _is_remark_sentence(sentence: str, source: str, said: Voice) -> bool:
    """True for "Note: ..."."""
    words = sentence.strip(_OPENING)
    begins = said.note.match(words)
    if not begins or _PLACEHOLDER.search(words[:40]) or not re.match(r"[^:：]{0,24}[:：]", words[begins.end() :]):
        return False
    return not _REMARKS.search(source)


def _is_offer(sentence: str, source: str, said: Voice, *, too_many: bool) -> bool:
    """True for "I hope this helps", "Let me know …", "That was the translation"."""
    words, english = sentence.strip(_OPENING), _english()
    if _PLACEHOLDER.search(words):
        return False
    if english.you.search(source) or english.translate.search(source):
        # The text itself speaks so: only a short sentence more than it has is none of its own.
        return too_many and len(words) <= LABEL and bool(said.close.match(words))
    if said.translate.search(words) and len(words) <= LONGEST // 2:
        return True
    return bool(said.close.match(words)) and (too_many or _turns_to_somebody(words, source, said))


def _turns_to_somebody(words: str, source: str, said: Voice) -> bool:
    asks = re.search(r"[?？؟!！]\s*\Z", words) and not re.search("[?!]", source)
    return bool(asks or said.you.search(words) or said.me.search(words))


def _is_remark(words: str, source: str, said: Voice) -> bool:
    """True for a parenthesis that speaks of the translation, not of the matter."""
    if _PLACEHOLDER.search(words):
        return False
    if said.note.match(words) and re.match(r"[^:：]{0,30}[:：]", words):
        return not _REMARKS.search(source)
    return bool(said.translate.search(words)) and not _english().translate.search(source)


def _names(text: str) -> set[str]:
    return {
        name
        for name in re.findall(r"[A-Za-z0-9]+", text)
        if re.search(r"\d|[A-Z]{2}", name) and name not in ("JSON", "TL", "DR", "TLDR")
    }


@cache
def _english() -> Voice:
    return voice_of(SOURCE_LANGUAGE)
