"""Where a paper appeared, read from what its authors wrote beside it ("Accepted at ICRA 2026"). Pure; it invents nothing.

arXiv has no field for it: authors say it in the comment, in words of their own. What is only submitted, under review or
rejected, and what a paper merely builds upon or was ranked in, is no place where it appeared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from newsletter.text.venue_names import CONFERENCES, JOURNALS, NO_VENUE, ONE_WORD_JOURNALS, SPELT_OUT, TOGETHER

LONGEST = 48
# What is longer is no reference to a journal, and is read so far.
LONGEST_REFERENCE = 1_000
# Letters of a comment: nobody names the venue behind so many.
MOST_READ = 2_000
_UPPER = frozenset(name.upper() for name in CONFERENCES)
_KNOWN = _UPPER | {name.upper() for name in JOURNALS}
_SPELT_OUT = re.compile("|".join(f"({words})" for words in SPELT_OUT), re.IGNORECASE)
_URL = re.compile(r"https?://\S+|www\.\S+")
_CLAUSE = re.compile(r"(?<=[^\d\W])[.;!]\s+|(?<=[\d)])[.;!]\s+|\s*;\s*|\n|\s[|]\s")
_TAKEN = re.compile(
    r"\bac+[cep]*ted\b|\baccept (?=in|at|by|to)|\bto appear\b|\b(?:will )?appear(?:s|ed|ing)?\b|\bpublished\b"
    r"|\bpresent(?:ed|ation)?\b|\bforthcoming\b"
    r"|\bproceedings?\b|\bproc\.|\bcamera[- ]ready\b|\b(?:oral|spotlight|poster|highlight)\b",
    re.IGNORECASE,
)
_ONLY_SUBMITTED = re.compile(
    r"\bsubmi(?:t|ss)\w*|\bunder\b.{0,30}\breview\b|\bin review\b|\bunder (?:consideration|revision)\b|\bintended for\b"
    r"|\btarget(?:s|ed|ing)\b|\bplan(?:s|ned)? to\b",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(
    r"\breject\w*|\bnot accepted\b|\bdeclined\b|\bextend(?:s|ed|ing)\b|\bextension\b|\b(?:longer|journal|conference|earlier"
    r"|previous|full|short|preliminary|older) (?:version|work|draft)\b|\b(?:longer|earlier|previous|preliminary|older) paper\b"
    r"|\b(?:conference|journal|workshop) paper (?:of|was|is)\b|\bbuilds? (?:up)?on\b|\bbased on\b|\bchallenge\b"
    r"|\bcompetition\b|\bplace\b|\branked\b|\bwinn(?:er|ing)\b|\bformat\b|\btemplate\b|\bstyle\b|\bshared task\b|\bwithdrawn\b"
    r"|\bthes[ei]s\b|\bdissertation\b|\bhabilitation\b",
    re.IGNORECASE,
)
# How a paper came to where it was taken: "to appear at ACL 2026 (submitted via ARR)".
_REMARK = re.compile(r"\([^()]*\b(?:submi(?:t|ss)\w*|review)\b[^()]*\)", re.IGNORECASE)
_MEETING = re.compile(r"\b(?:conference|symposium|congress|meeting)\b", re.IGNORECASE)
_WORKSHOP = re.compile(r"\bworkshops?\b|\bsemeval\b|\bsatellite\b|\w@\w", re.IGNORECASE)
_NAME = r"(?P<name>(?:[A-Z]|3(?=DV))[A-Za-z]*(?:[-_][A-Z][A-Za-z]*)*)"
_DATED = re.compile(rf"(?<![\w.-]){_NAME}\)?(?:\s*,)?[\s@:-]*['\u2019]?(?P<year>20[0-4]\d|(?<=['\u2019-])[0-4]\d)(?![\w-]*\d)")
# "ECCV26": only of a known one.
_GLUED = re.compile(rf"(?<![\w.-]){_NAME}(?P<year>[12]\d)(?![\w-])")
_IN_BRACKETS = re.compile(rf"\((?:IEEE |ACM )?{_NAME}\)")
_WORD = re.compile(rf"(?<![\w.-]){_NAME}(?![\w-])")
_YEAR = re.compile(r"\b20[0-4]\d\b")
_PERIODICAL = re.compile(
    r"\b(?:(?:IEEE|ACM)(?:/ACM|/ASME)? )?(?:Transactions|Trans\.|Journal|Letters) (?:on|of|in) [A-Z][\w-]+"
    r"(?:(?:,? (?:and|of|for|in|on))? [A-Z][\w-]+){0,5}|\bIEEE (?:Access|[A-Z]\w+ (?:Letters|Journal|Magazine))\b"
    r"|\bNature(?: [A-Z][a-z]+){0,2}\b"
)
_ALONE = re.compile(r"[A-Z][A-Za-z]*[A-Z][A-Za-z]+ 20[0-4]\d")
_BARE = re.compile(
    r"(?:(?:in|at|to|for|by)\s+)?(?:the\s+)?(?:IEEE(?:/\w+)?\s+|ACM\s+)?[\w@:/'\u2019()-]+,?\s*['\u2019]?(?:20)?\d\d"
    r"(?:[\s(:,-]+(?:main|findings|oral|poster|spotlight|highlight|demo|workshops?|conference|conf|paper|papers|track|long|short|"
    r"industry|and|the)\)?)*[\s).!]*",
    re.IGNORECASE,
)


# What stands between a name and its year.
_BETWEEN = re.compile(
    r"(?<=[A-Z]) (?:conference|conf\.?|papers?|main|proceedings|track)(?: (?:papers?|track|proceedings))?(?= 20[0-4]\d)",
    re.IGNORECASE,
)
# The title of a journal or a meeting, right behind the words of acceptance.
_TITLE = re.compile(
    r"(?:\s+(?:for|to) (?:publication|presentation))?\s+(?:in|by|at|to|with|on)\s+(?:the\s+)?"
    r"(?P<title>(?:\d+(?:st|nd|rd|th) )?[A-Z][\w&.-]*\w(?:(?: (?:and|of|for|in|on|the|&|de))* [A-Z][\w&-]*){0,8})"
    r"(?=\s*(?:$|[,.;:(]|journal\b|magazine\b|on [A-Z][a-z]+ \d))"
)
# Capitals that begin no title: a place, a publisher, an author's initial.
_NO_TITLE = re.compile(
    r"\b(?:University|Institute|Press|Book|Chapter|Thesis|Springer|Elsevier|San|New|Los|Special Issue)\b|^[A-Z]\."
)


@lru_cache(maxsize=8192)
def venue_of(comment: str, journal_ref: str = "") -> str:
    """The venue that ``comment`` or else ``journal_ref`` names: "CVPR 2026", "ICML 2026 workshop", "TMLR"; "" where none is."""
    read = _URL.sub(" ", comment[:MOST_READ])
    for words, name in TOGETHER:
        read = words.sub(name, read)
    for clause in _CLAUSE.split(read):
        if found := _of_clause(_BETWEEN.sub("", " ".join(clause.split()))):
            return found
    return _of_journal(" ".join(journal_ref.split()))


def _of_clause(clause: str) -> str:
    if _NOT_THIS.search(clause):
        return ""
    if _TAKEN.search(without := _REMARK.sub("", clause)):
        clause = without
    hoped = _ONLY_SUBMITTED.search(clause) and not re.search(r"\bac+[cep]*ted\b", clause, re.IGNORECASE)
    if (taken := list(_TAKEN.finditer(clause))) and not hoped:
        return _where_taken(clause, taken)
    return "" if _ONLY_SUBMITTED.search(clause) else _bare(clause)


def _where_taken(clause: str, taken: Sequence[re.Match[str]]) -> str:
    # "Submitted to A, accepted at B": what counts stands after the word; "ECCV 2026 accepted" has nothing there.
    after, behind_the_first = clause[taken[-1].end() :], clause[taken[0].end() :]
    named = (_named(part, clause) for part in (after, behind_the_first, clause))
    return next(filter(None, named), "") or _spelt_out(clause) or _title(after)


def _bare(clause: str) -> str:
    """The venue of a clause that has no word of acceptance: a known one that stands by itself between commas."""
    named = (_named(piece, clause) for piece in (clause, *re.split(r",\s+(?!20\d\d)", clause)) if _stands_alone(piece))
    if found := next((name for name in named if name and _is_known(name.split()[0])), ""):
        return found
    return (_named(clause, clause) or _spelt_out(clause)) if _is_meeting(clause) else ""


def _stands_alone(piece: str) -> bool:
    if _BARE.fullmatch(piece) or piece in CONFERENCES or piece in JOURNALS:
        return True
    return len(piece) < 2 * LONGEST and any(name in CONFERENCES for name, _ in _dated(piece))


def _is_meeting(clause: str) -> bool:
    """A meeting's own name, a workshop at one that is known, or letters and a year and nothing else at all."""
    if _ALONE.fullmatch(clause) or (_WORKSHOP.search(clause) and clause.split(maxsplit=1)[0] in CONFERENCES):
        return True
    return len(clause) < 4 * LONGEST and _MEETING.search(clause) is not None


