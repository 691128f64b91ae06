"""The one sentence of an abstract that says what its authors did. Pure; it invents nothing: the sentence stands in the abstract.

Method: the cue, title and place of a sentence, added up, after Edmundson (https://doi.org/10.1145/321510.321519); the cues are
those by which Teufel and Moens tell an author's own aim from what others did (https://aclanthology.org/J02-4002/). Abstracts of
arXiv put it after the problem and before the results. Libraries for this (sumy, pytextrank) rank by centrality, which in texts
of six sentences finds the topic and not the claim, and they load models of a hundred megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from newsletter.text.sentences import sentences

# A sentence that says "we propose" names the contribution; "this paper studies" names at least the aim.
_STRONG = re.compile(
    r"\b(?:we|i|this (?:paper|work|article|letter|study|report|thesis|survey)|our (?:paper|work))\b[^.;:]{0,40}?\b(?:"
    r"propos\w+|introduc\w+|present\w*|develop\w*|design\w*|devis\w+|build\w*|construct\w*|describ\w+|release\w*|creat\w+|"
    r"formulat\w+|establish\w*|prov(?:e|es)|deriv\w+|unveil\w*|offer\w*|contribut\w+)\b",
    re.IGNORECASE,
)
_AIM = re.compile(
    r"\b(?:we|i|this (?:paper|work|article|letter|study|report|thesis|survey))\b[^.;:]{0,40}?\b(?:"
    r"stud(?:y|ies)|investigat\w+|explor\w+|examin\w+|analy[sz]\w+|address\w*|report\w*|review\w*|survey\w*|show\w*|demonstrat\w+|"
    r"find|consider\w*|evaluat\w+|revisit\w*|tackle\w*|compar\w+|measur\w+|use|identif\w+|reveal\w*|calculat\w+|comput\w+)\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|derived|studied|investigated)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:a|an) (?:novel|new|simple|unified|general|efficient|lightweight|scalable|first)\b|\bcalled\b|\bnamed\b|\bdubbed\b",
    re.I,
)
# What leans on the sentence before it, or is about numbers, others, or the paper's parts, is no summary.
_LEANING = re.compile(
    r"^(?:it|they|these|those|this(?! (?:paper|work|article|letter|study|report|survey))|such|here|there|however|moreover|"
    r"furthermore|"
    r"additionally|besides|specifically|finally|also|then|thus|therefore|consequently|as a result|in particular|for example|"
    r"meanwhile|but|and|yet|while|although|despite|unlike|both|the (?:former|latter)|more (?:broadly|generally)|overall|second|"
    r"third|lastly)\b",
    re.IGNORECASE,
)
# "We also present" is not the first thing that they present.
_FURTHER = re.compile(r"\bwe (?:also|further|additionally|then|next|finally)\b", re.IGNORECASE)
_RESULTS = re.compile(
    r"\b(?:experiment\w*|results?|outperform\w*|state-of-the-art|sota|accuracy|code (?:is|will)|available at|achiev\w+|improv\w+ by)\b|https?://|%",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{4,}")
# Characters; a shorter one says too little, a longer one is no sentence to scan.
SHORTEST, LONGEST = 40, 320
STRONG, AIM, NAMED, LEANING, RESULTS, TITLE, LONG = 3.0, 1.6, 0.6, 0.9, 0.8, 2.0, 1.0


@lru_cache(maxsize=8192)
def contribution(title: str, abstract: str) -> str:
    """The sentence of ``abstract`` that states the contribution, word for word; "" where there is no sentence."""
    found = [sentence for sentence in sentences(abstract) if re.search(r"[^\W\d_]", sentence)]
    if not found:
        return ""
    words = set(_WORD.findall(title.lower()))
    scores = [_score(sentence, place, found, words) for place, sentence in enumerate(found)]
    return found[scores.index(max(scores))]


def _score(sentence: str, place: int, among: Sequence[str], title: set[str]) -> float:
    cue = STRONG if _STRONG.search(sentence) else AIM if _AIM.search(sentence) else 0.0
    named = NAMED if _NAMED.search(sentence) else 0.0
    shared = len(title & set(_WORD.findall(sentence.lower()))) / max(3, len(title))
    leaning = LEANING * (bool(_LEANING.search(sentence)) + bool(_FURTHER.search(sentence)))
    results = RESULTS if _RESULTS.search(sentence) else 0.0
    odd = LONG if not SHORTEST <= len(sentence) <= LONGEST else 0.0
    # The first of two that claim alike: the second says how.
    late = 0.6 * place / max(1, len(among) - 1)
    return cue + named + TITLE * shared - leaning - results - odd - late
