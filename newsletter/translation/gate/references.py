"""Whether a translation refers to what its text does not: a figure, a section, an equation, a citation. Pure but for its file.

An abstract hardly ever does; engines that saw whole papers add such words, and a number that stands anywhere in the text would
hide them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from newsletter.languages import Language

FILE = Path(__file__).with_name("references.yaml")
# A number, a numeral or the letter of an appendix, also in brackets; "equations of the 2. order" are none of a list.
_NUMBER = (
    r"[\s~\u00a0]?[(（]?(?:"
    r"\d{1,3}(?![\d%°]|[.,]\d|[-‐]?[A-Za-z]|\.\s?(?:Ordnung|Grad|Art|řád|stup|rzęd|порядк))"
    r"|[IVX]{1,4}\b|[A-H](?![\w'’-]))"
)
_ENGLISH_WORDS = (
    r"fig(?:ure)?s?|tab(?:le)?s?|sec(?:tion)?s?|eqn?s?|equations?|app(?:endix|endices)?|alg(?:orithm)?s?|thm|theorems?|lemmas?|chapters?"
    r"|parts?|formulas?|propositions?|definitions?|corollar\w+|images?|clauses?|paragraphs?|articles?|supplement\w*"
)
_TOLD = re.compile(
    rf"\b(?:{_ENGLISH_WORDS})\.?[\s~]{{0,2}}[(\[{{$\\]?(?:\d|[IVX]+\b|[A-H]\b|\\?ref)|§|\\(?:auto|c|C|eq)?ref\b"
    rf"|\b(?:first|second|third|fourth|fifth|\d(?:st|nd|rd|th)) (?:{_ENGLISH_WORDS})\b",
    re.IGNORECASE,
)
_SEEN = re.compile(r"\b(?:see|cf|compare|refer|viz|consult)\b", re.IGNORECASE)
_CITED = re.compile(r"[\[［【]\s?\d{1,3}(?:\s?[,，、–-]\s?\d{1,3}){0,8}\s?[\]］】]")
_OTHERS = re.compile(r"\bet\.?\s?al\b|\by cols\.|\bet coll\.|\bve ark\.|\bdkk\.|\ba kol\.|и соавт\.|та співавт\.")


def refers_elsewhere(source: str, result: str, language: Language) -> bool:
    """True where ``result`` refers to a part of the paper, or to other papers, and ``source`` does not."""
    if any(len(sign.findall(result)) > len(sign.findall(source)) for sign in (_CITED, _OTHERS)):
        return True
    numbered, see = _words(language.code)
    return bool((numbered.search(result) and not _TOLD.search(source)) or (see.search(result) and not _SEEN.search(source)))


@cache
def _words(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is numbered in the language, with its number, and brackets that send the reader elsewhere."""
    words = yaml.safe_load(FILE.read_text(encoding="utf-8"))[code.partition("-")[0]]
    numbered = rf"(?<![^\W\d_])(?:[Ff]ig(?:ure|\.)|Table|Section|Equation|Appendix|{words['numbered']}){_NUMBER}"
    also = f"|{words['also']}" if "also" in words else ""
    see = rf"[(（\[［](?:{words['see']})" if "see" in words else rf"(?:{words['see_behind']})\s?[)）\]］]"
    return re.compile(numbered + also), re.compile(see)
