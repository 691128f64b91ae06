"""Finds the parts of an English text that no engine may touch: formulas, links, numbers, names, and terms of a glossary. Pure.

Only ASCII counts as a letter here, so that a name is found just as well between Chinese characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import itemgetter

from newsletter.translation.compounds import is_plain_word
from newsletter.translation.glossary import EMPTY, Found, Glossary, Term

_ARGUMENT = r"\{(?:[^{}]|\{[^{}]*\})*\}"
# Pandoc's rule tells math from money: no white space inside the dollars, no digit after them.
_INLINE = r"\$(?![\s$])(?:\\.|[^$\\]){0,400}?(?<![\s\\])\$(?!\d)"
# A sign between digits, as in 0$-$45: money has a digit behind its dollar, and a space before the next.
_TIGHT = r"\$(?!\d)(?:\\.|[^$\\\s]){1,60}\$"
_SPACED = r"\$(?:\\.|[^$\\]){0,400}[\\^_=](?:\\.|[^$\\]){0,400}\$"
_ATOM = (
    r"(?:[kMGTPmµμn]?eV|[kMGT]i?bit|[kMGTPmµμnpf]i?[bBWVJNmsgLlHzeAFKT]|[kMGT]?Hz|[kMG]?Pa|[kMGT]?FLOPs?|[kMGT]?bps|FPS|fps|dBm?|ms|cm|min|px|rad|mol|ha|kg|mg|nm|mm"
    r"|ppm|[kMG]?pc|[GMk]?yr|TOPS|mAh|[BMKTsmghWVJNKxeAL])"
)
_PERCENT = r"(?:wt|at|mol|vol)?\\?%(?:p[pt]?(?![A-Za-z0-9]))?"
_UNIT = rf"(?:(?:\s|\\[,;]|~)?(?:{_PERCENT}|‰|°(?:\s?[CF](?![A-Za-z]))?|×|σ|{_ATOM}(?:/{_ATOM}[23]?)?[²³]?(?![A-Za-z0-9])))"
_PLAIN_NUMBER = r"\d+(?:\\?,\d+)*(?:\.\d+)?(?:[eE][+\-]?\d+)?"
# A range has one unit for both, or the same twice: "10-40 K", "20%-30%". Products and powers are one: 3 × 3, 1.5×10^3.
_POWER = r"(?:\s?[×x]\s?\d+(?:\.\d+)?(?:\^\{?[+\-−]?\d+\}?)?|\^\{?[+\-−]?\d+\}?)"
_NOT_GOING_ON = r"(?![A-Za-z0-9]*[\-–—/])"
# To each its unit: 20 kHz–100 MHz; an error: 1.2 ± 0.3 ms.
_OTHER_END = rf"%?\s?[\-–—]\s?{_PLAIN_NUMBER}{_NOT_GOING_ON}|{_UNIT}?\s?[–±]\s?{_PLAIN_NUMBER}{_NOT_GOING_ON}"
_NUMBER = rf"{_PLAIN_NUMBER}{_POWER}{{0,4}}(?:{_OTHER_END})?{_UNIT}?"
# An exponent or index in dollars, with its number or unit: 10$^{12}$ M$_{\odot}$, 5 km s$^{-1}$.
_EXPONENT = r"\$\s?[\^_](?:\{[^{}$]{1,40}\}|\\[a-z]{1,12}|[^\s${}]{1,12})\s?\$"
_MORE_UNITS = rf"(?:[\s~]?(?:{_ATOM}|[MLRZS]|erg|fb|pb|sr|yr|arcsec|mag)(?![A-Za-z0-9])(?:{_EXPONENT})?)"
_GREEK = (
    r"(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|upsilon|phi|chi|psi|omega|pi)"
)
# Symbols of elements in a row, in brackets where they share a place: (Bi,Sb), CaCu, MoS.
_ELEMENT = r"[A-Z][a-z]?(?![a-z])"
_ELEMENTS = rf"(?:[(\[]?{_ELEMENT}[\d.]*(?:,(?={_ELEMENT}))?[)\]]?){{1,8}}"
# An index, or the number of nucleons; a charge alone stays a formula of its own.
_INDEX = r"\$\s?(?:_|\^\{?\d)(?:\{[^{}$]{1,40}\}|[^\s${}]{1,12}){1,2}\$"
_TOP_LEVEL = r"(?:Com|Org|Net|Edu|Gov|com|org|net|io|ai|edu|gov|co|dev|cn|de|uk|fr|jp|app|info|me|tech|xyz|ch)"
_FILE = (
    r"(?:ya?ml|json|jsonl|csv|tsv|txt|py|ipynb|tar|t?gz|zip|md|tex|pdf|html|xml|toml|cfg|sh|cpp|h5|npz|onnx|safetensors|parquet|pkl"
    r"|bib)"
)
# The last words of models' names, behind a digit: GPT-4o-mini, gemini-1.5-pro.
_EDITION = (
    r"(?:(?<=[0-9])|(?<=[0-9][a-z]))-(?:pro|flash|mini|preview|turbo|instruct|chat|nano|lite|ultra|opus|sonnet|haiku|coder|thinking)"
    r"(?![A-Za-z0-9])"
)
_URL_END = r"[^\s<>\"'.,;:!?)\]}|\\^`\x7f-\U0010ffff]"
_URL_PART = r"[^\s<>\"\\^`|\x7f-\U0010ffff]"

SPAN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "block": r"\$\$.{1,2000}?\$\$|\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\]"
            r"|\\begin\{(?P<environment>\w+\*?)\}.*?\\end\{(?P=environment)\}",
            # Formulas of chemistry, with their indices in dollars, and quantities by a letter: x = 3, z ~ 0.5.
            "chemistry": rf"(?<![A-Za-z0-9$])(?:{_ELEMENTS})?(?:{_INDEX}(?:{_ELEMENTS})?){{1,12}}(?![a-z])"
            rf"|(?<![A-Za-z0-9])[(\[](?:{_ELEMENT},){{1,4}}{_ELEMENT}[)\]]\d[A-Za-z0-9]*",
            "quantity": rf"(?<![A-Za-z0-9.$])[+\-−±~≈<>≤≥≲≳]?{_PLAIN_NUMBER}(?:\s?[×x]\s?10)?"
            rf"(?:{_EXPONENT}{_MORE_UNITS}{{0,4}}"
            rf"|(?:[\s~]?{_ATOM})?{_MORE_UNITS}{{0,3}}[\s~]?(?:{_ATOM}|[MLRZ]|erg|fb|pb|sr){_EXPONENT}{_MORE_UNITS}{{0,3}})",
            # Groups and orders of growth, measures at a rank or threshold, languages of programs, fractions by a letter.
            "called": r"(?<![A-Za-z0-9])(?:[A-Z]{1,3}\((?:\d[\d,+\-|]{0,6}|[nNdk])\)|[OΘΩ]\((?:[^()]|\([^()]{0,20}\)){1,40}\)"
            r"|(?=[A-Za-z]*[A-Z0-9][A-Za-z]*[A-Z0-9]|[a-z]+[A-Z])[A-Za-z0-9]+@(?:[A-Z0-9][A-Za-z0-9]*(?:\.\d+)?|[kKnN])"
            r"(?![A-Za-z0-9@]|\.[a-z])"
            r"|C\+\+(?:\d\d)?(?![A-Za-z0-9])|[CFJ]#(?![A-Za-z0-9])|(?:Na|K|Li|H|Ag|Cl|NH4)[+](?![A-Za-z0-9+])|[A-Z][a-z]+\.(?:[jJ]s|jl|py|NET)(?![A-Za-z0-9])|\(\d\+\d\)[dD](?![A-Za-z0-9])|[A-Z]\s?=\s?\((?:[A-Z],\s?){1,3}[A-Z]\)|[ℝℂℤℕℚ](?:[_^](?:\{[^{}]*\}|[A-Za-z0-9]+))?|[A-Z][²³](?!\s?[=<>≤≥≈~])|\d/[a-zA-Z](?![A-Za-z0-9/])|ℓ_?[\d∞])",
            "variable": rf"(?<![A-Za-z0-9\\_$.\-])[Δδ∂]?(?:{_GREEK}|[B-HJ-Zb-zα-ω])[²³]?(?:[_^](?:\{{[^{{}}]*\}}|[A-Za-z0-9]+))?"
            rf"\s?(?:[<>=!:]=|[=<>]{{2}}|[=<>≤≥≈∼~])\s?[+\-−]?(?:{_NUMBER}|\.\d+)(?![A-Za-z0-9]|[.,]\d)",
            # $3$B is the number 3B, $n$th an ordinal: what hangs on a formula stays with it.
            "math": rf"(?:{_INLINE}|{_TIGHT}|{_SPACED})(?:(?:[A-Za-z]{{1,3}}|%|×)(?![A-Za-z]|-[A-Z0-9]))?",
            # TeX quotes with the same sign, but closes with another: `usual' words, and `others'.
            "code": r"`(?!\s)[^`\n]*[^`\s(\[{]`",
            # "\https://…" is a link after a stray backslash.
            "command": rf"\\(?!(?:https?|ftp)://)(?:[A-Za-z]+\*?(?:\[[^\[\]]*\])?(?:{_ARGUMENT})*|[^A-Za-z\s])",
            "mail": r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}",
            "url": rf"(?:https?://|ftp://|(?<![A-Za-z0-9.])[wW]ww\.){_URL_PART}*{_URL_END}"
            rf"|(?<![A-Za-z0-9.\-])[A-Za-z0-9][A-Za-z0-9\-]*(?:\.[A-Za-z0-9\-]+)*\.{_TOP_LEVEL}(?![A-Za-z0-9\-])(?:/(?:{_URL_PART}*{_URL_END})?)?",
            "identifier": rf"(?<![A-Za-z0-9])10\.\d{{4,9}}/{_URL_PART}*{_URL_END}|(?<![A-Za-z0-9])arXiv:\s?[\w.\-/]*\w",
            "script": r"(?<![A-Za-z0-9])[A-Za-z0-9]+"
            r"(?:[_^](?:\{[^{}]*\}|\d*[+\-−](?![A-Za-z0-9])|[A-Za-z0-9]+))+(?:\(\))?",
            # What a computer calls a thing: a file, a topic or person of a network.
            "file": rf"(?<![A-Za-z0-9.\-/])[A-Za-z0-9_][A-Za-z0-9_\-]*(?:\.[A-Za-z0-9_\-]{{1,12}}){{0,2}}\.{_FILE}(?![A-Za-z0-9])"
            r"|(?<![A-Za-z0-9&/@#.])[#@][A-Za-z][A-Za-z0-9_]+",
            "quoting": r"(?<![A-Za-z])et\.?\s?al(?![A-Za-z])\.?",
            "name": rf"(?<![A-Za-z0-9])[A-Z0-9][A-Za-z0-9]*(?:[\-.+/&][A-Z0-9][A-Za-z0-9]*|{_EDITION})*"
            r"(?:-[α-ω]|\+{0,2})(?![A-Za-zα-ω0-9])"
            rf"|(?<![A-Za-z0-9])[a-z]+(?:[A-Z0-9][A-Za-z0-9]*|-(?=[A-Z0-9]))"
            rf"(?:[\-.][A-Z0-9][A-Za-z0-9]*|[A-Z0-9][A-Za-z0-9]*|(?<=[0-9])-(?!and|or|to|by|vs|of|in)[a-z]{{2,12}}(?=-\d)|{_EDITION})*"
            r"(?![A-Za-z0-9])",
            # A list within angle brackets looks like a tag, and engines leave tags alone: <word, lemma>.
            "angle": r"<(?=[^<>]{1,200}>)(?![+\-−]?\d)",
            "number": rf"(?<![A-Za-z0-9.])(?:(?<![\-–])[+\-−±~≈<>≤≥≲≳])?{_NUMBER}(?:[A-Za-z]{{1,4}}(?![A-Za-z0-9]))?|\d",
        }.items()
    ),
    re.DOTALL | re.ASCII,
)

# What is one with a part that it touches.
_JOINING = frozenset("$\\}")
# A name with a formula in it: an index behind letters, letters behind a formula, the letters of a word that make an acronym.
_INDEX_BEGINS = re.compile(r"\$\{?\s?[\^_]")
_NAME_BEFORE = re.compile(r"(?<![A-Za-z0-9$\\])[A-Z][A-Za-z0-9]{0,20}\Z")
_NAME_AFTER = re.compile(r"(?:\$\{?\s?[\^_][^$\s]{1,20}\$|[A-Z][A-Za-z0-9]*(?:[\-.+/&][A-Z0-9][A-Za-z0-9]*)*)+")
_STYLED, _SMALL = re.compile(r"\$\\(?:text|math)[a-z]{0,4}\{[A-Za-z]+\}\$\Z"), re.compile(r"[a-z]+")
_NAME_PART = re.compile(r"[0-9]|[a-z][A-Z]|[A-Z]{2}")
# What is counted, behind a number with commas: 100,000X.
_TIMES = re.compile(r"[A-Za-z]{1,2}(?![A-Za-z0-9\-])")
_HEAD, _TAIL = re.compile(r"([A-Za-z][a-z]+)-"), re.compile(r"-([A-Z][a-z]+)\Z")
_REST = re.compile(r"[A-Z0-9][A-Za-z0-9]*(?:[\-.+/&][A-Z0-9][A-Za-z0-9]*)*(?![A-Za-z0-9])")
# What is told by numbers, so that only the number is kept.
_COUNTED = frozenset(
    [
        "type",
        "level",
        "spin",
        "class",
        "phase",
        "stage",
        "grade",
        "tier",
        "category",
        "order",
        "rank",
        "degree",
        "group",
        "layer",
        "step",
        "round",
        "rule",
        "case",
        "part",
        "section",
        "top",
    ]
)
_CAPITALS = re.compile(r"[A-Z]+s?\Z")
_WORD = re.compile(r"[A-Za-z]{2,}")


@lru_cache(maxsize=256)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """The (start, end) of every part to protect, in order, without overlap; none for a text of plain words.

    Kept for the last texts: each is protected and judged several times, in several languages.
    """
    return tuple(_touching_joined(text, list(_spans(text))))


def _touching_joined(text: str, found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts, a formula or command as one with the part that it hangs on: ICD-9$\\leftrightarrow$ICD-10."""
    at = 0
    while at < len(found):
        start, end = found[at]
        while at + 1 < len(found) and found[at + 1][0] == end and {text[end], text[end - 1]} & _JOINING:
            at += 1
            end = found[at][1]
        yield start, end
        at += 1


