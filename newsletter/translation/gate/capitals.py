"""Names that show by their capitals, in languages that write nouns small: those that a translation has and its text lacks. Pure.

A word is known by the source's words that sound alike at the beginning; so Байес is Bayes, and "gaussien" Gaussian.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from newsletter.languages import Language
from newsletter.text.scripts import CYRILLIC, LATIN
from newsletter.translation.gate.english import ENGLISH_ENDING, VOCABULARY
from newsletter.translation.gate.known_names import known_names_in
from newsletter.translation.gate.titles import is_title

_WRITE_NOUNS_SMALL = frozenset(["fr", "es", "pt", "it", "nl", "pl", "tr", "vi", "id", "cs", "sv", "ru", "uk"])
_WORD = re.compile(rf"[{LATIN}]+|[{CYRILLIC}]+")
_LARGE = re.compile(rf"(?<![{LATIN}{CYRILLIC}])(?![a-zß-öø-ÿа-яё])[{LATIN}{CYRILLIC}]+")
# Behind what no capital tells a name: the beginning of a sentence, a quotation, a part.
_BEGINS = re.compile(r"(?:\A|[.:!?…*\"“«„(\[¿¡–—|/-]|[.:!?…]\W+|\W\s?['’‘])\W*\Z")
_LINKS = frozenset(
    ["de", "da", "do", "dos", "das", "di", "del", "della", "van", "von", "der", "den", "la", "le", "el", "y", "e", "et", "du"]
)  # fmt: skip
# What English writes small and other languages large: the earth, a state, the internet.
_LARGE_ELSEWHERE = re.compile(
    r"\b(?:earth|sun|solar|moon|lunar|nation[- ]states?|states?(?= (?:law|power|polic|actor|budget|school))"
    r"|government\w*|internet|web|god|church|universe|cosm\w+|galax\w+|milky|north\w*|south\w*|east\w*|west\w*|bible|christmas|academ\w+|antiquity|humanities|university|ministr\w+|parliament\w*|terrestrial|geo\w*|planet\w*|wi-?fi)\b",
    re.I,
)
# Who is spoken to has a capital in some languages.
_TO_SOMEBODY = re.compile(r"\byou", re.I)
_POLITE = re.compile(
    r"(?:Anda|Ciebie|Tobie|Twój|Twoj\w|Twoich|Państw\w|Vá[sm]|Vaš\w*|Váš|Uw?|Lei|Su[oa]|Sie|Ihr\w*|Você|Usted|Вас|Вам|Вами|Ваш\w*|Siz\w*)\Z"
)
# Titles of which so much of the longer words has capitals are written as English ones are: translated ones with two names in
# them, with one, and those of English.
FEW, MANY, MOST = 0.25, 0.4, 0.6
LONG, FEW_WORDS = 4, 2
LEAST = 3
Run = list[str]
_SIMPLE = str.maketrans("абвгґдеєёзиіїйклмнопрстуфхыэюя", "abvggdeeeziiiiklmnoprstufgieua", "ъь")
_ALIKE = [
    ("ж", "zh"), ("ц", "ts"), ("ч", "ch"), ("ш", "sh"), ("щ", "sh"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("kh", "g"),
    ("qu", "k"), ("x", "ks"), ("c", "k"), ("w", "v"), ("f", "v"), ("y", "i"), ("j", "i"), ("ł", "l"), ("z", "s"),
]  # fmt: skip


def more_names(source: str, before: str, result: str, language: Language) -> bool:
    """True where ``result`` has more names within its sentences, unknown ones, than lack of those of ``source``.

    So a country or a planet may be called as the language calls it. ``before`` is ``source`` without its protected parts, as
    ``result`` is. A translated title with capitals throughout tells nothing.
    """
    if language.code not in _WRITE_NOUNS_SMALL:
        return False
    named = [run for run in _runs(result, _LINKS) if max(map(len, run)) >= LEAST]
    if not named or (is_title(source) and _is_title_case(result, len(named))):
        return False
    told = list(_runs(before))
    strange = [run for run in _unlike(named, told) if not _is_meant(run, source)]
    return bool(strange) and _are_too_many(strange, told, named, source)


def _is_meant(run: Run, source: str) -> bool:
    """True where any word of ``source`` may be what is named, or somebody is spoken to."""
    return _is_known(run, _sounds(source)) or bool(_TO_SOMEBODY.search(source) and any(map(_POLITE.match, run)))


def _are_too_many(strange: list[Run], told: list[Run], named: list[Run], source: str) -> bool:
    """True where there are more ``strange`` names than those of the text that may be meant: one of one word by one of one."""
    more = len(_LARGE_ELSEWHERE.findall(source))
    large, words = _capitals(source)
    if is_title(source) and large > MOST * words:
        # Each word has a capital: those that are known for names are.
        return len(strange) > more + known_names_in(source)
    lacking = _unlike(told, named)
    if len(strange) > len(lacking) + more:
        return True
    return _single(strange) > more + sum(len(run) == 1 or not all(map(_is_plain, run)) for run in lacking)


def _single(runs: list[Run]) -> int:
    return sum(len(run) == 1 for run in runs)


def _unlike(some: list[Run], others: list[Run]) -> list[Run]:
    """Those of ``some`` without one that sounds alike among ``others``, each of which answers to one."""
    left = [frozenset(map(_sound, run)) for run in others]
    found = []
    for run in some:
        match = next((one for one in left if _is_known(run, one)), None)
        if match is None:
            found.append(run)
        else:
            left.remove(match)
    return found


def _is_title_case(text: str, names: int) -> bool:
    """True for a translated title with capitals as English titles have; two names in it show so sooner than one."""
    large, words = _capitals(text)
    return large > FEW * words if names > 1 else large > MANY * words and (large > 1 or words <= FEW_WORDS)


def _capitals(text: str) -> tuple[int, int]:
    """How many of the longer words have a capital, without one that begins the text, and how many there are."""
    words = [match.group() for match in _WORD.finditer(text) if match.start() and len(match.group()) >= LONG]
    return sum(word[0].isupper() for word in words), len(words)


def _is_plain(word: str) -> bool:
    folded = word.lower()
    return not VOCABULARY.isdisjoint({folded, folded.removesuffix("s")}) or bool(ENGLISH_ENDING.search(folded))


def _runs(text: str, links: frozenset[str] = frozenset()) -> Iterator[Run]:
    """The words with a capital that stand together within a sentence, also those that one of ``links`` joins."""
    run: list[str] = []
    end = 0
    for match in _LARGE.finditer(text):
        if not _is_name(text, match):
            continue
        between = text[end : match.start()].strip(" -'’")
        if run and between and between not in links:
            yield run
            run = []
        run.append(match.group())
        end = match.end()
    if run:
        yield run


def _is_name(text: str, match: re.Match[str]) -> bool:
    first, rest = match.group()[0], match.group()[1:]
    return (
        first.isupper() and (not rest or rest.islower()) and not _BEGINS.search(text[max(0, match.start() - 6) : match.start()])
    )


@lru_cache(maxsize=64)
def _sounds(text: str) -> frozenset[str]:
    return frozenset(map(_sound, _WORD.findall(text)))


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """A word's consonants behind its first letter, as any of these languages may write them."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_SIMPLE))
    for written, sound in _ALIKE:
        plain = plain.replace(written, sound)
    plain = re.sub(r"[^a-z]|(?<=.)[aeiouh]", "", plain)
    return re.sub(r"(.)\1+", r"\1", plain)[:4]


def _is_known(run: Run, known: frozenset[str]) -> bool:
    """True where a word of the name sounds like a known one, or begins so."""
    begins = {one[:3] for one in known if len(one) > 2}
    return any(sound in known or (len(sound) > 2 and sound[:3] in begins) for sound in map(_sound, run))
