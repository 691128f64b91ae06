"""Joins the frame of a digest, its groups and its cards to the parts of a mail: what is the same in many is taken ready-made.

A group without a card is left out. What is too long is cut by `renderer`, which knows the reader too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat

from jinja2 import Template
from markupsafe import Markup

from newsletter.i18n.phrases import explanation_text
from newsletter.languages import Language
from newsletter.mail.rendering.base64_parts import SLOT, encoded, encoded_token, encoded_whole, wire_size
from newsletter.mail.rendering.cards import HERE, MOST_NAME, Card, numbered_whole
from newsletter.mail.rendering.frame import Frames
from newsletter.mail.rendering.plain_text import footnotes, has_notes, numbered, wrapped
from newsletter.text.characters import one_line
from newsletter.values.digests import Group
from newsletter.values.readers import Explanation, Layout

_AROUND_KEPT = 4096
Kept = Sequence[Sequence[Card]]
# Whole base64 lines, and their bytes before that.
Ready = tuple[bytes, int]


class Form:
    """The templates of one part (HTML or text) of a digest in one language, and what they say in every mail alike."""

    def __init__(self, templates: Mapping[str, Template], common: Mapping[str, object], *, markup: bool) -> None:
        self._templates, self._common, self._markup = templates, common, markup
        self.safe: Callable[[str], str] = Markup if markup else str
        self.frames = Frames(templates["frame"], common, markup=markup)
        # Names of saved queries are as many as readers like.
        self.around = lru_cache(maxsize=_AROUND_KEPT)(self._around)
        self.around_ready = lru_cache(maxsize=_AROUND_KEPT)(self._around_ready)
        self.explanation = lru_cache(maxsize=_AROUND_KEPT)(self._explanation)

    def _around(self, part: str, name: str, size: int) -> tuple[str, str]:
        """What stands before and after the cards (``groups``) or lines (``contents``) of a group of ``size`` papers."""
        here = self.safe(HERE)
        whole = self._templates[part].render(self._common, name=one_line(name, MOST_NAME), size=size, cards=here, lines=here)
        before, _, after = whole.partition(HERE)
        return before, after

    def _around_ready(self, part: str, name: str, size: int) -> tuple[Ready, Ready]:
        before, after = self._around(part, name, size)
        return encoded_whole(before), encoded_whole(after)

    def _explanation(self, explanation: Explanation) -> str:
        """What is said of the feedback that moved a paper up, as it stands in the part."""
        interface = self._common["interface"]
        assert isinstance(interface, Language)
        why = explanation_text(one_line(explanation.word, MOST_NAME), explanation.count, interface.code)
        # The text part needs no template for a line. The break before and after it: see `Card.numbered_around`.
        return self._templates["because"].render(self._common, why=why) if self._markup else f"\n{wrapped(why)}\n"


def html_part(form: Form, groups: Sequence[Group], kept: Kept, *, facts: Mapping[str, object]) -> tuple[bytes, int]:
    """The HTML part in base64 lines, and its bytes before that."""
    shown, (start, between, end) = _shown(groups, kept), form.frames.filled(facts)
    token, explanations = encoded_token(str(facts["token"])), _explanations(facts)
    pieces = [*_with_head(start)]
    for group, cards in shown:
        before, after = form.around_ready("contents", group.name, len(cards))
        pieces += [before, *(card.html_line for card in cards), after]
    pieces.append(_ready(between))
    # A brief digest has no cards.
    for group, cards in shown if facts["layout"] != Layout.BRIEF else ():
        before, after = form.around_ready("groups", group.name, len(cards))
        pieces += [before, *_carded(form, cards, token=token, explanations=explanations), after]
    return b"".join([lines for lines, _ in pieces]) + encoded(end), sum(size for _, size in pieces) + wire_size(end)


def _carded(form: Form, cards: Iterable[Card], *, token: bytes, explanations: Mapping[int, Explanation]) -> Iterator[Ready]:
    for card in cards:
        yield token.join(card.html), card.html_size
        if card.paper_id in explanations:
            yield _ready(form.explanation(explanations[card.paper_id]))
        yield card.html_end


def text_part(form: Form, groups: Sequence[Group], kept: Kept, *, facts: Mapping[str, object], heading: str) -> bytes:
    """The text part in base64 lines, its links numbered through; their addresses stand at its end under ``heading``."""
    shown = _shown(groups, kept)
    contents = "".join(_listed(form, group, cards) for group, cards in shown)
    pieces, end = _pieces(form, shown, facts=facts, contents=contents)
    token, explanations = facts["token"], _explanations(facts)
    urls = list(chain.from_iterable(card.urls for _, card in pieces))
    if len(set(urls)) < len(urls) or has_notes(contents):
        # The same address has one number wherever it stands: these are counted when the whole text is there.
        whole = "".join(before + _told(form, card, explanations) for before, card in pieces) + end
        return encoded(numbered(whole, heading).replace(SLOT, f"/{token}/"))
    lines: list[bytes] = []
    number = 1
    for before, card in pieces:
        if before:
            # What comes first holds the reader's name; the headings between cards are the same in many mails.
            lines.append(_ready(before)[0] if lines else encoded_whole(before)[0])
        if card.paper_id in explanations:
            above, below = card.numbered_around(number)
            lines += (above, _ready(form.explanation(explanations[card.paper_id]))[0], below)
        else:
            lines.append(numbered_whole(card, number))
        number += len(card.urls)
    lines.append(encoded(end + footnotes(urls, heading).replace(SLOT, f"/{token}/")))
    return b"".join(lines)


def _explanations(facts: Mapping[str, object]) -> Mapping[int, Explanation]:
    found = facts["explanations"]
    assert isinstance(found, Mapping)
    return found


def _told(form: Form, card: Card, explanations: Mapping[int, Explanation]) -> str:
    """The card's text with what is said of feedback in its place."""
    explanation = explanations.get(card.paper_id)
    return card.text.replace(HERE, form.explanation(explanation) + "\n" if explanation else "")


# The head of a document and the headings between cards are the same in many mails.
_ready = lru_cache(maxsize=_AROUND_KEPT)(encoded_whole)


def _with_head(text: str) -> tuple[Ready, Ready]:
    """What stands before the contents: the head, which says nothing of the reader, is at hand."""
    head, end, body = text.partition("</head>")
    return _ready(head + end), encoded_whole(body)


def _shown(groups: Sequence[Group], kept: Kept) -> list[tuple[Group, Sequence[Card]]]:
    return [(group, cards) for group, cards in zip(groups, kept, strict=True) if cards]


def _listed(form: Form, group: Group, cards: Sequence[Card]) -> str:
    """The group in the table of contents of the text part."""
    before, after = form.around("contents", group.name, len(cards))
    return before + "".join(card.text_line for card in cards) + after


def _pieces(
    form: Form, shown: Sequence[tuple[Group, Sequence[Card]]], *, facts: Mapping[str, object], contents: str
) -> tuple[list[tuple[str, Card]], str]:
    """Each card with the text before it, which may be "", and the text after the last; a brief digest has no cards."""
    start, between, end = form.frames.filled(facts)
    pieces: list[tuple[str, Card]] = []
    text = start + contents + between
    for group, cards in shown if facts["layout"] != Layout.BRIEF else ():
        before, after = form.around("groups", group.name, len(cards))
        pieces += zip(chain([text + before], repeat("")), cards, strict=False)
        text = after
    return pieces, text + end
