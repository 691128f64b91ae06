"""Joins the pieces of a digest to the HTML and the text part of a mail. Pieces that are the same in many mails are encoded once.

A group without a card is left out. It cuts nothing and knows no reader: `renderer` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup

from newsletter.i18n.phrases import explanation_text
from newsletter.languages import Language
from newsletter.mail.rendering.card_texts import MOST_NAME
from newsletter.mail.rendering.cards import PLACEHOLDER, Card, encoded_text_of
from newsletter.mail.rendering.digest_head import more_of
from newsletter.mail.rendering.encoding import TOKEN, encoded, encoded_padded, encoded_token, sent_size
from newsletter.mail.rendering.plain_text import footnote_list, has_footnotes, with_numbered_footnotes, wrapped
from newsletter.mail.rendering.shared_template import Filling, SharedTemplate
from newsletter.text.characters import one_line
from newsletter.values.digests import Group
from newsletter.values.readers import Explanation, Layout

_MOST_CACHED = 4096
MOST_LIKE = 120
# The cards of each group, in the order of the groups.
CardsByGroup = Sequence[Sequence[Card]]
# Whole base64 lines, and their bytes before encoding.
EncodedPiece = tuple[bytes, int]
# The same in pieces, among them `TOKEN`.
Pieces = tuple[tuple[bytes, ...], int]
_NO_ANCHOR = re.compile(r"[^A-Za-z0-9.-]")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A group as its heading tells it: ``size`` papers are here, ``more`` are not; these are at ``where``.

    ``jump`` says that its cards are in the mail too, and not its lines only. Equal ones are the same object while that is kept
    (`_section`): what is kept of them is looked up many times a mail.
    """

    slug: str
    name: str
    size: int
    more: int
    where: str
    jump: bool


_section = lru_cache(maxsize=_MOST_CACHED)(Section)
# The sections of a mail with their cards, in order.
Shown = Sequence[tuple[Section, tuple[Card, ...]]]


class PartTemplates:
    """The templates of one part (HTML or text) of a digest in one language; ``common`` is the context that all mails share."""

    def __init__(self, templates: Mapping[str, Template], common: Mapping[str, object], *, markup: bool) -> None:
        self._templates, self._common, self._markup = templates, common, markup
        self.safe: Callable[[str], str] = Markup if markup else str
        self.skeleton = SharedTemplate(templates["skeleton"], common, markup=markup)
        # Bounded, because readers give their saved queries any name.
        self.around_group = lru_cache(maxsize=_MOST_CACHED)(self._around_group)
        self.encoded_around_group = lru_cache(maxsize=_MOST_CACHED)(self._encoded_around_group)
        self.explanation = lru_cache(maxsize=_MOST_CACHED)(self._explanation)
        self.contents_of = lru_cache(maxsize=_MOST_CACHED)(self._contents_of)
        self.encoded_contents_of = lru_cache(maxsize=_MOST_CACHED)(self._encoded_contents_of)
        self.encoded_group_of = lru_cache(maxsize=_MOST_CACHED)(self._encoded_group_of)
        self.between_groups = lru_cache(maxsize=_MOST_CACHED)(self._between_groups)

    def _around_group(self, part: str, section: Section) -> tuple[str, str]:
        """What stands before and after the cards (``groups``) or lines (``contents``) of a section."""
        here = self.safe(PLACEHOLDER)
        whole = self._templates[part].render(
            self._common,
            name=one_line(section.name, MOST_NAME),
            anchor="g-" + _NO_ANCHOR.sub("-", section.slug)[:40],
            size=section.size,
            more=section.more,
            where=section.where,
            jump=section.jump,
            cards=here,
            lines=here,
        )
        before, _, after = whole.partition(PLACEHOLDER)
        return before, after

    def _encoded_around_group(self, part: str, section: Section) -> tuple[EncodedPiece, EncodedPiece]:
        before, after = self._around_group(part, section)
        return encoded_padded(before), encoded_padded(after)

    def _contents_of(self, section: Section, cards: tuple[Card, ...]) -> str:
        """The section in the table of contents of the text part."""
        before, after = self.around_group("contents", section)
        return before + "".join(card.text_line for card in cards) + after

    def _encoded_contents_of(self, section: Section, cards: tuple[Card, ...]) -> EncodedPiece:
        """The section in the table of contents of the HTML part."""
        before, after = self.encoded_around_group("contents", section)
        pieces = [before, *(card.html_line for card in cards), after]
        return b"".join([lines for lines, _ in pieces]), sum(size for _, size in pieces)

    def _encoded_group_of(self, section: Section, cards: tuple[Card, ...]) -> Pieces:
        """The section's heading and cards in the HTML part, where no card has an explanation."""
        return self.encoded_group(section, cards, {})

    def encoded_group(self, section: Section, cards: Iterable[Card], explanations: Mapping[int, Explanation]) -> Pieces:
        """The section's heading and cards in the HTML part, with `TOKEN` wherever the reader's token is put in."""
        before, after = self.encoded_around_group("groups", section)
        pieces, size = [before[0]], before[1]
        for card in cards:
            pieces += card.html
            size += card.html_size
            ends = [_encoded_piece(self.explanation(explanations[card.paper_id]))] if card.paper_id in explanations else []
            for piece, length in (*ends, card.html_end):
                pieces.append(piece)
                size += length
        return (*pieces, after[0]), size + after[1]

    def _between_groups(self, last: Section, section: Section) -> bytes:
        """What stands in the text part between the cards of two sections, in whole base64 lines."""
        return encoded_padded(self.around_group("groups", last)[1] + self.around_group("groups", section)[0])[0]

    def _explanation(self, explanation: Explanation) -> str:
        """The line that explains which feedback moved a paper up, as it stands in this part."""
        interface = self._common["interface"]
        assert isinstance(interface, Language)
        short = Explanation(one_line(explanation.word, MOST_NAME), explanation.count, one_line(explanation.like, MOST_LIKE))
        why = explanation_text(short, interface.code)
        if self._markup:
            return self._templates["explanation"].render(self._common, why=why)
        # The text part needs no template for a line. For the breaks around it see `Card.encoded_around_explanation`.
        return f"\n{wrapped(why)}\n"


