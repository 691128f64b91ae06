"""Finds the title in an entry of a list: by its link, its bold letters, its quotation marks, or as the words before a link. Pure.

What stands before a title (a date, a venue, an award, the names of a citation) is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from newsletter.archive.formats.cells import LINKED, ref_in
from newsletter.archive.formats.dates import find_date
from newsletter.archive.formats.document import Role
from newsletter.archive.formats.link_words import EMOJI, has_words, is_generic
from newsletter.archive.formats.names import are_names, are_whole_names
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.language_detection import language_told

Span = tuple[int, int, Role]
# Finds a title in an entry that begins at the place, but not in the values that labels told.
Finder = Callable[[str, int, Sequence[Span]], Span | None]

# Where and how a paper was taken, beside its title: CVPR'24, NeurIPS 2024 (Oral), Best Paper, New!
_HONOUR = (
    r"(?i:oral|spotlight|highlight|poster|workshop|findings|best(?:\s+\w+)?\s+paper|honou?rable\s+mention|award|runner[- ]up"
    r"|accepted|new|hot)"
)
_VENUE = (
    rf"(?i:accepted\s+(?:by|at|to)\s+)?[A-Z][A-Za-z&+/-]{{1,15}}\s*(?:['’]\s*\d\d|(?:19|20)\d\d)(?:[\s,(（\[|·:-]+{_HONOUR})*"
)
_TAKEN_BY = re.compile(rf"[\s(（\[【*_`]*(?:{_VENUE}|{_HONOUR}(?:[\s,/&-]+{_HONOUR})*)[\s)）\]】!✨🔥⭐🏆*_`]*")
_TAKEN_BEFORE = re.compile(rf"{_TAKEN_BY.pattern}(?:[|:·–—-]|[*_)）\]】][.,]?)\s+")
# The summary of a folded block.
SUMMARY = re.compile(r"[\s>]*<details\b[^<>]*>\s*<summary\b[^<>]*>(?P<words>.*?)</summary>", re.IGNORECASE | re.DOTALL)
# What stands before and behind the title within a heading: marks, a number, the id.
_BEFORE_HEADED = re.compile(
    rf"(?:\s|[*_`]|{EMOJI}|\[\d{{1,4}}\](?!\()|\d{{1,4}}[.)、](?=\s)|[\[(]?(?:arXiv:?\s*)?\d{{4}}\.\d{{4,5}}(?:v\d+)?[\])]?(?!\()\s*[:：|–—-]?)*",
    re.IGNORECASE,
)
_BEHIND_HEADED = re.compile(
    rf"(?:(?<!\s)\s++|[*_`#(（\[|·]|{EMOJI}|\(?(?:arXiv:?\s*)?\d{{4}}\.\d{{4,5}}(?:v\d+)?\)?){{0,60}}+$", re.IGNORECASE
)
_ID_BEFORE = re.compile(r"[\[(]?(?:arXiv:?\s*)?\d{4}\.\d{4,5}(?:v\d+)?[\])]?\s*(?:[:：|–—-]\s*|\s)", re.IGNORECASE)
# 2014 **Inception** Going Deeper with Convolutions: a name for short before the title.
_SHORT_NAME = re.compile(
    r"[\s\d.,:|-]*(?P<mark>\*\*|__)(?:(?P<tag>\[[^\[\]\n]{1,60}\])|(?:(?!(?P=mark))[^\n\[]){1,40})(?P=mark)\s+(?=[A-Z0-9])"
)
_SHORT = re.compile(r"^\s*(?:\*\*|__)(?:(?!\*\*|__)[^\n]){1,60}(?:\*\*|__)\s*[—–:,-]?")
# Where and when it was taken, behind a title: "(COLM 2024)", "(**WACV**)", "(2023)".
_TAKEN_BEHIND = re.compile(
    r"\s*[(（\[](?:[*_\s]*[A-Za-z][\w&+/ -]{1,24}?[*_\s]*(?:['’]\d\d|(?:19|20)\d\d)[*_\s]*|\*\*[A-Z][\w&+/ '’-]{1,24}\*\*"
    r"|(?:19|20)\d\d)[)）\]]$"
)
_WIKI = re.compile(r"\[\[(?:[^\[\]|]*\|)?(?P<words>[^\[\]|]+)\]\](?!\()")
# **ViT**: "An Image is Worth …": what a paper is called for short before its title.
_NAMED = re.compile(r"\s*(?:\*\*|__)(?:(?!\*\*|__)[^\n\"]){1,40}(?:\*\*|__)\s*+(?:[:：,—–-][^\"“\n]{0,80})?[\"“]")
_DAY_BEFORE = re.compile(
    r"[\s(（\[【*_`]*(?:\d{1,2}(?:st|nd|rd|th)?\.?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?)[\s)）\]】*_`]*[,:|·–—-]+\s*",
    re.IGNORECASE,
)
# *Title* — authors: an entry that begins in italics, or has names before them; a title may go on in the next line.
_SLANTED = re.compile(
    r"\s*(?P<mark>[*_])(?P<words>[^\s*_](?:[^*_\n]|\n(?=[ \t]+\S)){5,300})(?P=mark)(?=\s*(?:[—–,.;:(-]|by\b|$))"
)
# Names, "Title", venue: as people cite.
_QUOTED = re.compile(r"\"(?P<plain>[^\"\n]{6,300})\"|“(?P<curly>[^“”\n]{6,300})”|«(?P<angled>[^«»\n]{6,300})»")
# Orr, A., Lind, B., et al. (2024). Title. As APA cites.
_SURNAMES_FIRST = re.compile(
    r"(?:[^\W\d_][\w'’\- ]{0,40},\s*(?:[^\W\d_]\.[ \-]?)+[\s,;&]*(?:and\s+)?)+(?:et al\.?)?[\s,.]*\((?:19|20)\d\d[a-z]?\)[.,:]\s+"
)
_BOLD = re.compile(
    r"(?P<mark>\*\*|__)(?=\S)(?P<words>(?:(?!(?P=mark))[^\n])+?)(?<=\S)(?P=mark)|<(?P<tag>b|strong)>(?P<html>[^<\n]+)</(?P=tag)>",
    re.IGNORECASE,
)
INLINE_LABEL = re.compile(
    r"[,，;；.。|·\s(（\[]{0,60}+(?:paper|pdf|arxiv|link|code|url|论文|論文|代码|链接|project)\s*[:：]\s*", re.IGNORECASE
)
_END_OF_TITLE = re.compile(r"\[|<|https?://|\n|(?<=[,.;:]\s)[*_]|" + INLINE_LABEL.pattern, re.IGNORECASE)
# A date with nothing but numbers, of which nobody can tell which is the day.
_NUMBERS_BEFORE = re.compile(r"[\s(（\[【*_`]*\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,4}(?!\d)[\s)）\]】*_`:|,–-]+")
# A venue or a year in brackets may stand before a title.
_BEFORE = re.compile(r"[\s,;:.|·–—*_`-]*(?:[(（\[【][^()（）\[\]【】\n]{1,40}[)）\]】](?!\()[\s,;:.|·–—*_`-]*)?")


def stripped(raw: str, begin: int, end: int) -> tuple[int, int]:
    words = raw[begin:end]
    return begin + len(words) - len(words.lstrip(" \t\n>*_")), end - (len(words) - len(words.rstrip(" \t\n>*_")))


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def title_of(raw: str, start: int, labelled: Sequence[Span]) -> Span | None:
    """The title behind a label, else of a heading or summary, else a linked or bold one, else the words before the first link."""
    if told := _labelled_title(raw, labelled) or _title_of_heading(raw, start):
        return told
    summary = SUMMARY.match(raw)
    start = summary.start("words") if summary else start
    values = [span for span in labelled if span[2] not in (Role.TITLE, Role.REF)]
    foreign = [span for span in labelled if span[2] is Role.TITLE][:1]
    return _first(_MARKED, raw, start, values) or next(iter(foreign), None) or _first(_UNMARKED, raw, start, values)


def _first(finders: Sequence[Finder], raw: str, start: int, values: Sequence[Span]) -> Span | None:
    return next((found for find in finders if (found := find(raw, start, values))), None)


def _labelled_title(raw: str, labelled: Sequence[Span]) -> Span | None:
    """The English title that a label says, of a link its words."""
    for begin, end, role in labelled:
        if role is Role.TITLE and language_told(raw[begin:end]) in ("", SOURCE_LANGUAGE):
            link = LINKED.match(raw, begin)
            if link and not is_generic(link["words"]):
                return (*link.span("words"), role)
            return begin, begin + len(_BEHIND_HEADED.sub("", raw[begin:end])), role
    return None


def _title_of_heading(raw: str, start: int) -> Span | None:
    """A linked title in a heading, else its words without numbers, dates and ids around them; None where there is none."""
    if "#" not in raw[:start]:
        return None
    end = start + len(raw[start:].partition("\n")[0])
    if wiki := _WIKI.search(raw, start, end):  # [[papers/2401.00001.pdf|Title]]
        return _bare(raw, *wiki.span("words"))
    links = list(LINKED.finditer(raw, start, end))
    if link := next((link for link in links if not is_generic(link["words"])), None):
        return _bare(raw, *link.span("words"))
    return _words_of_heading(raw, start, links[0].start() if links and has_words(raw[start : links[0].start()]) else end)


def _words_of_heading(raw: str, start: int, end: int) -> Span | None:
    """What stands between without numbers, dates, ids, venues and years around it; None where it only leads somewhere."""
    before = _BEFORE_HEADED.match(raw, start, end)
    begin = _behind_date_and_venue(raw, before.end() if before else start)
    begin = begin if has_words(raw[begin:end]) else start
    end = begin + len(_TAKEN_BEHIND.sub("", _BEHIND_HEADED.sub("", raw[begin:end])))
    return None if is_generic(raw[begin:end]) else _bare(raw, begin, end)


def _linked(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The words of the first link to a paper, or of the one that an entry begins with wherever it leads."""
    links = [link for link in LINKED.finditer(raw, start) if link.start() == start or ref_in(link["url"])]
    to_papers = sorted(links, key=lambda link: ref_in(link["url"]) is None)
    found = next((link.span("words") for link in to_papers if _can_be_title(raw, link.span("words"), values)), None)
    return _bare(raw, *found) if found else None


