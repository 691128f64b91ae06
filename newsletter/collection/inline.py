"""Links and images in a line of Markdown, with the places of their parts. Pure; it follows none of them.

HackMD's size hint after an address (``=50%x``) is known: https://hackmd.io/features#Image-Size
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

LONGEST = 4000
_INSIDE = re.compile(r"\s*(?P<url><[^<>\n]*>|\S+?)?(?P<title>\s+(?:\"[^\"]*\"|'[^']*'))?(?P<size>\s+=\d*%?x\d*%?)?\s*")
_GLUED = re.compile(r"=\d+%x\d*%?$")
_ESCAPED = re.compile(r"\\([\[\]\\<])")
_TAG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt|width)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_BARE = re.compile(r"<(https?://[^\s<>]+)>|(https?://[^\s<>\[\]()（），。、]+)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image in a text: ``text[start:end]``, with the places of label and address.

    ``label`` is unescaped and on one line; ``glued`` says that a size hint stood at the address without a space.
    """

    start: int
    end: int
    label: str
    url: str
    label_at: tuple[int, int] = (0, 0)
    url_at: tuple[int, int] = (0, 0)
    size: str = ""
    is_image: bool = False
    glued: bool = False


def link_at(text: str, start: int) -> Link | None:
    """The link, image, ``<img>`` or bare address that begins at ``start``; None where there is none, or it is not closed."""
    if text.startswith("<", start) and (tag := _TAG.match(text, start)):
        return _of_tag(tag)
    if bare := _BARE.match(text, start):
        return _of_bare(bare)
    is_image = text.startswith("![", start)
    opened = start + 1 if is_image else start
    if not text.startswith("[", opened):
        return None
    closed = closing(text, opened)
    if closed is None or not text.startswith("(", closed + 1):
        return None
    ended = _closing_round(text, closed + 1)
    return None if ended is None else _read(text, start, (opened + 1, closed), (closed + 2, ended), is_image=is_image)


def _read(text: str, start: int, label_at: tuple[int, int], inside: tuple[int, int], *, is_image: bool) -> Link:
    label = plain_label(text[slice(*label_at)])
    found = _INSIDE.fullmatch(text, *inside)
    if found is None or found["url"] is None:
        # An address with spaces in it, or none.
        url = text[slice(*inside)].strip()
        first = inside[0] + len(text[slice(*inside)]) - len(text[slice(*inside)].lstrip())
        return Link(start, inside[1] + 1, label, url, label_at, (first, first + len(url)), "", is_image)
    first, last = found.span("url")
    if found["url"].startswith("<"):
        first, last = first + 1, last - 1
    glued = _GLUED.search(text[first:last]) if is_image and not found["size"] else None
    size = (found["size"] or (glued.group() if glued else "")).strip().removeprefix("=")
    last -= len(glued.group()) if glued else 0
    return Link(start, inside[1] + 1, label, text[first:last], label_at, (first, last), size, is_image, glued is not None)


def closing(text: str, opened: int) -> int | None:
    """Where the square bracket opened at ``opened`` closes; a length that no label has ends the search."""
    depth = 0
    place = opened
    limit = min(len(text), opened + LONGEST)
    while place < limit:
        letter = text[place]
        if letter == "\\":
            place += 1
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if not depth:
                return place
        place += 1
    return None


def _closing_round(text: str, opened: int) -> int | None:
    depth = 0
    for place in range(opened, min(len(text), opened + LONGEST)):
        if text[place] == "\n":
            return None
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    return None


def _of_tag(tag: re.Match[str]) -> Link:
    found = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag.group())}
    return Link(tag.start(), tag.end(), found.get("alt", ""), found.get("src", ""), size=found.get("width", ""), is_image=True)


def _of_bare(bare: re.Match[str]) -> Link:
    """In angle brackets as it stands, else without the punctuation of the sentence around it."""
    if bare[1]:
        return Link(bare.start(), bare.end(), "", bare[1], url_at=bare.span(1))
    url = bare[2].rstrip(".,;:!?*_")
    return Link(bare.start(), bare.start() + len(url), "", url, url_at=(bare.start(), bare.start() + len(url)))


def plain_label(text: str) -> str:
    """The words of a label on one line, without the emphasis around the whole and the escapes of brackets."""
    words = " ".join(text.split())
    for mark in ("**", "__", "`"):
        if len(words) > 2 * len(mark) and words.startswith(mark) and words.endswith(mark) and words.count(mark) == 2:
            words = words[len(mark) : -len(mark)].strip()
    return _ESCAPED.sub(r"\1", words)


def as_label(words: str, *, all_brackets: bool = False) -> str:
    """``words`` as a label on one line: no HTML, and brackets escaped where they do not close each other, or ``all_brackets``."""
    line = re.sub(r"\\(?=[\[\]\\<]|$)", r"\\\\", " ".join(words.split())).replace("<", r"\<")
    if all_brackets or closing(f"[{line}]", 0) != len(line) + 1:
        return re.sub(r"[\[\]]", r"\\\g<0>", line)
    return line


def as_address(url: str) -> str:
    """``url`` so that nothing in it can end the link that it stands in."""
    safe = re.sub(r"[\s<>\x00-\x1f\x7f]", lambda found: f"%{ord(found.group()):02X}", url.strip())
    balanced = _closing_round(f"({safe})", 0) == len(safe) + 1
    return safe if balanced else safe.replace("(", "%28").replace(")", "%29")
