"""The one sentence of an abstract that says what its authors did. Pure; it invents nothing: the sentence stands in the abstract.

Method: the cue, title and place of a sentence, added up, after Edmundson (https://doi.org/10.1145/321510.321519); the cues are
those by which Teufel and Moens tell an author's own aim from what others did (https://aclanthology.org/J02-4002/). Abstracts of
arXiv put it after the problem and before the results. Libraries for this (sumy, pytextrank) rank by centrality, which in texts
of six sentences finds the topic and not the claim, and they load models of a hundred megabytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from newsletter.text.sentences import sentences

_WORK = (
    r"(?:paper|work|article|letter|study|report|thesis|survey|project|research|note|essay|chapter|contribution|manuscript|review)"
)
# A sentence that says "we propose" names the contribution; "this paper studies" names at least the aim.
_STRONG = re.compile(
    rf"\b(?:we|i|(?:this|the present|the current) {_WORK}|our (?:paper|work))\b[^.;:]{{0,40}}?\b(?:"
    r"propos\w+|introduc\w+|present\w*|develop\w*|design\w*|devis\w+|build\w*|construct\w*|describ\w+|creat\w+|"
    r"formulat\w+|establish\w*|prov(?:e|es)|deriv\w+|unveil\w*|offer\w*|contribut\w+)\b",
    re.IGNORECASE,
)
_AIM = re.compile(
    rf"\b(?:we|i|(?:this|the present|the current) {_WORK})\b[^.;:]{{0,40}}?\b(?:"
    r"stud(?:y|ies)|investigat\w+|explor\w+|examin\w+|analy[sz]\w+|address\w*|report\w*|release\w*|review\w*|survey\w*|show\w*|demonstrat\w+|"
    r"find|consider\w*|evaluat\w+|extend\w*|trac(?:e|es)|train\w*|formali[sz]e\w*|achiev\w+|realiz\w+|observ\w+|argu\w+|ask\w*|provid\w+|"
    r"generali[sz]\w+|adapt\w*|combin\w+|apply|applies|implement\w*|perform\w*|collect\w*|curat\w+|obtain\w*|determin\w+|"
    r"solv\w+|"
    r"look\w*|discuss\w*|aim\w*|focus\w*|seek\w*|model\w*|simulat\w+|classif\w+|characteri[sz]\w+|benchmark\w*|test\w*|"
    r"revisit\w*|tackle\w*|compar\w+|measur\w+|use|identif\w+|reveal\w*|calculat\w+|comput\w+)\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|derived|studied|investigated|described|explored|examined)\b"
    r"|\bour (?:aim|goal|objective|purpose) (?:is|here is)\b|\bthe (?:aim|goal|objective|purpose) of this\b",
    re.IGNORECASE,
)
# Where authors turn from others to themselves, whatever verb follows.
_TURN = re.compile(rf"^(?:in this {_WORK}|here|in the present {_WORK}),?\s+(?:we|i)\b", re.IGNORECASE)
# What they did beside the claim: tried it out, or counted what they found.
_SIDE = re.compile(
    r"\b(?:we|i)\b (?:\w+ly )?(?:validate|evaluate|illustrate|test|benchmark|release"
    r"|report (?:on )?(?:\w+ )?(?:findings|results|experiments))\b"
    r"|\bproof-of-concept\b|^to (?:probe|evaluate|assess|test|validate|implement|further|verify|measure|facilitate)\b[^,]*,",
    re.IGNORECASE,
)
# A pronoun that stands for what another sentence names.
_PRONOUN = re.compile(
    r"\b(?:show|find|demonstrate|argue|prove|that|whether) (?:that )?(?:it|they|their|its)\b"
    r"|^(?:we|i) (?:\w+ly |also |first )?\w+ (?:it|its|them|their|this|these|such)\b(?! (?:paper|work))",
    re.IGNORECASE,
)
# What points at something that was said before.
_POINTS_BACK = re.compile(
    rf"\b(?:this|these|those|such) (?!{_WORK}\b)[a-z]{{4,}}"
    r"|^(?:we|i) \w+ the (?:benchmark|model|method|data ?set|framework|approach|system|task|problem)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:a|an) (?:novel|new|simple|unified|general|efficient|lightweight|scalable|first)\b|\bcalled\b|\bnamed\b|\bdubbed\b",
    re.I,
)
# What leans on the sentence before it, or is about numbers, others, or the paper's parts, is no summary.
_LEANING = re.compile(
    r"^(?:since|because|when|if|once|"
    r"it|they|these|those|this(?! (?:paper|work|article|letter|study|report|survey))|such|here|there|however|moreover|"
    r"furthermore|"
    r"additionally|besides|specifically|finally|also|then|thus|therefore|consequently|as a result|in particular|for example|"
    r"meanwhile|but|and|yet|while|although|despite|unlike|both|the (?:former|latter)|more (?:broadly|generally)|overall|second|"
    r"third|lastly)\b",
    re.IGNORECASE,
)
# What speaks of a thing that another sentence names.
_POINTING = re.compile(
    r"^(?:the (?:proposed|resulting|presented|new) |our (?:method|approach|framework|model|results?|findings)\b|each |results )"
    r"|\bwe (?:show|find|demonstrate|argue|prove|verify)\b[^,.]{0,12}\b(?:this|these|it|such|they|the (?:method|approach))\b",
    re.IGNORECASE,
)
# "We also present" is not the first thing that they present.
_FURTHER = re.compile(r"\bwe (?:also|further|additionally|then|next|finally)\b", re.IGNORECASE)
_RESULTS = re.compile(
    r"\b(?:experiment\w*|results?|outperform\w*|state-of-the-art|sota|accuracy|code (?:is|will)|available at|achiev\w+|improv\w+ by)\b|https?://|%",
    re.IGNORECASE,
)
# How a sentence leads from the problem to what was done: it says nothing to who has not read the sentence before.
_RUN_UP = re.compile(
    r"""(?:
    (?:to|in\ order\ to|for|with|by|from|in|on|against|under|motivated\ by|inspired\ by|driven\ by|guided\ by|based\ on
      |building\ (?:up)?on|given|drawing\ on|leveraging|following|considering|using|as|towards?|recognizing|exploiting
      |in\ view\ of|in\ light\ of)\s
      [^,.;:]{0,90}?\b(?:this|these|those|that|such|so|its|their|them|mind|response|above|aforementioned|end|gaps?|issues?|challenges?
      |limitations?|problems?|shortcomings?|drawbacks?|observations?|insights?|bottlenecks?|concerns?|difficult(?:y|ies)|questions?
      |needs?)\b[^,.;:]{0,110}
    | to\ this\ end | to\ (?:that|these)\ ends? | to\ do\ so | in\ response | here | herein | in\ summary | in\ particular
    | specifically | therefore | thus | hence | accordingly | consequently | as\ a\ (?:result|solution|remedy|first\ step)
    | moreover | furthermore
    | additionally | finally | first | further | instead | in\ contrast | more\ specifically | notably | overall | then
    | in\ addition
    | in\ this\ (?:paper|work|article|letter|study|report|thesis|survey|contribution|talk|manuscript|note)
    )\s*,\s*(?=(?:we|i|this|our|the|an?)\b)
    | (?:aims?|objectives?|purpose|methods?|goal|contributions?|approach|background|results?|summary)\s?:\s+(?=[A-Z])
    | (?:to|in\ order\ to)\s(?:address|tackle|solve|overcome|fill|bridge|close|mitigate|resolve|handle|meet)
      \s(?:this|these|such|that)\b
      (?:[^,.;:]{0,60},\s*(?=[^.;:]{0,160}\b(?:is|are)\ (?:proposed|introduced|presented|developed)\b)|[^,.;:]{0,40}?\s(?=we\b))
    | (?:here|thus|therefore|hence|in\ this\ (?:paper|work|article|letter|study|report|thesis|note))\s+(?=we\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_WORD, _LETTERS = re.compile(r"[a-z]{4,}"), re.compile(r"[a-z]+")
# The patterns that cost most are tried where one of the words stands that they cannot do without.
_OF_STRONG = frozenset(("we", "i", "this", "present", "current", "our"))
_OF_AIM = _OF_STRONG | {"proposed", "presented", "introduced", "developed", "derived", "studied", "investigated", "described"}
_OF_AIM |= {"explored", "examined", "aim", "goal", "objective", "purpose"}
_OF_NAMED = frozenset(
    ("novel", "new", "simple", "unified", "general", "efficient", "lightweight", "scalable", "first", "called", "named", "dubbed")
)
# Characters; a shorter one says too little, a longer one is no sentence to scan.
SHORTEST, LONGEST = 45, 320
STRONG, AIM, NAMED, LEANING, RESULTS, TITLE, LONG = 3.0, 1.6, 0.6, 0.9, 0.8, 2.0, 1.0
BESIDE, TURN, BACK, BACKGROUND = 1.2, 1.0, 0.5, 0.7


@lru_cache(maxsize=8192)
def contribution(title: str, abstract: str) -> str:
    """The sentence of ``abstract`` that states the contribution, word for word but for a run-up; "" where there is none."""
    found = [sentence for sentence in sentences(abstract) if re.search(r"[^\W\d_]", sentence)]
    if not found:
        return ""
    words = set(_WORD.findall(title.lower()))
    most = [_claim(sentence, place, found, words) for place, sentence in enumerate(found)]
    best, chosen = -math.inf, 0
    # What speaks against a sentence costs more to see than what speaks for it, and most are out before.
    for place in sorted(range(len(found)), key=lambda place: (-most[place], place)):
        if most[place] < best:
            break
        score = most[place] - _doubt(found[place])
        if score > best or (score == best and place < chosen):
            best, chosen = score, place
    return _without_run_up(found[chosen])


def _without_run_up(sentence: str) -> str:
    """``sentence`` from its own beginning on: of "To address this, we propose …" what follows the comma."""
    run_up = _RUN_UP.match(sentence)
    rest = sentence[run_up.end() :] if run_up else ""
    return rest[0].upper() + rest[1:] if len(rest) >= SHORTEST else sentence


def _claim(sentence: str, place: int, among: Sequence[str], title: set[str]) -> float:
    """What speaks for a sentence, and what its place and its end say."""
    words = frozenset(_LETTERS.findall(sentence.lower()))
    strong = not words.isdisjoint(_OF_STRONG) and _STRONG.search(sentence)
    cue = STRONG if strong else AIM if not words.isdisjoint(_OF_AIM) and _AIM.search(sentence) else 0.0
    named = NAMED if not words.isdisjoint(_OF_NAMED) and _NAMED.search(sentence) else 0.0
    shared = len(title & words) / max(3, len(title))
    turn = TURN if cue < STRONG and _TURN.search(sentence) else 0.0
    asks = LEANING if sentence.rstrip().endswith("?") else 0.0
    # The first of two that claim alike: the second says how.
    late = 0.6 * place / max(1, len(among) - 1)
    return cue + turn + named + TITLE * shared - BACKGROUND * (not cue) - asks - late


def _doubt(sentence: str) -> float:
    """What speaks against a sentence, whatever it claims; never below 0."""
    told = _without_run_up(sentence)
    leaning = LEANING * (2 * bool(_LEANING.search(told)) + 2 * bool(_FURTHER.search(told)) + bool(_POINTING.search(told)))
    leaning += (
        BESIDE * bool(_SIDE.search(sentence)) + BESIDE * bool(_PRONOUN.search(told)) + BACK * bool(_POINTS_BACK.search(told))
    )
    results = RESULTS if _RESULTS.search(sentence) else 0.0
    odd = LONG if len(told) < SHORTEST or len(sentence) > LONGEST else 0.0
    return leaning + results + odd