def _spans(text: str) -> Iterator[tuple[int, int]]:
    shouting = _is_shouting(text)
    at = last = 0
    while match := SPAN.search(text, at):
        start, end = match.span()
        if match.lastgroup == "name":
            start, end = _name(text, start, end, shouting=shouting)
        elif match.lastgroup == "chemistry":
            end = _balanced_end(text, start, end)
        if start < end and "$" in {text[start], text[end - 1]}:
            start, end = _whole_name(text, last, start, end)
        if end > start:
            yield start, end
            last = end
        at = max(end, match.end()) if end == start else end


def marked(text: str, glossary: Glossary = EMPTY, more: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int, Term | None]]:
    """The (start, end, term) of every part to protect, in order, without overlap; the term is None but for those to be rendered.

    ``more`` are further parts. Parts that overlap are one; a term that holds such parts stands for them, one that is cut by them
    or inside them (``\\text{transformer}``, a link) is left alone.
    """
    parts = _joined([*spans(text), *more])
    terms = [found for found in glossary.places(text) if not any(_cuts(part, found) for part in parts)]
    free = [part for part in parts if not any(found.start <= part[0] < found.end for found in terms)]
    found: list[tuple[int, int, Term | None]] = [(found.start, found.end, found.term) for found in terms]
    return sorted([*found, *((start, end, None) for start, end in free)], key=itemgetter(0))


