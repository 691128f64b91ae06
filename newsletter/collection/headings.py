"""A heading of a collection: title, address, date or venue, with their places. Pure; one can change and the rest stay.

The usual form is ``### [title](url)[date or venue]``; others are understood too: without a link, with the title beside a link
called "paper", with the date before, in round brackets or after a dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from newsletter.collection.dates import is_dated
from newsletter.collection.inline import Link, as_address, as_label, link_at, plain_label
from newsletter.collection.labels import is_generic

# A heading needs a space after its marks, but many are written without: two marks and more leave no doubt.
OPENING = re.compile(r" {0,3}(?P<marks>#{1,6})(?:(?=\s|\[|$)|(?<=##)(?=[^#\s]))")
# One mark and no space is a tag more often than a heading: only what stands around it can tell.
GLUED = re.compile(r" {0,3}#(?=[^#\s!])(?!.*\s#)")
_MARKS = re.compile(r" {0,3}(?P<marks>#{1,6})")
# Links are looked for so far into a heading.
FAR = 2000
_GROUP = re.compile(
    r"(?<!\\)(?P<square>[\[【](?P<in_square>[^\[\]【】]+?)[\]】](?!\())|(?P<round>[(（](?P<in_round>[^()（）]+?)[)）])"
)
_OPEN = re.compile(r"\s*[\[【(（](?P<words>[^\[\]【】()（）]+)\s*$")
_BARE = re.compile(r"^[\s*_]*[-–—,，·|:：]*\s*(?P<words>\S.*?)[\s*_\]】)）#]*$", re.DOTALL)
_NUMBERING = re.compile(r"\s*(?:\d+[.)、]\s*)?")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says, and where in ``raw`` its parts stand; None where it has no such part."""

    raw: str
    level: int
    title: str
    url: str = ""
    dated: str = ""
    title_at: Span | None = None
    url_at: Span | None = None
    dated_at: Span | None = None

    @property
    def is_open(self) -> bool:
        """Whether a link begins in it that does not close."""
        return not self.url and bool(re.search(r"\]\([^)\s]*\s*$|^\s*#+\s*\[[^\]]*$", self.raw))


def parse(raw: str) -> Heading:
    """The parts of a heading, as written with its marks; white space around it is no part."""
    marks = _MARKS.match(raw)
    start = marks.end() if marks else 0
    level = len(marks["marks"]) if marks else 1
    end = _end(raw, start)
    link = _first_link(raw, start, end)
    base = Heading(raw, level, "")
    return _without_link(base, start, end) if link is None else _with_link(base, link, start, end)


def parse_section(raw: str) -> Heading:
    """As ``parse``, with all words for the title but where it is a link: sections have no date."""
    heading = parse(raw)
    if heading.url:
        return heading
    marks = _MARKS.match(raw)
    start = marks.end() if marks else 0
    return _titled(replace(heading, dated="", dated_at=None), start, _end(raw, start))


def _end(raw: str, start: int) -> int:
    """Where the words end: before the marks that may close a heading, and the white space."""
    words = raw.rstrip()
    bare = words.rstrip("#")
    return max(start, len(bare.rstrip() if bare.endswith((" ", "\t")) else words))


def _first_link(raw: str, start: int, end: int) -> Link | None:
    for found in re.finditer(r"!?\[|(?<!\()<?https?://", raw[: min(end, start + FAR)]):
        link = link_at(raw, found.start()) if found.start() >= start else None
        if link is None or link.is_image or link.end > end:
            continue
        # A bare address amid words is one of them.
        if link.label or not re.search(r"[^\W\d_]", raw[start : found.start()]):
            return link if link.url else None
    return None


def _titled(heading: Heading, start: int, end: int) -> Heading:
    """With the words between two places for its title, the white space and emphasis around them left out."""
    words = heading.raw[start:end]
    start += len(words) - len(words.lstrip())
    end -= len(words) - len(words.rstrip())
    bold = re.fullmatch(r"(\*\*|__)(?P<words>(?:(?!\1).)+)\1", heading.raw[start:end], re.DOTALL)
    if bold:
        start, end = start + bold.start("words"), start + bold.end("words")
    return replace(heading, title=plain_label(heading.raw[start:end]), title_at=(start, end))


def _without_link(heading: Heading, start: int, end: int) -> Heading:
    """A date stands last in square brackets, or in others where it is one."""
    groups = list(_GROUP.finditer(heading.raw, start, end))
    if groups and groups[-1].end() == end and heading.raw[start : groups[-1].start()].strip():
        last = groups[-1]
        if last["square"] or is_dated(last["in_round"]):
            return _titled(_dated(heading, last), start, last.start())
    return _titled(heading, start, end)


def _dated(heading: Heading, group: re.Match[str]) -> Heading:
    name = "in_square" if group["square"] else "in_round"
    return replace(heading, dated=" ".join(group[name].split()), dated_at=_trimmed(heading.raw, group.span(name)))


def _trimmed(raw: str, span: Span) -> Span:
    words = raw[slice(*span)]
    return span[0] + len(words) - len(words.lstrip()), span[1] - (len(words) - len(words.rstrip()))


