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
from newsletter.archive.formats.entry_titles import INLINE_LABEL, Span, meet, stripped, title_of
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.link_words import EMOJI, is_generic
from newsletter.archive.formats.names import are_names, ends_before_et_al

# What stands before an entry: quotation marks, the mark of a list with its box, or the marks of a heading with a number.
MARKER = re.compile(
    r"(?:[ \t]*>)*[ \t]*(?:(?:[-*+•·]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+)?"
    r"(?:\[\d{1,4}\][ \t]+|\d{1,4}[.)][ \t]+)?"
)
LABEL = re.compile(
    rf"^(?P<lead>[ \t>]*(?:(?:[-*+•]|\d{{1,4}}[.)])[ \t]+)?(?:{EMOJI}{{1,12}}\s*+)?)"
    rf"(?P<open>[*_`]{{0,3}}(?:<(?:b|strong|i|em)>)?(?:{EMOJI}{{1,12}}\s*+)?)"
    r"(?P<label>[^\W\d_][^\n:：*_<>|\[\]]{0,28}?)"
    r"(?P<close>[*_`]{0,3}(?:</(?:b|strong|i|em)>)?\s*[:：][*_`]{0,3}(?:</(?:b|strong|i|em)>)?[ \t]*)",
    re.MULTILINE | re.IGNORECASE,
)
# A row of a table of two columns, a field and its value.
_FIELD_ROW = re.compile(
    rf"^[ \t>]*\|[\s*_`]*+{EMOJI}{{0,12}}\s*+(?P<label>[^\W\d_][^|\n:：*_<>\[\]]{{0,28}}?)[\s*_`:：]*"
    r"\|[ \t]*(?P<value>(?>[^|\n]*[^|\s]))[ \t]*+(?:\|[ \t]*+)?$",
    re.MULTILINE,
)
_FOLDED_ABSTRACT = re.compile(
    r"<summary\b[^<>]*>\s*(?:<[^<>]+>\s*)*(?:abstract|摘要|要旨|概要)\s*[:：]?\s*(?:</[^<>]+>\s*)*</summary>\s*(?:<p>\s*)?(?P<words>[^<]*[^<\s])",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"[\s*_`(（\[【]{0,30}(?P<day>[^\s,，:：|].{2,14}?)\s*+[*_`)）\]】]*+[,，:：|]\s")