def _joined(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cuts(part: tuple[int, int], found: Found) -> bool:
    """True for a part that holds some of the term and does not stand within it: the term's rendering would break the part."""
    start, end = part
    overlaps = start < found.end and found.start < end
    return overlaps and not (found.start <= start and end <= found.end)


def _whole_name(text: str, last: int, start: int, end: int) -> tuple[int, int]:
    """The place of a formula with the name that it is in: U$^2$Mamba, Pantheon$^+$; ``last`` is where the part before ends."""
    if _INDEX_BEGINS.match(text, start) and (before := _NAME_BEFORE.search(text, last, start)):
        start = before.start()
    if _STYLED.match(text, start, end) and (rest := _SMALL.match(text, end)):
        return start, rest.end()
    rest = _NAME_AFTER.match(text, end)
    return start, rest.end() if rest else end


def _balanced_end(text: str, start: int, end: int) -> int:
    """The end without a closing bracket that opens before the part: (with MoS$_2$)."""
    opening = {")": "(", "]": "["}
    while end > start and (bracket := text[end - 1]) in opening:
        if text.count(opening[bracket], start, end) >= text.count(bracket, start, end):
            break
        end -= 1
    return end


def _name(text: str, start: int, end: int, *, shouting: bool) -> tuple[int, int]:
    """The name at a place, without the plain words that hang on it: of "LLM-Based" LLM, of "text-to-3D" 3D."""
    end = _name_end(text, start, end, shouting=shouting)
    if "-" not in text[start:end]:
        return start, end
    start, end = _trimmed(text, start, end)
    if start < end and not _NAME_PART.search(text[start:end]) and not re.fullmatch(r"[A-Z]", text[start:end]):
        return end, end
    return start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without the plain words at its beginning and end."""
    while (head := _HEAD.match(text, start, end)) and is_plain_word(head.group(1)) and not _is_numbered_name(head, text[:end]):
        start = head.end()
    if (rest := _REST.match(text, start)) and rest.end() > end and not text[start:end].endswith("-"):
        # "spin-1" was found first, and goes on: spin-1/2.
        end = rest.end()
    while (tail := _TAIL.search(text, start, end)) and is_plain_word(tail.group(1)):
        end = tail.start()
    return start, end


def _is_numbered_name(head: re.Match[str], text: str) -> bool:
    """True for a name like "Full-13", which is no thirteenth of anything as "Type-2" is."""
    word, rest = head.group(1), text[head.end() :]
    return word[0].isupper() and rest.isdigit() and word.lower() not in _COUNTED


def _name_end(text: str, start: int, end: int, *, shouting: bool) -> int:
    """Where the name ends that begins at ``start``, with the unit of a number; ``start`` where it is a plain word."""
    found = text[start:end]
    if found[0].isdigit():
        number = re.compile(_NUMBER, re.ASCII).match(text, start)
        if number and number.end() >= end:
            times = _TIMES.match(text, number.end())
            return times.end() if times else number.end()
    if shouting and not re.search(r"[0-9]", found):
        return start
    return end if _NAME_PART.search(found) else start


def _is_shouting(text: str) -> bool:
    """True where most letters, of any script, are of words in capitals, so that capitals tell no name."""
    words = _WORD.findall(text)
    letters = sum(map(str.isalpha, text))
    return len(words) > 3 and sum(len(word) for word in words if word.isupper()) > letters / 2


def is_acronym(span: str) -> bool:
    """True for capitals alone (``LLM``, ``GANs``), which a translation may hold once more for spelt-out words."""
    return bool(_CAPITALS.match(span))
