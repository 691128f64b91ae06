"""Reads one entry of a list that is no row of a table: an item of a bullet list, a heading with what follows, a quotation. Pure.

Nothing says what stands where, so each part is known by its looks: the title by its link or bold letters, a value by the label
before it ("TL;DR:"), authors by where they stand and how names look. What nothing tells stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from newsletter.archive.formats.cells import LINKED, REFERENCE, ref_in, words_of
from newsletter.archive.formats.columns import role_of_label
from newsletter.archive.formats.dates import find_date
from newsletter.archive.formats.document import Item, Piece, Role, glue
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.names import are_names, are_whole_names, ends_before_et_al

Span = tuple[int, int, Role]

# What stands before an entry: quotation marks, the mark of a list with its box, or the marks of a heading with a number.
MARKER = re.compile(
    r"(?:[ \t]*>)*[ \t]*(?:(?:[-*+•·]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+)?"
    r"(?:\[\d{1,4}\][ \t]+|\d{1,4}[.)][ \t]+)?"
)
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
_LABEL = re.compile(
    r"^(?P<lead>[ \t>]*(?:[-*+•][ \t]+)?)(?P<open>[*_`]{0,3}(?:<(?:b|strong|i|em)>)?)"
    r"(?P<label>[^\W\d_][^\n:：*_<>|\[\]]{0,28}?)"
    r"(?P<close>[*_`]{0,3}(?:</(?:b|strong|i|em)>)?\s*[:：][*_`]{0,3}(?:</(?:b|strong|i|em)>)?[ \t]*)",
    re.MULTILINE | re.IGNORECASE,
)
_INLINE_LABEL = re.compile(
    r"[,，;；.。|·\s(（\[]*(?:paper|pdf|arxiv|link|code|url|论文|論文|代码|链接|project)\s*[:：]\s*", re.IGNORECASE
)
_ITALIC_LINE = re.compile(r"^[ \t>]*(?P<mark>\*|_)(?=[^\s*_])(?P<words>[^*_\n]+)(?P=mark)[ \t]*$", re.MULTILINE)
_END_OF_AUTHORS = re.compile(r"\[|<|\bhttps?:|\*\*|\n|[(（]|" + _INLINE_LABEL.pattern, re.IGNORECASE)
_END_OF_TITLE = re.compile(r"\[|<|https?://|\n|(?<=[,.;:]\s)[*_]|" + _INLINE_LABEL.pattern, re.IGNORECASE)
_NOTHING = re.compile(r"[\W_]*(?:error|none|null|n/?a|无|無|unknown|todo|tbd)?[\W_]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7a3]")
# A date with nothing but numbers, of which nobody can tell which is the day.
_NUMBERS_BEFORE = re.compile(r"[\s(（\[【*_`]*\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,4}(?!\d)[\s)）\]】*_`:|,–-]+")
# A venue or a year in brackets may stand before a title.
_BEFORE = re.compile(r"[\s,;:.|·–—*_`-]*(?:[(（\[【][^()（）\[\]【】\n]{1,40}[)）\]】](?!\()[\s,;:.|·–—*_`-]*)?")
_URL = re.compile(r"https?://\S+|\]\([^)\s]*\)")
_NOT_TEXTS = (Role.REF, Role.CODE, Role.PROJECT, Role.NOTE)
_LONG = 200
_LONG_HAN = 60
_ONE_LINE = (
    Role.AUTHORS,
    Role.DATE,
    Role.CATEGORY,
    Role.COMMENT,
    Role.CODE,
    Role.PROJECT,
    Role.REF,
    Role.TITLE,
    Role.OTHER_TITLE,
)


def is_generic(words: str) -> bool:
    """Whether the words of a link are those of a label and no title."""
    return _GENERIC.fullmatch(words) is not None or not _WORD.search(words)


def read_entry(raw: str) -> tuple[tuple[Piece, ...], Item, tuple[str, ...]]:
    """The pieces of an entry, what it says, and what of it was not understood."""
    lead = MARKER.match(raw)
    start = lead.end() if lead else 0
    reference = ref_in(raw)
    labelled = list(_labelled(raw, start))
    pieces = _pieces(raw, start, _spans(raw, start, labelled), reference.ref if reference else "")
    links = ((role, raw[begin:end]) for begin, end, role in labelled if role in (Role.CODE, Role.PROJECT))
    told = with_languages(pieces)
    item = item_of(told, cells=[(Role.REF, raw[start:]), *links])
    has_title = item.title or any(name == "title" for name, _, _ in item.texts)
    return told, item, () if has_title else ("no title is found here",)


def _spans(raw: str, start: int, labelled: Sequence[Span]) -> list[Span]:
    """Where the title, the labelled values, authors, date and abstract stand."""
    title = _title(raw, start, labelled)
    spans = [span for span in labelled if span[2] not in _NOT_TEXTS]
    if title:
        spans = [*(span for span in spans if span[2] is not Role.TITLE and not _meet(span, title)), title]
        _add(spans, Role.AUTHORS, lambda: _authors_before(raw, start, title[0]) or _authors(raw, title[1], labelled))
    _add(spans, Role.DATE, lambda: _date(raw, start, spans))
    _add(spans, Role.ABSTRACT, lambda: _long_paragraph(raw, spans))
    return spans


def _add(spans: list[Span], role: Role, find: Callable[[], Span | None]) -> None:
    """Adds what ``find`` gives, where no label said it."""
    if all(found is not role for _, _, found in spans) and (span := find()):
        spans.append(span)


def _labelled(raw: str, start: int) -> Iterator[Span]:
    """The values that stand behind a label at the begin of a line, up to the next blank line or label."""
    found = [label for label in _LABEL.finditer(raw) if label.end() > start]
    for place, label in enumerate(found):
        role = role_of_label(label["label"])
        following = found[place + 1].start() if place + 1 < len(found) else len(raw)
        end = _end_of_value(raw, label.end(), following, one_line=role in _ONE_LINE)
        begin, end = _stripped(raw, label.end(), end)
        if role is not Role.EXTRA and begin < end and not _NOTHING.fullmatch(raw[begin:end]):
            yield begin, end, role


def _end_of_value(raw: str, begin: int, following: int, *, one_line: bool) -> int:
    if one_line:
        return min(following, raw.find("\n", begin) if "\n" in raw[begin:] else len(raw))
    blank = re.compile(r"\n[ \t>]*(?:\n|$)|</?details|<summary", re.IGNORECASE).search(raw, begin, following)
    if blank and not raw[begin : blank.start()].strip():  # the value stands under its label
        after = re.compile(r"[\s>]*").match(raw, begin)
        blank = re.compile(r"\n[ \t>]*(?:\n|$)|</?details", re.IGNORECASE).search(raw, after.end() if after else begin, following)
    return blank.start() if blank else following


def _stripped(raw: str, begin: int, end: int) -> tuple[int, int]:
    words = raw[begin:end]
    return begin + len(words) - len(words.lstrip(" \t\n>*_")), end - (len(words) - len(words.rstrip(" \t\n>*_")))


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _title(raw: str, start: int, labelled: Sequence[Span]) -> Span | None:
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
    return is_title and not any(_meet((*at, Role.TITLE), value) for value in values)


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
    begin, end = _stripped(raw, begin, end)
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


def _authors_before(raw: str, start: int, title: int) -> Span | None:
    """Names that an entry begins with, as a citation does."""
    words = raw[start:title].rstrip(' ,;:.—–-*_"“«\n')
    begin = start + len(words) - len(words.lstrip(" *_"))
    words = words.strip(" *_")
    words = words[: ends_before_et_al(words)].rstrip(" ,;")
    return (begin, begin + len(words), Role.AUTHORS) if are_names(words) else None


def _authors(raw: str, after: int, labelled: Sequence[Span]) -> Span | None:
    """Names right behind the title: in a line in italics, or on its line up to the next link or label."""
    for line in _ITALIC_LINE.finditer(raw, after):
        if are_names(line["words"]):
            return (*line.span("words"), Role.AUTHORS)
    begin = after
    if closing := re.compile(r"[\"”*_`\s]*(?:\]\([^)\s]*\))?[*_`\"”]*").match(raw, begin):
        begin = closing.end()
    stop = _END_OF_AUTHORS.search(raw, begin)
    end = min([stop.start() if stop else len(raw), *(value[0] for value in labelled if value[0] >= begin)])
    words = raw[begin:end]
    begin += len(words) - len(words.lstrip(" ,;:.|·-–—*_\t"))
    sentence = re.search(r"(?<=[^\W\d_]{2})\.\s", raw[begin:end])
    end = begin + sentence.start() if sentence and not raw[begin:end].lower().rstrip().endswith(("al.", "al")) else end
    words = raw[begin:end].rstrip(" ,;:|·-–—*_\t\n")
    words = words[: ends_before_et_al(words)].rstrip(" ,;")
    # A venue or a year may follow the names.
    while words and not are_names(words) and re.search(r"[,;]", words):
        words = re.split(r"\s*[,;][^,;]*$", words)[0]
    return (begin, begin + len(words), Role.AUTHORS) if are_names(words) else None


def _date(raw: str, start: int, spans: Sequence[Span]) -> Span | None:
    """The first date outside of addresses, ids and what was found already."""
    masked = list(raw)
    hidden = [*(found.span() for found in _URL.finditer(raw)), *(found.span() for found in REFERENCE.finditer(raw))]
    for begin, end in [*hidden, *(span[:2] for span in spans), (0, start)]:
        masked[begin:end] = "x" * (end - begin)
    found = find_date("".join(masked))
    return (found.start, found.end, Role.DATE) if found else None


def _long_paragraph(raw: str, spans: Sequence[Span]) -> Span | None:
    """A paragraph that is long enough for an abstract and holds nothing that was found already."""
    for found in re.finditer(r"(?:[^\n]*\S[^\n]*\n?)+", raw):
        begin, end = _stripped(raw, *found.span())
        text = words_of(raw[begin:end])
        han = len(re.findall(r"[\u3040-\u9fff\uac00-\ud7a3]", text))
        is_prose = begin > 0 and "](" not in text and "<" not in raw[begin:end]
        is_free = not any(_meet((begin, end, Role.ABSTRACT), span) for span in spans)
        if (len(text) >= _LONG or han >= _LONG_HAN) and is_prose and is_free:
            return begin, end, Role.ABSTRACT
    return None


def _pieces(raw: str, start: int, spans: Sequence[Span], ref: str) -> list[Piece]:
    """``raw`` cut at the spans; between them the ids of the paper itself are pieces, with their version."""
    pieces: list[Piece] = [Piece(Role.MARKER, raw[:start])]
    end = start
    for begin, upto, role in sorted(spans):
        if begin < end:
            continue
        pieces += (*_with_ref(raw[end:begin], ref), Piece(role, raw[begin:upto]))
        end = upto
    return [*pieces, *_with_ref(raw[end:], ref)]


def _with_ref(text: str, ref: str) -> Iterator[Piece]:
    end = 0
    for found in REFERENCE.finditer(text) if ref else ():
        if ref not in (found[1], found[2]):
            continue
        yield from glue(text[end : found.start()])
        yield Piece(Role.REF, found[1] or found[2])
        if found[3]:
            yield Piece(Role.VERSION, found[3])
        end = found.end()
    yield from glue(text[end:])