def _title(after: str) -> str:
    """What follows the words of acceptance, where it can only be a title: of several words, or a journal that is known."""
    found = _TITLE.match(after)
    if not found or _NO_TITLE.search(found["title"]) or len(found["title"]) > LONGEST:
        return ""
    title = found["title"]
    if sum(word[0].isupper() for word in title.split()) < 2 and title not in ONE_WORD_JOURNALS:
        return ""
    return f"{title} {_year_in(after)}".strip()


def _named(text: str, clause: str) -> str:
    """The venue in ``text``, a part of ``clause``."""
    if dated := list(_dated(text)):
        return _told(*_chosen(dated, clause), text)
    if name := _undated(text):
        return _told(name, "" if name in JOURNALS else _year_in(text), text)
    periodical = _PERIODICAL.search(text)
    return periodical[0] if periodical and len(periodical[0]) <= LONGEST else ""


def _chosen(dated: Sequence[tuple[str, str]], clause: str) -> tuple[str, str]:
    """Of several names with their years the conference that is known; where a workshop is held at it, it is named last."""
    known = [one for one in dated if one[0].upper() in _UPPER] or [dated[0]]
    return known[-1] if _WORKSHOP.search(clause) else known[0]


def _undated(text: str) -> str:
    """A name in brackets, or a known one."""
    in_brackets = (one["name"] for one in _IN_BRACKETS.finditer(text) if _is_name(one["name"]))
    known = (one["name"] for one in _WORD.finditer(text) if one["name"] in CONFERENCES | JOURNALS)
    return next(chain(in_brackets, known), "")


