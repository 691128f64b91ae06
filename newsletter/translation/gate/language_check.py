"""Tells languages of one script apart by the words and letters that only one of them has. Pure.

It says no only where another language stands out: made-up words and short texts pass.
"""

from __future__ import annotations

import re
from collections import Counter

from newsletter.languages import Language

_COMMON = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the of and to is are for with that this we our by which from be it on as at",
        "de": "der die das und ist sind mit für von den dem ein eine einer wir zu auf nicht sich durch werden wird im als bei",
        "fr": "le la les des et est sont pour avec dans une que nous sur par cette ces qui du au aux plus être à",
        "es": "el la los las del y es son para con una que se por más como esta este en nuestro un lo al",
        "pt": "o os as da do das dos e é são para com uma que se por mais como esta este em na no nas nos não",
        "it": "il lo gli della delle dei e è sono per con una che si di nel nella questo questa come più da un",
        "nl": "de het een en is zijn voor met van dat we op niet door wordt worden deze dit naar bij ook uit",
        "pl": "i w na z do jest są oraz dla że się nie jako przez tym który która które tego od po",
        "tr": "ve bir bu için ile olarak olan daha gibi biz bizim çok olduğunu da de en ise kadar",
        "vi": "và của các là một cho trong với được chúng tôi này những từ không có để trên",
        "id": "dan yang untuk dengan dari ini pada adalah kami dalam sebuah tidak secara dapat oleh lebih",
        "cs": "a v na je jsou pro s že se jako který která které tento tato této z od pomocí do",
        "sv": "och att det är som för med av en ett den vi på till från kan inte har",
    }.items()
}
# Words of abstracts that the two ways to write Chinese spell differently.
_SIMPLIFIED = re.compile(
    "我们|这些|这种|为了|模型的|数据|学习|实验|结果显|图像|语言|问题|训练|网络|视频|质量|优于|方法来|对于|进行|现有|并且|结构|应用|时间|说明|证明"
)
_TRADITIONAL = re.compile(
    "我們|這些|這種|為了|數據|資料|學習|實驗|圖像|影像|語言|問題|訓練|網路|影片|品質|優於|對於|進行|現有|並且|結構|應用|時間|說明|證明"
)
# Letters of one language that the other one, which has the same script, does not have.
_ONLY = {
    "ru": ("ыэъё", "іїєґ"),
    "uk": ("іїєґ", "ыэъё"),
    "ar": ("ةىكي", "پچژگکی"),
    "fa": ("پچژگکی", "ةىكي"),
}
_WORD = re.compile(r"[^\W\d_]+")
# By what a way to write Chinese shows, and by what the other one does; each word counts once, however often it stands there.
_WRITINGS = {"zh-CN": (_SIMPLIFIED, _TRADITIONAL), "zh-TW": (_TRADITIONAL, _SIMPLIFIED)}
LEAST_WORDS = 2
# So often must another language show itself, and so many times as often as the language asked for.
LEAST_SEEN, TIMES = 4, 2


def another_language(text: str, language: Language) -> bool:
    """True where ``text`` is plainly in another language than ``language`` that has the same script."""
    if language.code in _COMMON:
        # A letter alone and large is a name's or a formula's: group A.
        words = Counter(word.casefold() for word in _WORD.findall(text) if len(word) > 1 or word.islower())
        own = _COMMON[language.code]
        return any(_stands_out(_seen(words, common - own), _seen(words, own - common)) for common in _COMMON.values())
    if language.code in _WRITINGS:
        ours, theirs = (len(set(pattern.findall(text))) for pattern in _WRITINGS[language.code])
        return _stands_out(theirs, ours, least=LEAST_WORDS)
    if language.code in _ONLY:
        ours, theirs = (len(re.findall(f"[{letters}]", text)) for letters in _ONLY[language.code])
        return _stands_out(theirs, ours)
    return False


def _seen(words: Counter[str], common: frozenset[str]) -> int:
    return sum(words[word] for word in common & words.keys())


def _stands_out(other: int, seen: int, *, least: int = LEAST_SEEN) -> bool:
    return other >= least and other > TIMES * seen
