"""Joins the frame of a digest, its groups and its cards to the parts of a mail: what is the same in many is taken ready-made.

A group without a card is left out. It cuts nothing and knows no reader: `rendering` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from jinja2 import Template
from markupsafe import Markup

from newsletter.interface.wording import because_text
from newsletter.languages import Language
from newsletter.mail.characters import one_line
from newsletter.mail.fragments import HERE, MOST_NAME, Card
from newsletter.mail.rendered import SLOT, encoded, encoded_token, encoded_whole, wire_size
from newsletter.mail.text_part import footnotes, has_notes, numbered, wrapped
from newsletter.showing import Because, Layout
from newsletter.values import Group

_AROUND_KEPT = 4096
Kept = Sequence[Sequence[Card]]


class Form:
    """The templates of one part (HTML or text) of a digest in one language, and what they say in every mail alike."""

    def __init__(self, templates: Mapping[str, Template], common: Mapping[str, object], *, markup: bool) -> None:
        self._templates, self._common, self._markup = templates, common, markup
        self.safe: Callable[[str], str] = Markup if markup else str
        # Names of own queries are as many as readers like.
        self.around = lru_cache(maxsize=_AROUND_KEPT)(self._around)
        self.because = lru_cache(maxsize=_AROUND_KEPT)(self._because)

    def _around(self, part: str, name: str, size: int) -> tuple[str, str]:
        """What stands before and after the cards (``groups``) or lines (``contents``) of a group of ``size`` papers."""
        here = self.safe(HERE)
        whole = self._templates[part].render(self._common, name=one_line(name, MOST_NAME), size=size, cards=here, lines=here)
        before, _, after = whole.partition(HERE)
        return before, after

    def _because(self, because: Because) -> str:
        """What is said of the feedback that moved a paper up, as it stands in the part."""
        interface = self._common["interface"]
        assert isinstance(interface, Language)
        why = because_text(one_line(because.word, MOST_NAME), because.count, interface.code)
        # The text part needs no template for a line. The break before and after it: see `Card.numbered_from`.
        return self._templates["because"].render(self._common, why=why) if self._markup else f"\n{wrapped(why)}\n"

    def frame(self, facts: Mapping[str, object], contents: str) -> tuple[str, str]:
        """What stands before and after the groups; ``contents`` is escaped already."""
        whole = self._templates["frame"].render(facts, groups=self.safe(HERE), contents=self.safe(contents))
        before, _, after = whole.partition(HERE)
        return before, after


def html_part(form: Form, groups: Sequence[Group], kept: Kept, *, facts: Mapping[str, object]) -> tuple[bytes, int]:
    """The HTML part in base64 lines, and its bytes before that."""
    shown = _shown(groups, kept)
    contents = "".join(_listed(form, group, cards, "".join(card.html_line for card in cards)) for group, cards in shown)
    lines: list[bytes] = []
    size, between = 0, ""
    token, becauses = encoded_token(str(facts["token"])), _becauses(facts)
    for piece in _pieces(form, shown, facts=facts, contents=contents):
        if isinstance(piece, str):
            between += piece
            continue
        if between:
            ready, more = _ready(between) if lines else _with_head(between)
            lines.append(ready)
            size += more
        lines.append(token.join(piece.html))
        if piece.paper_id in becauses:
            ready, more = _ready(form.because(becauses[piece.paper_id]))
            lines.append(ready)
            size += more
        lines.append(piece.html_end)
        size, between = size + piece.html_size, ""
    lines.append(encoded(between))
    return b"".join(lines), size + wire_size(between)


def text_part(form: Form, groups: Sequence[Group], kept: Kept, *, facts: Mapping[str, object], heading: str) -> bytes:
    """The text part in base64 lines, its links numbered through; their addresses stand at its end under ``heading``."""
    shown = _shown(groups, kept)
    contents = "".join(_listed(form, group, cards, "".join(card.text_line for card in cards)) for group, cards in shown)
    pieces = list(_pieces(form, shown, facts=facts, contents=contents))
    token, becauses = facts["token"], _becauses(facts)
    urls = list(chain.from_iterable(piece.urls for piece in pieces if isinstance(piece, Card)))
    if len(set(urls)) < len(urls) or has_notes(contents):
        # The same address has one number wherever it stands: these are counted when the whole text is there.
        whole = "".join(piece if isinstance(piece, str) else _told(form, piece, becauses) for piece in pieces)
        return encoded(numbered(whole, heading).replace(SLOT, f"/{token}/"))
    lines: list[bytes] = []
    between, number = "", 1
    for piece in pieces:
        if isinstance(piece, str):
            between += piece
            continue
        if between:
            lines.append(_ready(between)[0] if lines else encoded_whole(between)[0])
        alone, before, after = piece.numbered_from(number)
        if piece.paper_id in becauses:
            lines += (before, _ready(form.because(becauses[piece.paper_id]))[0], after)
        else:
            lines.append(alone)
        number, between = number + len(piece.urls), ""
    lines.append(encoded(between + footnotes(urls, heading).replace(SLOT, f"/{token}/")))
    return b"".join(lines)


def _becauses(facts: Mapping[str, object]) -> Mapping[int, Because]:
    found = facts["because"]
    assert isinstance(found, Mapping)
    return found


def _told(form: Form, card: Card, becauses: Mapping[int, Because]) -> str:
    """The card's text with what is said of feedback in its place."""
    because = becauses.get(card.paper_id)
    return card.text.replace(HERE, form.because(because) + "\n" if because else "")


# The head of a document and the headings between cards are the same in many mails.
_ready = lru_cache(maxsize=_AROUND_KEPT)(encoded_whole)


def _with_head(text: str) -> tuple[bytes, int]:
    """What stands before the first card: the head, which says nothing of the reader, is at hand."""
    head, end, body = text.partition("</head>")
    (first, size), (second, more) = _ready(head + end), encoded_whole(body)
    return first + second, size + more


def _shown(groups: Sequence[Group], kept: Kept) -> list[tuple[Group, Sequence[Card]]]:
    return [(group, cards) for group, cards in zip(groups, kept, strict=True) if cards]


def _listed(form: Form, group: Group, cards: Sequence[Card], lines: str) -> str:
    """The group in the table of contents."""
    before, after = form.around("contents", group.name, len(cards))
    return before + lines + after


def _pieces(
    form: Form, shown: Sequence[tuple[Group, Sequence[Card]]], *, facts: Mapping[str, object], contents: str
) -> Iterator[str | Card]:
    """Text and cards, as they follow each other; a brief digest has no cards."""
    before, end = form.frame(facts, contents)
    yield before
    for group, cards in shown if facts["layout"] != Layout.BRIEF else ():
        start, after = form.around("groups", group.name, len(cards))
        yield start
        yield from cards
        yield after
    yield end
