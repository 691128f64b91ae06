"""A cell of a table, or a line of a note, as pieces: what it says, and what stands around that. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.archive.formats.dates import find_date
from newsletter.archive.formats.document import Piece, Role, glue
from newsletter.archive.formats.link_words import EMOJI, has_words, is_generic
from newsletter.archive.formats.names import are_names, are_whole_names, ends_before_et_al
from newsletter.errors import InputError
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import parse_any_ref

_OLD = "[a-z]+(?:-[a-z]+)?(?:\\.[A-Z]{2})?/\\d{7}"
REFERENCE = re.compile(rf"(?<![\w.])(?:(\d{{4}}\.\d{{4,5}})|({_OLD}))(v\d+)?(?!\d)")
LINKED = re.compile(r"\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)")
_BARE = re.compile(r"https?://[^\s<>()\[\]|\"']+")
_MARKS = ("**", "__", "*", "`")
_DETAILS = re.compile(
    r"(<details[^>]*+>(?>\s*<summary>.*?</summary>)?+\s*+)(.*?)((?:(?<!\s)\s*+)?</details>)", re.DOTALL | re.IGNORECASE
)
_PARAGRAPH = re.compile(
    r"(<(?:p|div|span|sub|small)\b[^<>]*>\s*)((?:(?!</?(?:p|div)\b).)*?)(\s*</(?:p|div|span|sub|small)>)",
    re.DOTALL | re.IGNORECASE,
)
# A whole cell that is one element of HTML: bold or linked words.
_TAGGED = re.compile(
    r"(?P<open><(?P<tag>a|b|strong|em|i|span|p)\b[^<>]*>\s*)(?P<words>(?:(?!</?(?P=tag)\b).)*?\S)(?P<close>\s*</(?P=tag)>)",
    re.DOTALL | re.IGNORECASE,
)
# What lists put before a title for its looks: pictures of stars, emoji, a tag in bold letters, the number of a bold title.
_BEFORE_TITLE = re.compile(
    r"(?:!\[[^\]]*\]\([^()\s]*\)|<img\b[^<>]*>|<br\s*/?>"
    r"|\[(?:\*\*|__)[^\[\]]{1,60}(?:\*\*|__)\](?!\()|\d{1,3}[.)](?=\s+(?:\*\*|__|\[))"
    rf"|{EMOJI}|\s)+",
    re.IGNORECASE,
)
# And behind it: who made it, by their domain or handle, and pictures again.
_BEHIND_TITLE = re.compile(r"(?:(?<!\s)\s*+(?:[(（]@[^()（）]{1,60}[)）]|!\[[^\[\]]*\]\([^()\s]*\))){1,12}+\s*+$")
# **Name** - an approach that …: a description follows the title.
_DESCRIBED = re.compile(r"(?P<mark>\*\*|__)(?:(?!(?P=mark))[^\n])+(?P=mark)(?P<rest>\s+[-–—]\s+[a-z].{20,})", re.DOTALL)
_LEADING_TO_LINKS = re.compile(
    r"(?<![\s(（\[|,:：–—-])[\s(（\[|,:：–—-]*+(?:(?:read\s+)?more\s+(?:on|at|in)|see|available\s+(?:on|at|from))?[\s:：]*+$",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"(?<!\s)\s*+<br\s*/?>\s*", re.IGNORECASE)
_ANCHOR = re.compile(
    r"<a\s(?=[^<>]*+>)[^<>]*?href\s*=\s*[\"']?(?P<url>[^\"'\s<>]++)[^<>]*+>(?P<words>.*?)</a\s*>", re.DOTALL | re.IGNORECASE
)
_END_OF_ANCHOR = re.compile(r"</a\s*>", re.IGNORECASE)
# The marks of a quotation at the begin of a further line.
_QUOTED = re.compile(r"\n[ \t]*(?:>[ \t]?)+")
# Text in which every sign that Markdown knows was escaped: a hyphen within a word tells it from TeX, whose formulas stay.
_ESCAPED = re.compile(r"\w\\-\w")
_BACKSLASH = re.compile(r"(\$[^$]*\$)|\\([!-/:-@\[-`{-~])")
# What stores write where they have no text.
_NO_TEXT = re.compile(r"[\s*_`~\\-]*+(?:none|null|nan|n/?a|error|无|無|暂无|暫無)?[\s*_`~\\.-]*", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]{2,})?")


def pieces_of(role: Role, raw: str) -> tuple[Piece, ...]:
    """``raw`` in pieces; joined they are ``raw`` again."""
    body = raw.strip()
    if not body:
        return glue(raw)
    start = raw.index(body)
    before, after = glue(raw[:start]), glue(raw[start + len(body) :])
    return (*before, *_READERS.get(role, _as_extra)(role, body), *after)


def _as_extra(_: Role, body: str) -> tuple[Piece, ...]:
    return (Piece(Role.EXTRA, body),)


def _as_whole(role: Role, body: str) -> tuple[Piece, ...]:
    return (Piece(role, body),)


def _as_date(_: Role, body: str) -> tuple[Piece, ...]:
    found = find_date(body)
    if found is None:
        return (Piece(Role.EXTRA, body),)
    return (*glue(body[: found.start]), Piece(Role.DATE, body[found.start : found.end]), *glue(body[found.end :]))


def _as_title(role: Role, body: str) -> tuple[Piece, ...]:
    """Bold, linked, both in either order, as Markdown or HTML, or plain; without what stands before and behind it."""
    if (lead := _BEFORE_TITLE.match(body)) and has_words(body[lead.end() :]):
        return (*glue(lead.group()), *_as_title(role, body[lead.end() :]))
    if (rest := _BEHIND_TITLE.search(body)) and has_words(body[: rest.start()]):
        return (*_as_title(role, body[: rest.start()]), *glue(rest.group()))
    if described := _DESCRIBED.fullmatch(body):
        title = body[: described.start("rest")]
        return (*_as_title(role, title), *with_refs(described["rest"]))
    return _as_title_alone(role, body)


def _as_title_alone(role: Role, body: str) -> tuple[Piece, ...]:
    if (broken := _LINE_BREAK.search(body)) and (end := _end_of_first_line(body, broken)):
        return (*pieces_of(role, body[:end]), *glue(body[end : broken.end()]), *_below_title(body[broken.end() :]))
    if tags := _TAGGED.fullmatch(body):
        return (*with_refs(tags["open"]), *pieces_of(role, tags["words"]), *glue(tags["close"]))
    link = LINKED.search(body)
    if link and not re.sub(r"[*_`\s]", "", body[: link.start()]) and link["words"].strip():
        words = _marked(role, link["words"])
        return (*glue(body[: link.start()] + "["), *words, *with_refs(body[link.end("words") :]))
    if link and (end := _end_before_link(body, link)):
        return (*_marked(role, body[:end]), *with_refs(body[end:]))
    return _marked(role, body)


def _below_title(rest: str) -> tuple[Piece, ...]:
    return (Piece(Role.AUTHORS, rest),) if words_of(rest) == rest and are_names(rest) else with_refs(rest)


def _end_before_link(body: str, link: re.Match[str]) -> int:
    """Where a title ends that links follow which only say where they lead ("(Read more on [arXiv](…))"); 0 where none do."""
    words = body[: link.start()]
    end = len(_LEADING_TO_LINKS.sub("", words))
    return end if is_generic(link["words"]) and has_words(words[:end]) else 0


def _end_of_first_line(body: str, broken: re.Match[str]) -> int:
    """Where the title ends that is the first line of a cell: one in bold letters or linked, or one with names below it; else 0.

    Others are broken for their looks, in the midst of a title.
    """
    first = body[: broken.start()].rstrip()
    linked = LINKED.fullmatch(first.strip(" *_`")) or _TAGGED.fullmatch(first.strip())
    bold = any(len(first) > 2 * len(mark) and first.strip().startswith(mark) and first.endswith(mark) for mark in _MARKS)
    return len(first) if linked or bold or are_whole_names(words_of(body[broken.end() :])) else 0


def _marked(role: Role, text: str) -> tuple[Piece, ...]:
    for mark in _MARKS:
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return (*glue(mark), *pieces_of(role, inner), *glue(mark))
    return (Piece(role, text),)


def _as_text(role: Role, body: str) -> tuple[Piece, ...]:
    """A text, without the "et.al." that lists put after everything, and out of a folded block or paragraph."""
    if _NO_TEXT.fullmatch(body):
        return (Piece(Role.EXTRA, body),)
    for folded in (_DETAILS, _PARAGRAPH):
        if found := folded.fullmatch(body):
            return (*glue(found[1]), *_as_text(role, found[2]), *glue(found[3])) if found[2] else glue(body)
    end = ends_before_et_al(body)
    if not body[:end]:
        return glue(body)
    return (Piece(role, body[:end]), *glue(body[end:]))


def with_refs(text: str) -> tuple[Piece, ...]:
    """``text`` with the ids of papers in it as pieces; all that stands around them is glue."""
    pieces: list[Piece] = []
    end = 0
    for found in REFERENCE.finditer(text):
        if ref_in(found.group()) is None:
            continue
        ref = found[1] or found[2]
        pieces += (*glue(text[end : found.start()]), Piece(Role.REF, ref))
        if found[3]:
            pieces.append(Piece(Role.VERSION, found[3]))
        end = found.end()
    return (*pieces, *glue(text[end:]))


def _as_refs(_: Role, body: str) -> tuple[Piece, ...]:
    return with_refs(body)


_READERS = {
    Role.DATE: _as_date,
    Role.TITLE: _as_title,
    Role.OTHER_TITLE: _as_title,
    Role.AUTHORS: _as_text,
    Role.ABSTRACT: _as_text,
    Role.TLDR: _as_text,
    Role.COMMENT: _as_text,
    Role.REF: _as_refs,
    Role.CODE: _as_whole,
    Role.PROJECT: _as_whole,
    Role.CATEGORY: _as_whole,
    Role.PLACE: _as_whole,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper by base id, with the version that was named (None where none was)."""

    ref: str
    version: int | None