# The head of a document and the headings between cards are the same in many mails.
_encoded_piece = lru_cache(maxsize=_MOST_CACHED)(encoded_padded)


def html_part(templates: PartTemplates, shown: Shown, filling: Filling) -> tuple[tuple[bytes, ...], int]:
    """The HTML part in base64 lines, in pieces, and its bytes before that."""
    context = filling.context
    head, start, to_contents, to_groups, end = templates.skeleton.fill(filling)
    pieces = [_encoded_piece(head), encoded_padded(start), *[card.html_top for card in _best(context)]]
    if to_contents:
        pieces.append(_encoded_piece(to_contents))
    pieces += [templates.encoded_contents_of(section, cards) for section, cards in shown]
    pieces.append(_encoded_piece(to_groups))
    lines, size = [piece for piece, _ in pieces], sum([length for _, length in pieces])
    for group, length in _encoded_groups(templates, _with_cards(shown, context), _explanations(context)):
        lines += group
        size += length
    token = encoded_token(str(context["token"]))
    return (*[token if piece is TOKEN else piece for piece in lines], encoded(end)), size + sent_size(end)


def _encoded_groups(templates: PartTemplates, groups: Shown, explanations: Mapping[int, Explanation]) -> list[Pieces]:
    """The sections' headings and cards; those in which a card has an explanation differ from reader to reader."""
    plain, explained = templates.encoded_group_of, templates.encoded_group
    with_some = [any(card.paper_id in explanations for card in cards) if explanations else False for _, cards in groups]
    return [
        explained(section, cards, explanations) if some else plain(section, cards)
        for (section, cards), some in zip(groups, with_some, strict=True)
    ]


def _with_cards(shown: Shown, context: Mapping[str, object]) -> Shown:
    """The sections whose cards are in the mail: a brief digest has no cards."""
    return shown if context["layout"] != Layout.BRIEF else ()


def text_part(templates: PartTemplates, shown: Shown, filling: Filling, *, heading: str) -> tuple[bytes, ...]:
    """The text part in base64 lines, in pieces, its footnotes numbered through; their URLs stand at its end under ``heading``."""
    contents = "".join([templates.contents_of(section, cards) for section, cards in shown])
    context = filling.context
    _, start, to_contents, to_groups, end = templates.skeleton.fill(filling)
    start += "".join([card.text_top for card in _best(context)]) + to_contents + contents + to_groups
    groups, explanations = _with_cards(shown, context), _explanations(context)
    urls = [url for _, cards in groups for card in cards for url in card.urls]
    if len(set(urls)) == len(urls) and not has_footnotes(contents):
        return _joined_text(templates, groups, explanations, start=start, end=end + footnote_list(urls, heading))
    # A URL that stands in several places has one number: the whole text is needed before they can be given.
    parts = [start]
    for section, cards in groups:
        before, after = templates.around_group("groups", section)
        parts += (before, *[_card_text(templates, card, explanations) for card in cards], after)
    return (encoded(with_numbered_footnotes("".join((*parts, end)), heading)),)


def _joined_text(
    templates: PartTemplates, groups: Shown, explanations: Mapping[int, Explanation], *, start: str, end: str
) -> tuple[bytes, ...]:
    """The text part from cards that are encoded already; each URL stands in one of them only."""
    lines: list[bytes] = []
    last: Section | None = None
    number = 1
    for section, cards in groups:
        if last is None:
            # What comes first differs from mail to mail, and is not worth a place in the cache.
            lines.append(encoded_padded(start + templates.around_group("groups", section)[0])[0])
        else:
            lines.append(templates.between_groups(last, section))
        last = section
        for card in cards:
            explanation = explanations.get(card.paper_id)
            if explanation is None:
                lines.append(encoded_text_of(card, number))
            else:
                before, after = card.encoded_around_explanation(number)
                lines += (before, _encoded_piece(templates.explanation(explanation))[0], after)
            number += len(card.urls)
    last_words = start if last is None else templates.around_group("groups", last)[1]
    return (*lines, encoded(last_words + end))


def _card_text(templates: PartTemplates, card: Card, explanations: Mapping[int, Explanation]) -> str:
    """The card's text with its explanation, if any, in place."""
    explanation = explanations.get(card.paper_id)
    return card.text.replace(PLACEHOLDER, templates.explanation(explanation) + "\n" if explanation else "")


def sections(groups: Sequence[Group], cards_by_group: CardsByGroup, context: Mapping[str, object]) -> Shown:
    """The groups that have a card, as their headings tell them; what more a topic has stands on its page, or in the archive."""
    found, jump = [], context["layout"] != Layout.BRIEF
    for group, cards in zip(groups, cards_by_group, strict=True):
        if cards:
            more = more_of(group, len(cards))
            # Slugs of the catalogue have no colon; saved queries and followed authors have no page that others may see.
            where = context["archive"] if ":" in group.slug else f"{context['topic_pages']}/{group.slug}"
            found.append((_section(group.slug, group.name, len(cards), more, str(where), jump), tuple(cards)))
    return found


def _best(context: Mapping[str, object]) -> Sequence[Card]:
    found = context["best_cards"]
    assert isinstance(found, list)
    return found


def _explanations(context: Mapping[str, object]) -> Mapping[int, Explanation]:
    found = context["explanations"]
    assert isinstance(found, Mapping)
    return found