def _spelt_out(text: str) -> str:
    """The letters and the year of a meeting that is named in full."""
    found = _SPELT_OUT.search(text)
    if not found or not found.lastindex or not _MEETING.search(text):
        return ""
    return _told([*SPELT_OUT.values()][found.lastindex - 1], _year_in(text), text)


def _year_in(text: str) -> str:
    return found[0] if (found := _YEAR.search(text)) else ""


def _dated(text: str) -> Iterator[tuple[str, str]]:
    """The names in ``text`` that a year follows, with it in four figures."""
    for one in _DATED.finditer(text):
        # "ECCV2026" and "EIML@ICML 2026" are found too; letters that begin a sentence are not, nor "COVID-19", "CERN-TH-26".
        if _is_name(one["name"]) and (text[one.start("year") - 1] != "-" or _is_known(one["name"])):
            yield one["name"], one["year"] if len(one["year"]) == 4 else f"20{one['year']}"
    yield from ((one["name"], f"20{one['year']}") for one in _GLUED.finditer(text) if one["name"].upper() in _UPPER)


def _is_known(name: str) -> bool:
    """Whether this is a conference or journal of the lists here, or two that are held together ("ECML-PKDD")."""
    return name.upper() in _KNOWN or any(part.upper() in _UPPER for part in re.split("[-_]", name))


def _is_name(name: str) -> bool:
    capitals = sum(letter.isupper() for letter in name)
    return name.upper() in _UPPER or (capitals >= 2 and len(name) >= 2 and name.upper() not in NO_VENUE)


def _told(name: str, year: str, text: str) -> str:
    kind = " workshop" if _WORKSHOP.search(text) else " Findings" if re.search(r"\bfindings\b", text, re.IGNORECASE) else ""
    name = name.replace("_", "-").replace("SIGGRAPH-Asia", "SIGGRAPH Asia")
    return f"{name} {year}".strip()[:LONGEST] + kind


def _of_journal(reference: str) -> str:
    """The name of the journal in a reference such as "Phys. Rev. D 112, 103512 (2025)"."""
    if dated := list(_dated(reference)):
        return " ".join(dated[0])
    reference = reference[:LONGEST_REFERENCE]
    name = re.split(r"\s*(?:,|\(|:|\b(?:vol|volume|no|pp)\b\.?|(?<!\w)\d)", reference, maxsplit=1, flags=re.IGNORECASE)[0].strip()
    year = _YEAR.findall(reference)
    told = f"{name} {year[-1]}" if year else name
    return told if name and len(told) <= LONGEST and any(letter.isupper() for letter in name) else ""