_ITALIC_LINE = re.compile(
    r"^[ \t>]*(?:\*(?=[^\s*])(?P<star>[^*\n]+)\*"
    r"|_(?=[^\s_])(?P<line>[^_\n]+)_)[ \t.]*+(?:</?br\s*/?>)?[ \t]*+(?=$|\[|,)",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING = re.compile(r"[\"”*_`\s]*+(?:\]\([^)\s]*\))?[*_`\"”]*(?:</(?:b|strong|i|em|a|h\d)>)*")
_ITALIC_NEXT = re.compile(r"[\s.,;:—–-]*+(?:\*(?=[^\s*])(?P<star>[^*\n]+)\*|_(?=[^\s_])(?P<line>[^_\n]+)_)")
_END_OF_AUTHORS = re.compile(r"\[|<|\bhttps?:|\*\*|\n|[(（]|" + INLINE_LABEL.pattern, re.IGNORECASE)
_NOTHING = re.compile(r"[\W_]*(?:error|none|null|n/?a|无|無|unknown|todo|tbd)?[\W_]*", re.IGNORECASE)
_URL = re.compile(r"https?://\S+|\]\([^)\s]*\)")
_NOT_TEXTS = (Role.REF, Role.CODE, Role.PROJECT, Role.NOTE)
_LONG = 200
# Venue, place, month, year, volume, pages: what is more than so many parts is no list of names.
_MOST_BEHIND_NAMES = 12
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
    title = title_of(raw, start, labelled)
    spans = [span for span in labelled if span[2] not in _NOT_TEXTS]
    if title:
        spans = [*(span for span in spans if span[2] is not Role.TITLE and not meet(span, title)), title]
        _add(spans, Role.AUTHORS, lambda: _authors_before(raw, start, title[0]) or _authors(raw, title[1], labelled))
    _add(spans, Role.DATE, lambda: _date(raw, start, spans))
    _add(spans, Role.ABSTRACT, lambda: _folded_abstract(raw, spans) or _long_paragraph(raw, spans))
    return spans


def _add(spans: list[Span], role: Role, find: Callable[[], Span | None]) -> None:
    """Adds what ``find`` gives, where no label said it."""
    if all(found is not role for _, _, found in spans) and (span := find()):
        spans.append(span)


def _labelled(raw: str, start: int) -> Iterator[Span]:
    """The values that stand behind a label at the begin of a line, up to the next blank line or label."""
    found = [label for label in LABEL.finditer(raw) if label.end() > start]
    roles = _roles_of_labels([label["label"] for label in found])
    for place, (label, role) in enumerate(zip(found, roles, strict=True)):
        following = found[place + 1].start() if place + 1 < len(found) else len(raw)
        end = _end_of_value(raw, label.end(), following, one_line=role in _ONE_LINE)
        begin, end = stripped(raw, label.end(), end)
        if role is not Role.EXTRA and begin < end and not _NOTHING.fullmatch(raw[begin:end]):
            yield begin, end, role
    yield from _fields_in_rows(raw, start)


def _fields_in_rows(raw: str, start: int) -> Iterator[Span]:
    """The values in a table of two columns, which has a field on each row."""
    for row in _FIELD_ROW.finditer(raw, start):
        if (role := role_of_label(row["label"])) in _ONE_LINE and not _NOTHING.fullmatch(row["value"]):
            yield (*row.span("value"), role)


def _roles_of_labels(labels: Sequence[str]) -> list[Role]:
    """The roles of labels; where none says "abstract", a summary is one, as in the columns of tables."""
    roles = [role_of_label(label) for label in labels]
    if Role.ABSTRACT not in roles:
        return [Role.ABSTRACT if name.lower() == "summary" else role for name, role in zip(labels, roles, strict=True)]
    return roles


def _end_of_value(raw: str, begin: int, following: int, *, one_line: bool) -> int:
    if one_line:
        return min(following, raw.find("\n", begin) if "\n" in raw[begin:] else len(raw))
    blank = re.compile(r"\n[ \t>]*(?:\n|$)|</?details|<summary", re.IGNORECASE).search(raw, begin, following)
    if blank and not raw[begin : blank.start()].strip():  # the value stands under its label
        after = re.compile(r"[\s>]*").match(raw, begin)
        blank = re.compile(r"\n[ \t>]*(?:\n|$)|</?details", re.IGNORECASE).search(raw, after.end() if after else begin, following)
    return blank.start() if blank else following


def _authors_before(raw: str, start: int, title: int) -> Span | None:
    """Names that an entry begins with, as a citation does."""
    words = raw[start:title].rstrip(' ,;:.—–-*_"“«\n')
    begin = start + len(words) - len(words.lstrip(" *_"))
    words = words.strip(" *_")
    words = words[: ends_before_et_al(words)].rstrip(" ,;")
    return (begin, begin + len(words), Role.AUTHORS) if are_names(words) else None


def _authors(raw: str, after: int, labelled: Sequence[Span]) -> Span | None:
    """Names right behind the title: in a line in italics, or on its line up to the next link or label."""
    closing = _CLOSING.match(raw, after)
    begin = closing.end() if closing else after
    if italic := _names_in_italics(raw, after, begin):
        return italic
    stop = _END_OF_AUTHORS.search(raw, begin)
    end = min([stop.start() if stop else len(raw), *(value[0] for value in labelled if value[0] >= begin)])
    words = raw[begin:end]
    begin += len(words) - len(words.lstrip(" ,;:.|·-–—*_\t"))
    sentence = re.search(r"(?<=[^\W\d_]{2})\.\s", raw[begin:end])
    end = begin + sentence.start() if sentence and not raw[begin:end].lower().rstrip().endswith(("al.", "al")) else end
    words = _names_first(raw[begin:end].rstrip(" ,;:|·-–—*_\t\n"))
    is_label = raw[begin + len(words) :].lstrip(" *_`").startswith((":", "："))
    return (begin, begin + len(words), Role.AUTHORS) if words and not is_label else None


def _names_in_italics(raw: str, after: int, begin: int) -> Span | None:
    """Names in italics that begin a line behind the title, or stand right behind it, at ``begin``."""
    beside = _ITALIC_NEXT.match(raw, begin)
    for line in (*_ITALIC_LINE.finditer(raw, after), *([beside] if beside else [])):
        if line.lastgroup and are_names(LINKED.sub(lambda link: link["words"], line[line.lastgroup])):
            return (*line.span(line.lastgroup), Role.AUTHORS)
    return None


def _names_first(words: str) -> str:
    """The names that ``words`` begin with, without "et al.", a venue or a year behind them; "" where none do."""
    words = words[: ends_before_et_al(words)].rstrip(" ,;")
    for _ in range(_MOST_BEHIND_NAMES):
        if not words or are_names(words) or not re.search(r"[,;]", words):
            break
        words = re.split(r"(?<!\s)\s*+[,;][^,;]*$", words)[0]
    return words if are_names(words) and not is_generic(words) else ""


def _date(raw: str, start: int, spans: Sequence[Span]) -> Span | None:
    """The first date outside of addresses, ids and what was found already."""
    masked = list(raw)
    hidden = [*(found.span() for found in _URL.finditer(raw)), *(found.span() for found in REFERENCE.finditer(raw))]
    for begin, end in [*hidden, *(span[:2] for span in spans), (0, start)]:
        masked[begin:end] = "x" * (end - begin)
    if found := find_date("".join(masked)):
        return found.start, found.end, Role.DATE
    # "2 Jan, Title": the id tells the year.
    first = _DAY_FIRST.match(raw, start)
    return (*first.span("day"), Role.DATE) if first and find_date(first["day"]) else None


def _folded_abstract(raw: str, spans: Sequence[Span]) -> Span | None:
    found = _FOLDED_ABSTRACT.search(raw)
    at = (*found.span("words"), Role.ABSTRACT) if found else None
    return at if at and not any(meet(at, span) for span in spans) else None


def _long_paragraph(raw: str, spans: Sequence[Span]) -> Span | None:
    """A paragraph that is long enough for an abstract and holds nothing that was found already."""
    for found in re.finditer(r"(?:(?<![^\S\n])[^\S\n]*+\S[^\n]*+\n?)++", raw):
        begin, end = stripped(raw, *found.span())
        text = words_of(raw[begin:end])
        han = len(re.findall(r"[\u3040-\u9fff\uac00-\ud7a3]", text))
        is_prose = begin > 0 and "](" not in text and "<" not in raw[begin:end]
        is_free = not any(meet((begin, end, Role.ABSTRACT), span) for span in spans)
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