def ref_in(text: str) -> Reference | None:
    """The first paper that ``text`` names by id or address: arXiv's, else one of the other servers'; None for none."""
    for found in REFERENCE.finditer(text):
        try:
            return Reference(*parse_any_ref(found.group()))
        except InputError:
            continue
    for url in _BARE.findall(text):
        try:
            return Reference(*parse_any_ref(url.rstrip(".,;")))
        except InputError:
            continue
    return None


def links_of(text: str) -> tuple[tuple[str, str], ...]:
    """The links of a cell as (words, URL), http and https only, each address once."""
    links = [link for link in LINKED.finditer(text) if text[link.start() - 1 : link.start()] != "!"]  # a picture leads nowhere
    found = {link["url"]: link["words"].strip(" *_`") for link in links}
    text = LINKED.sub(" ", text)
    # Behind the last end no link has one: each would be looked for up to the end of the text.
    upto = max((end.end() for end in _END_OF_ANCHOR.finditer(text)), default=0)
    anchored = text[:upto]
    found |= {link["url"]: words_of(link["words"]) for link in _ANCHOR.finditer(anchored) if link["url"] not in found}
    for url in _BARE.findall(_ANCHOR.sub(" ", anchored) + text[upto:]):
        found.setdefault(url.rstrip(".,;"), "")
    return tuple((words, url) for url, words in found.items() if url.startswith(("https://", "http://")))


def words_of(text: str) -> str:
    """What a raw text of a cell says: on one line, with its escaped pipes as pipes, and HTML as text."""
    text = _QUOTED.sub("\n", text) if "\n" in text else text
    text = text.replace("\\|", "|")
    if _ESCAPED.search(text):
        text = _BACKSLASH.sub(r"\1\2", text)
    return " ".join(without_html(text).split())


def names_in(text: str) -> tuple[str, ...]:
    """The authors of a cell, in order, without "et al.": Latin names by commas or semicolons, Chinese ones by their comma too."""
    bare = words_of(LINKED.sub(lambda link: link["words"], text))
    bare = bare[: ends_before_et_al(bare)]
    parts = re.split(r"\s{0,200}+[;,，、]\s*|\s{1,200}+and\s+", bare)
    return tuple(part for part in (part.strip(" *_") for part in parts) if part)


def categories_in(text: str) -> tuple[str, ...]:
    """The categories that stand in ``text``, such as cs.CV."""
    return tuple(dict.fromkeys(one for one in _CATEGORY.findall(text) if "." in one or one in ("math-ph", "quant-ph", "gr-qc")))