def _with_link(heading: Heading, link: Link, start: int, end: int) -> Heading:
    found = replace(heading, url=link.url, url_at=link.url_at)
    before = _NUMBERING.match(heading.raw, start)
    words_at = before.end() if before else start
    if is_generic(link.label) or not link.label:
        found = _title_beside(found, words_at, link.start)
    if found.title_at is None:
        found = _titled(found, *link.label_at) if link.label else replace(found, title=link.url)
        found = _date_before(found, start, link.start)
    return found if found.dated_at else _date_after(found, link.end, end)


def _title_beside(heading: Heading, start: int, end: int) -> Heading:
    """The title in front of the link, where there are words."""
    words = heading.raw[start:end].rstrip(" \t\n[【(（-–—:：|")
    if not re.search(r"[^\W\d_]", words):
        return heading
    inside = _without_link(heading, start, start + len(words))
    return replace(inside, url=heading.url, url_at=heading.url_at)


def _date_before(heading: Heading, start: int, end: int) -> Heading:
    for group in _GROUP.finditer(heading.raw, start, end):
        if group["square"] or is_dated(group["in_round"]):
            return _dated(heading, group)
    return _bare_date(heading, start, end)


def _date_after(heading: Heading, start: int, end: int) -> Heading:
    """The first date or venue in brackets, else the first square brackets or a number in others, else an open or bare date."""
    raw = heading.raw
    groups = [group for group in _GROUP.finditer(raw, start, end) if not raw.startswith("](", group.start("round") - 1)]
    groups.sort(key=lambda group: _doubt(group, end))
    if groups and _doubt(groups[0], end) < 2:
        return _dated(heading, groups[0])
    if opened := _OPEN.match(raw, start, end):
        return replace(heading, dated=" ".join(opened["words"].split()), dated_at=_trimmed(raw, opened.span("words")))
    return _bare_date(heading, start, end)


def _doubt(group: re.Match[str], end: int) -> int:
    """0 for a date or venue, 1 for what stands where one is written, 2 for anything else in brackets."""
    if is_dated(group["in_square"] or group["in_round"]):
        return 0
    is_likely = group["square"] or (group.end() == end and re.search(r"\d", group["in_round"]))
    return 1 if is_likely else 2


def _bare_date(heading: Heading, start: int, end: int) -> Heading:
    bare = _BARE.match(heading.raw[start:end])
    if bare is None or not is_dated(bare["words"]):
        return heading
    first, last = bare.span("words")
    return replace(heading, dated=" ".join(bare["words"].split()), dated_at=(start + first, start + last))


def rendered(raw: str) -> str:
    """A heading that was written without a space or over several lines, as every renderer takes it for one."""
    words = raw.strip()
    marks = _MARKS.match(words)
    if marks is None:
        return raw
    return f"{marks.group()} {' '.join(words[marks.end() :].split())}".rstrip() + raw[len(raw.rstrip()) :]


def written(raw: str, *, level: int, title: str, url: str, dated: str, is_section: bool = False) -> str:
    """``raw`` with these values in it: as it was where they are those it has, only what differs changed, or the usual form.

    It ends as ``raw`` does, and with a line break where that is empty.
    """
    read = parse_section if is_section else parse
    old = read(raw) if raw else None
    wanted = (title, url, dated)
    if old and (old.title, old.url, old.dated) == wanted:
        return _at_level(raw, old.level, level)
    changed = _substituted(old, title=title, url=url, dated=dated) if old else None
    if changed is not None and old is not None:
        now = read(changed)
        if (now.title, now.url, now.dated) == wanted:
            return _at_level(changed, old.level, level)
    tail = raw[len(raw.rstrip()) :] if raw else "\n"
    return usual(level=level, title=title, url=url, dated=dated) + tail


def _at_level(raw: str, old: int, new: int) -> str:
    return raw if old == new else raw.replace("#" * old, "#" * new, 1)


def _substituted(old: Heading, *, title: str, url: str, dated: str) -> str | None:
    """The heading with the parts that differ put in place of the old ones; None where one has no place."""
    parts = (
        (old.title, title, old.title_at, as_label(title, all_brackets=not url)),
        (old.url, url, old.url_at, as_address(url)),
        (old.dated, dated, old.dated_at, _as_dated(dated)),
    )
    edits = [(at, text) for before, after, at, text in parts if before != after]
    if any(at is None for at, _ in edits):
        return None
    raw = old.raw
    for at, text in sorted(edits, key=lambda edit: edit[0] or (0, 0), reverse=True):
        raw = raw[: at[0]] + text + raw[at[1] :] if at else raw
    return raw


def _as_dated(dated: str) -> str:
    return " ".join(dated.split()).translate(str.maketrans("[]【】<>", "()()()"))


def usual(*, level: int, title: str, url: str, dated: str) -> str:
    """The usual form, without a line break."""
    marks = "#" * level
    if url:
        return f"{marks} [{as_label(title)}]({as_address(url)})" + (f"[{_as_dated(dated)}]" if dated else "")
    return f"{marks} {as_label(title, all_brackets=True)}" + (f" [{_as_dated(dated)}]" if dated else "")
