"""Finds the title in an entry of a list: by its link, its bold letters, its quotation marks, or as the words before a link. Pure.

What stands before a title (a date, a venue, an award, the names of a citation) is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from newsletter.archive.formats.cells import LINKED, ref_in
from newsletter.archive.formats.dates import find_date
from newsletter.archive.formats.document import Role
from newsletter.archive.formats.names import are_names, are_whole_names

Span = tuple[int, int, Role]

# Words of links that say what they lead to and are no title.
_GENERIC = re.compile(
    r"[\s*_`\[\]()（）【】📄📃📑💻🌐🔗:：]*(?:(?:the|official|full|original)\s+)?(?:pdf|paper|papers|arxiv|abs|abstract|link|url|html|here|code|github|repo|project|website|web|page|homepage|demo"
    r"|video|data|dataset|model|slides?|poster|blog|doi|openreview|huggingface|hf|back|top|bib(?:tex)?|cite|论文|論文|代码|代碼|链接|連結|项目|項目|主页|主頁"
    r"|arxiv(?:\s+(?:paper|preprint|link|version))?|project\s+page|paper\s+link|code\s+link)?(?:\s*[:：]?\s*(?:arxiv[:：]?\s*)?\d{4}\.\d{4,5}(?:v\d+)?)?[\s*_`\[\]()（）【】]*"
    r"|\s*<?https?://\S*\s*|!\[.*",
    re.IGNORECASE | re.DOTALL,
)
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
# *Title* — authors: an entry that begins in italics.
_SLANTED = re.compile(r"\s*(?P<mark>[*_])(?P<words>[^\s*_][^*_\n]{5,300})(?P=mark)(?=\s*(?:[—–,.;:(-]|by\b|$))")
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
    r"[,，;；.。|·\s(（\[]*(?:paper|pdf|arxiv|link|code|url|论文|論文|代码|链接|project)\s*[:：]\s*", re.IGNORECASE
)
_END_OF_TITLE = re.compile(r"\[|<|https?://|\n|(?<=[,.;:]\s)[*_]|" + INLINE_LABEL.pattern, re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7a3]")
# A date with nothing but numbers, of which nobody can tell which is the day.
_NUMBERS_BEFORE = re.compile(r"[\s(（\[【*_`]*\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,4}(?!\d)[\s)）\]】*_`:|,–-]+")
# A venue or a year in brackets may stand before a title.
_BEFORE = re.compile(r"[\s,;:.|·–—*_`-]*(?:[(（\[【][^()（）\[\]【】\n]{1,40}[)）\]】](?!\()[\s,;:.|·–—*_`-]*)?")


def is_generic(words: str) -> bool:
    """Whether the words of a link are those of a label and no title."""
    return _GENERIC.fullmatch(words) is not None or not _WORD.search(words)


def stripped(raw: str, begin: int, end: int) -> tuple[int, int]:
    words = raw[begin:end]
    return begin + len(words) - len(words.lstrip(" \t\n>*_")), end - (len(words) - len(words.rstrip(" \t\n>*_")))


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def title_of(raw: str, start: int, labelled: Sequence[Span]) -> Span | None:
    """A linked title, else that of a heading, else a bold or labelled one, else the words before the first link."""
    values = [span for span in labelled if span[2] not in (Role.TITLE, Role.REF)]
    linked = (link.span("words") for link in LINKED.finditer(raw, start) if ref_in(link["url"]))
    if link := next((at for at in linked if _can_be_title(raw, at, values)), None):
        return _bare(raw, *link)
    if "#" in raw[:start]:
        return _bare(raw, start, start + len(raw[start:].partition("\n")[0]))
    if bold := next((at for at in _bold(raw, start) if _can_be_title(raw, at, values)), None):
        return _bare(raw, *bold)
    told = next((span for span in labelled if span[2] is Role.TITLE), None)
    return told or _unmarked_title(raw, start, values)


def _unmarked_title(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    return _slanted(raw, start, values) or _quoted(raw, start, values) or _title_before_link(raw, start, values)


def _slanted(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The title of an entry that begins with it in italics."""
    found = _SLANTED.match(raw, start)
    return _bare(raw, *found.span("words")) if found and _can_be_title(raw, found.span("words"), values) else None


def _quoted(raw: str, start: int, values: Sequence[Span]) -> Span | None:
    """The title of an entry that begins with it between quotation marks, or has names before these."""
    found = _QUOTED.search(raw, start)
    if found is None or found.lastgroup is None:
        return None
    before, at = raw[start : found.start()].strip(" ,:.—–-*_"), found.span(found.lastgroup)
    if (before and not are_names(before)) or not _can_be_title(raw, at, values):
        return None
    return _bare(raw, at[0], at[0] + len(raw[slice(*at)].rstrip(" ,.")))


def _behind_date_and_venue(raw: str, start: int) -> int:
    if (date := find_date(raw[start : start + 30])) and not raw[start : start + date.start].strip(" [(（【*_`"):
        start += date.end
    elif numbers := _NUMBERS_BEFORE.match(raw, start):
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
    return begin if are_whole_names(second) or not _WORD.search(second) else first.end()


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
    for mark in ('"', "“", "”", "`"):
        if end - begin > 2 and raw[begin] in '"“`' and raw[end - 1] == mark:
            begin, end = begin + 1, end - 1
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
    words = raw[begin:end].rstrip(' ,;:.|·-–—([（【*_`\t"”\n')
    found = _bare(raw, begin, begin + len(words))
    return found if found and re.search(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7a3]{2}", words) else None