def _quoted_behind_name(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    return _quoted(raw, start, values) if _NAMED.match(raw, start) else None


def _bold_title(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    found = next((at for at in _bold(raw, start) if _can_be_title(raw, at, values)), None)
    return _bare(raw, *found) if found else None


def _slanted(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The title of an entry that begins with it in italics, behind a day or names maybe."""
    start = day.end() if (day := _DAY_BEFORE.match(raw, start)) else start
    found = _SLANTED.match(raw, start) or _SLANTED.search(raw, start)
    if found and not are_names(raw[start : found.start()].strip(" ,;:\n")) and raw[start : found.start()].strip():
        return None
    return _bare(raw, *found.span("words")) if found and _can_be_title(raw, found.span("words"), values) else None


def _quoted(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The title of an entry that begins with it between quotation marks, or has names before these."""
    found = _QUOTED.search(raw, start)
    if found is None or found.lastgroup is None:
        return None
    before, at = _SHORT.sub("", raw[start : found.start()]).strip(" ,:.—–-*_"), found.span(found.lastgroup)
    if (before and not are_names(before)) or not _can_be_title(raw, at, values):
        return None
    return _bare(raw, at[0], at[0] + len(raw[slice(*at)].rstrip(" ,.")))


def _behind_short_name(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    found = _SHORT_NAME.match(raw, start)
    title = _title_before_link(raw, found.end(), values) if found else None
    words = raw[title[0] : title[1]] if title else ""
    is_title = len(words.split()) >= 3 and not are_names(words)
    return title if is_title or (found and found["tag"] and words) else None


def _behind_date_and_venue(raw: str, start: int) -> int:
    if (date := find_date(raw[start : start + 30])) and not raw[start : start + date.start].strip(" [(（【*_`"):
        start += date.end
    elif numbers := _NUMBERS_BEFORE.match(raw, start) or _DAY_BEFORE.match(raw, start):
        start = numbers.end()
    if before := _BEFORE.match(raw, start):
        start = before.end()
    if taken := _TAKEN_BEFORE.match(raw, start):
        start = taken.end()
    return start


def _behind_names(raw: str, begin: int, end: int) -> int:
    """Where the title begins of an entry that is cited: behind the names of its authors, else at ``begin``."""
    if cited := _SURNAMES_FIRST.match(raw, begin, end):
        return cited.end()
    first = re.compile(r"(?<=[^\W\d_]{2})\.\s+").search(raw, begin, end)
    if first is None or not are_whole_names(raw[begin : first.start()]):
        return begin
    second = re.split(r"(?<=[^\W\d_]{2})[.?!](?:\s|$)", raw[first.end() : end], maxsplit=1)[0]
    return begin if are_whole_names(second) or not has_words(second) else first.end()


def _can_be_title(raw: str, at: tuple[int, int], values: Sequence[Span]) -> bool:
    words = raw[slice(*at)]
    is_title = not is_generic(words) and not _TAKEN_BY.fullmatch(words)
    return is_title and not any(meet((*at, Role.TITLE), value) for value in values)


def _bold(raw: str, start: int) -> Iterator[tuple[int, int]]:
    """The stretches in bold letters that are no label, of a link its words."""
    for bold in _BOLD.finditer(raw, start):
        begin, end = bold.span("words" if bold["words"] else "html")
        is_label = raw[begin:end].rstrip().endswith((":", "：")) or raw[bold.end() : bold.end() + 2].lstrip().startswith(
            (":", "：")
        )
        if not is_label:
            inner = LINKED.fullmatch(raw[begin:end])
            yield (begin + inner.start("words"), begin + inner.end("words")) if inner else (begin, end)


def _bare(raw: str, begin: int, end: int) -> Span | None:
    begin, end = stripped(raw, begin, end)
    if (before := _ID_BEFORE.match(raw, begin, end)) and has_words(raw[before.end() : end]):
        begin = before.end()
    if re.fullmatch(r"\[[^\[\]]+\]", raw[begin:end]):
        begin, end = begin + 1, end - 1
    for mark in ('"', "“", "”", "`"):
        if end - begin > 2 and raw[begin] in '"“`' and raw[end - 1] == mark:
            begin, end = begin + 1, end - 1
    if re.search(r"[^\W_]{3}\.$", raw[begin:end]):  # the full stop of a citation
        end -= 1
    return (begin, end, Role.TITLE) if begin < end else None


def _title_before_link(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The words before the first link or label, to their first full stop; without a date before them."""
    start = _behind_date_and_venue(raw, start)
    stop = _END_OF_TITLE.search(raw, start + 1)
    end = min([stop.start() if stop else len(raw), *(value[0] for value in values)])
    words = raw[start:end]
    begin = _behind_names(raw, start + len(words) - len(words.lstrip(" ,;:.|·-–—])）】*_`\t")), end)
    sentence = re.search(r"(?<=\w\w)\.\s", raw[begin:end])
    end = begin + sentence.start() if sentence else end
    words = _BEHIND_HEADED.sub("", raw[begin:end].rstrip(' ,;:.|·-–—([（【*_`\t"”\n\\'))
    words = _TAKEN_BEHIND.sub("", words)
    found = None if is_generic(words) else _bare(raw, begin, begin + len(words))
    return found if found and re.search(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7a3]{2}", words) else None


_MARKED: Sequence[Finder] = (_linked, _quoted_behind_name, _behind_short_name, _bold_title)
_UNMARKED: Sequence[Finder] = (_slanted, _quoted, _title_before_link)
