"""Takes papers off a page whose title stands above what is said of them: a heading, a summary, a bold or a plain line. Pure.

Each function takes what begins at the next line, and says whether it did; what it does not take stays for others. What belongs
to a title is told by lines that begin with names of fields, and by lines that name the paper and have no title themselves, as
"[📄 Paper](…)" and "论文：https://…" do.
"""

from __future__ import annotations

import re

from newsletter.archive.formats.cells import LINKED, REFERENCE
from newsletter.archive.formats.columns import role_of_label
from newsletter.archive.formats.dates import is_date_alone
from newsletter.archive.formats.document import Kind, Role
from newsletter.archive.formats.entries import LABEL, MARKER, read_entry
from newsletter.archive.formats.link_words import EMOJI, is_generic
from newsletter.archive.formats.names import are_names
from newsletter.archive.formats.page_reading import Reading
from newsletter.archive.formats.page_structure import Heading
from newsletter.archive.formats.table_rows import has_pipe, is_separator
from newsletter.archive.formats.topic_names import topic_in

# A line that begins with the name of a field of papers.
LABELLED = re.compile(
    rf"^[ \t>]*(?:[-*+•][ \t]+)?(?:{EMOJI}{{1,12}}\s*+)?[*_`]{{0,3}}(?:{EMOJI}{{1,12}}\s*+)?"
    r"(?:authors?|arxiv(?: id)?|abstracts?|tl;?dr|main category|categor(?:y|ies)|subjects?|published(?: on)?|publish date|date"
    r"|pdf|paper|link|url|motivation|method|作者|摘要|日期|链接|連結|论文|論文|发布日期|一句话总结)[*_`]{0,3}\s*[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_LEAST_LABELS = 2
_ANCHOR_LINE = re.compile(
    r"[\s>]*+(?:<(?:div|a|span|p)\b[^<>]*>\s*+(?:</(?:div|a|span|p)>)?|-{3,}|\*{3,}|_{3,}|</(?:details|div|p|table)>)?\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ ]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_TITLED = re.compile(r"(?:[ \t]*>)*[ \t]*(?:\*\*|__|\[|<(?:b|strong|a)\b|[\"“]|\d{1,3}[.)]\s)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>()\[\]|\"']+")
_ARXIV_BEHIND = re.compile(r"\barxiv\b[\s:：*_)）\]]*$", re.IGNORECASE)
# What stands between names and that word.
_BETWEEN = " \t\n\xa0\u3000*_–—|·(（[-"
_SUMMARY = re.compile(r"<summary\b[^<>]*>(?P<words>.*?)</summary>", re.IGNORECASE)
# A plain line that can be a title: what has fewer words is a name, what is longer or ends like one is a sentence.
_LEAST_WORDS = 4
_LONGEST_TITLE = 250


def take_entry(reading: Reading, end: int, *, wants_title: bool = False) -> bool:
    """The lines up to ``end`` as one paper; not where they name none, or have no title and are to have one."""
    pieces, item, words = read_entry("".join(reading.lines[reading.place : end]))
    says_no_more = bool(words) and any(block.item and block.item.ref == item.ref for block in reading.blocks)
    if not item.ref or (wants_title and words) or says_no_more:
        return False
    for one in words:
        reading.remark(one)
    reading.add(Kind.ROW, *pieces, item=item, lines=end - reading.place)
    return True


def holds_table(reading: Reading, first: int, end: int) -> bool:
    return any(has_pipe(line) and is_separator(line.strip()) for line in reading.lines[first:end])


# ---------------------------------------------------------------- headings


def take_card(reading: Reading, heading: Heading) -> bool:
    """A heading that is the title of a paper, with what follows up to the next heading, or to the next paper."""
    first, body = reading.place, reading.place + heading.lines
    end = _end_of_card(reading, body)
    own = reading.refs_within(first, body)
    if not own and not _is_card(reading, heading, body, end):
        return False
    known = (own or reading.refs_within(first, end))[0]
    for place in range(body, end):
        is_other = any(ref != known for ref in reading.refs.get(place, ()))
        if is_other and (place in reading.structure.items or has_pipe(reading.line(place)) or _TITLED.match(reading.line(place))):
            end = place
            break
    reading.end_topics(heading.level)
    return take_entry(reading, _without_anchors(reading, body, end))


def _end_of_card(reading: Reading, first: int) -> int:
    """The place of the next heading, rule or quotation that names a paper."""
    end = reading.next_heading(first - 1)
    quoted = reading.line(first - 1).lstrip().startswith(">")
    for place in range(first, end):
        quote = 0 if quoted else reading.structure.quotes.get(place, 0)
        if _RULE.fullmatch(reading.line(place).rstrip("\n")) or (quote and reading.refs_within(place, quote)):
            return place
    return end


def _is_card(reading: Reading, heading: Heading, first: int, end: int) -> bool:
    """Whether the lines below a heading are about one paper, and have no title of it."""
    if len(reading.refs_within(first, end)) != 1 or _holds_table_of_papers(reading, first, end):
        return False
    fields = sum(1 for line in reading.lines[first:end] if LABELLED.match(line))
    return fields >= _LEAST_LABELS or (_can_be_title(heading.name) and _have_no_title(reading, first, end))


def _holds_table_of_papers(reading: Reading, first: int, end: int) -> bool:
    return holds_table(reading, first, end) and any(
        place in reading.refs and has_pipe(reading.line(place)) for place in range(first, end)
    )


def _can_be_title(name: str) -> bool:
    return not is_date_alone(topic_in(name)) and not is_generic(name) and not LABELLED.match(name)


def _have_no_title(reading: Reading, first: int, end: int) -> bool:
    """Whether the one paper that these lines name has its title nowhere among them."""
    place = next(place for place in range(first, end) if place in reading.refs)
    begin = _begin_of_block(reading, first, place)
    before = (place for place in range(first, begin) if _is_plain_title(reading, place))
    names = re.sub(r"&\w+;|[\\*_†‡§\d]+", "", reading.line(begin)).strip(" >\t\n,")
    is_bare = all(_is_bare(line) for line in reading.lines[begin : place + 1])
    return (is_bare or (are_names(names) and _is_bare(reading.line(place)))) and not any(before)


def _begin_of_block(reading: Reading, first: int, place: int) -> int:
    """Where the list item or the paragraph begins, at ``first`` or behind it, that has the line ``place``."""
    items, paragraphs = reading.structure.items, reading.structure.paragraphs
    around = (begin for begin in range(first, place) if place < max(items.get(begin, 0), paragraphs.get(begin, 0)))
    return next(around, place)


def _is_bare(line: str) -> bool:
    """Whether a line has nothing but labels, ids, addresses, and links whose words say where they lead."""
    if (label := LABEL.match(line)) and role_of_label(label["label"]) not in (Role.EXTRA, Role.TITLE, Role.OTHER_TITLE):
        return True
    marker = MARKER.match(line)
    words = line[marker.end() if marker else 0 :]
    if any(not is_generic(link["words"]) for link in LINKED.finditer(words)):
        return False
    rest = REFERENCE.sub(" ", _URL.sub(" ", LINKED.sub(" ", words)))
    # Names may stand beside the id: "Ada Orr, Bo Lind — arXiv:2401.00001".
    by_names = REFERENCE.search(words) is not None and are_names(_before_arxiv(rest).strip(" *_\n"))
    return by_names or is_generic(rest)


def _before_arxiv(words: str) -> str:
    """``words`` without "arXiv" behind them; the marks before it are taken off apart: a long row of them is slow to search."""
    found = _ARXIV_BEHIND.search(words)
    return words[: found.start()].rstrip(_BETWEEN) if found else words


def _is_plain_title(reading: Reading, place: int) -> bool:
    """Whether a paragraph of one line is the title of what follows."""
    line = reading.line(place).strip("> \t\n")
    is_alone = reading.structure.paragraphs.get(place) == place + 1 and place not in reading.within_items
    return (
        is_alone
        and len(line.split()) >= _LEAST_WORDS
        and len(line) <= _LONGEST_TITLE
        and line[-1] not in ".。!！:：;；,，"
        and not (set("<|[") & set(line) or place in reading.refs or LABELLED.match(line) or are_names(line.strip("*_")))
    )


def _without_anchors(reading: Reading, least: int, end: int) -> int:
    """``end`` before the blank lines, rules and anchors that stand above what comes next; a folded block is closed before it."""
    while end > least and _ANCHOR_LINE.fullmatch(reading.line(end - 1).rstrip("\n")):
        opened = sum(
            line.lower().count("<details") - line.lower().count("</details") for line in reading.lines[reading.place : end - 1]
        )
        if "</details" in reading.line(end - 1).lower() and opened > 0:
            break
        end -= 1
    return end


# ---------------------------------------------------------------- folded blocks


def take_folded_card(reading: Reading, end: int) -> bool:
    """A folded block, up to ``end``, about one paper whose title is its summary."""
    first = reading.place
    if len(reading.refs_within(first, end)) != 1 or _holds_table_of_papers(reading, first, end):
        return False
    upto = next((place for place in range(first, min(first + 4, end)) if _SUMMARY.search(reading.line(place))), None)
    if upto is None:
        return False
    summary = _SUMMARY.search(reading.line(upto))
    is_named = bool(reading.refs_within(first, upto + 1))
    is_title = summary is not None and (is_named or (_can_be_title(summary["words"]) and _have_no_title(reading, upto + 1, end)))
    return is_title and take_entry(reading, end, wants_title=True)


# ---------------------------------------------------------------- paragraphs


def take_paragraph(reading: Reading) -> bool:
    """A paragraph that begins with the title of a paper, with the fields of that paper in it or below it."""
    first = reading.place
    end = reading.structure.paragraphs[first]
    quote = next((until for start, until in reading.structure.quotes.items() if start <= first < until), 0)
    if not reading.refs_within(first, max(end, quote and end)):
        return _take_plain_title(reading)
    if not _TITLED.match(reading.line(first)):
        return False
    while following := _following(reading, end, quote):
        end = following
    upto = _shortened(reading, first, end)
    if upto < end:  # the next paper begins within the paragraph
        reading.structure.paragraphs[upto] = end
    return take_entry(reading, upto, wants_title=True)


def _take_plain_title(reading: Reading) -> bool:
    """A plain line, with a list below it that says of the paper where it is and what belongs to it."""
    first = reading.place
    if not _is_plain_title(reading, first):
        return False
    end = place = first + 1
    while place < len(reading.lines):
        line = reading.line(place)
        if line.strip() and not (place in reading.structure.items and _is_bare(line)):
            break
        place += 1
        end = place if line.strip() else end
    return len(reading.refs_within(first, end)) == 1 and take_entry(reading, end, wants_title=True)


def _following(reading: Reading, end: int, quote: int) -> int:
    """The end of the next paragraph where that is about the same paper: in its quotation, a field, or about it again; else 0."""
    place = _next_text(reading, end)
    upto = (
        0
        if place in reading.structure.headings or place in reading.structure.items
        else reading.structure.paragraphs.get(place, 0)
    )
    if not upto or place in reading.refs:
        is_same = bool(upto) and reading.refs_within(place, upto) == reading.refs_within(reading.place, end)
        return upto if is_same and _is_bare(reading.line(place)) else 0
    is_field = place < quote if quote else LABELLED.match(reading.line(place)) is not None
    # What stands between the title and a line that only names the paper once more is about it too.
    return upto if is_field or _following(reading, upto, quote) else 0


def _next_text(reading: Reading, place: int) -> int:
    """The place of the first line from ``place`` on that is not blank; that of the end where none is."""
    return next((at for at in range(place, len(reading.lines)) if reading.line(at).strip("> \t\n")), len(reading.lines))


def _shortened(reading: Reading, first: int, end: int) -> int:
    """Before the first line that begins another paper: some put one on each line of a paragraph."""
    own = reading.refs.get(first, [])
    for place in range(first + 1, end):
        others = [ref for ref in reading.refs.get(place, ()) if ref not in own]
        if own and others:
            return place
    while end > first + 1 and not reading.line(end - 1).strip("> \t\n"):
        end -= 1
    return end
