"""Joins the pieces of a digest to the HTML and the text part of a mail. Pieces that are the same in many mails are encoded once.

A group without a card is left out. It cuts nothing and knows no reader: `renderer` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup

from newsletter.i18n.phrases import explanation_text
from newsletter.languages import Language
from newsletter.mail.rendering.cards import MOST_NAME, PLACEHOLDER, Card, encoded_text_of
from newsletter.mail.rendering.encoding import TOKEN_PLACEHOLDER, encoded, encoded_padded, encoded_token, sent_size
from newsletter.mail.rendering.plain_text import footnote_list, has_footnotes, with_numbered_footnotes, wrapped
from newsletter.mail.rendering.shared_template import SharedTemplate
from newsletter.text.characters import one_line
from newsletter.values.digests import Group
from newsletter.values.readers import Explanation, Layout

_MOST_CACHED = 4096
# The cards of each group, in the order of the groups.
CardsByGroup = Sequence[Sequence[Card]]
# Whole base64 lines, and their bytes before encoding.
EncodedPiece = tuple[bytes, int]


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

    def _around_group(self, part: str, name: str, size: int) -> tuple[str, str]:
        """What stands before and after the cards (``groups``) or lines (``contents``) of a group of ``size`` papers."""
        here = self.safe(PLACEHOLDER)
        whole = self._templates[part].render(self._common, name=one_line(name, MOST_NAME), size=size, cards=here, lines=here)
        before, _, after = whole.partition(PLACEHOLDER)
        return before, after

    def _encoded_around_group(self, part: str, name: str, size: int) -> tuple[EncodedPiece, EncodedPiece]:
        before, after = self._around_group(part, name, size)
        return encoded_padded(before), encoded_padded(after)

    def _explanation(self, explanation: Explanation) -> str:
        """The line that explains which feedback moved a paper up, as it stands in this part."""
        interface = self._common["interface"]
        assert isinstance(interface, Language)
        why = explanation_text(one_line(explanation.word, MOST_NAME), explanation.count, interface.code)
        if self._markup:
            return self._templates["explanation"].render(self._common, why=why)
        # The text part needs no template for a line. For the breaks around it see `Card.encoded_around_explanation`.
        return f"\n{wrapped(why)}\n"


# The head of a document and the headings between cards are the same in many mails.
_encoded_piece = lru_cache(maxsize=_MOST_CACHED)(encoded_padded)


def html_part(
    templates: PartTemplates, groups: Sequence[Group], cards_by_group: CardsByGroup, *, context: Mapping[str, object]
) -> tuple[bytes, int]:
    """The HTML part in base64 lines, and its bytes before that."""
    shown, (start, between, end) = _with_cards(groups, cards_by_group), templates.skeleton.fill(context)
    token, explanations = encoded_token(str(context["token"])), _explanations(context)
    pieces = [*_encoded_start(start)]
    for group, cards in shown:
        before, after = templates.encoded_around_group("contents", group.name, len(cards))
        pieces += [before, *(card.html_line for card in cards), after]
    pieces.append(_encoded_piece(between))
    # A brief digest has no cards.
    for group, cards in shown if context["layout"] != Layout.BRIEF else ():
        before, after = templates.encoded_around_group("groups", group.name, len(cards))
        pieces += [before, *_encoded_cards(templates, cards, token=token, explanations=explanations), after]
    return b"".join([lines for lines, _ in pieces]) + encoded(end), sum(size for _, size in pieces) + sent_size(end)


def _encoded_start(text: str) -> tuple[EncodedPiece, EncodedPiece]:
    """What stands before the contents, in two pieces: the head, which holds nothing of the reader, comes from the cache."""
    head, end, body = text.partition("</head>")
    return _encoded_piece(head + end), encoded_padded(body)


def _encoded_cards(
    templates: PartTemplates, cards: Iterable[Card], *, token: bytes, explanations: Mapping[int, Explanation]
) -> Iterator[EncodedPiece]:
    for card in cards:
        yield token.join(card.html), card.html_size
        if card.paper_id in explanations:
            yield _encoded_piece(templates.explanation(explanations[card.paper_id]))
        yield card.html_end


def text_part(
    templates: PartTemplates,
    groups: Sequence[Group],
    cards_by_group: CardsByGroup,
    *,
    context: Mapping[str, object],
    heading: str,
) -> bytes:
    """The text part in base64 lines, its footnotes numbered through; their URLs stand at its end under ``heading``."""
    shown = _with_cards(groups, cards_by_group)
    contents = "".join(_contents_of_group(templates, group, cards) for group, cards in shown)
    pieces = list(_texts_and_cards(templates, shown, context=context, contents=contents))
    urls = [url for piece in pieces if isinstance(piece, Card) for url in piece.urls]
    explanations, token_in_links = _explanations(context), f"/{context['token']}/"
    if len(set(urls)) == len(urls) and not has_footnotes(contents):
        return _joined_text(templates, pieces, explanations, footnote_list(urls, heading), token_in_links)
    # A URL that stands in several places has one number: the whole text is needed before they can be given.
    whole = "".join(piece if isinstance(piece, str) else _card_text(templates, piece, explanations) for piece in pieces)
    return encoded(with_numbered_footnotes(whole, heading).replace(TOKEN_PLACEHOLDER, token_in_links))


def _joined_text(
    templates: PartTemplates,
    pieces: Iterable[str | Card],
    explanations: Mapping[int, Explanation],
    footnotes: str,
    token_in_links: str,
) -> bytes:
    """The text part from cards that are encoded already; each URL stands in one of ``pieces`` only."""
    lines: list[bytes] = []
    between, number = "", 1
    for piece in pieces:
        if isinstance(piece, str):
            between += piece
            continue
        if between:
            # What comes first differs from mail to mail, and is not worth a place in the cache.
            lines.append(_encoded_piece(between)[0] if lines else encoded_padded(between)[0])
        explanation = explanations.get(piece.paper_id)
        if explanation is None:
            lines.append(encoded_text_of(piece, number))
        else:
            before, after = piece.encoded_around_explanation(number)
            lines += (before, _encoded_piece(templates.explanation(explanation))[0], after)
        number, between = number + len(piece.urls), ""
    lines.append(encoded(between + footnotes.replace(TOKEN_PLACEHOLDER, token_in_links)))
    return b"".join(lines)


def _texts_and_cards(
    templates: PartTemplates, shown: Sequence[tuple[Group, Sequence[Card]]], *, context: Mapping[str, object], contents: str
) -> Iterator[str | Card]:
    """Texts and cards in the order of the text part; a brief digest has no cards."""
    start, between, end = templates.skeleton.fill(context)
    yield start + contents + between
    for group, cards in shown if context["layout"] != Layout.BRIEF else ():
        before, after = templates.around_group("groups", group.name, len(cards))
        yield before
        yield from cards
        yield after
    yield end


def _contents_of_group(templates: PartTemplates, group: Group, cards: Sequence[Card]) -> str:
    """The group in the table of contents of the text part."""
    before, after = templates.around_group("contents", group.name, len(cards))
    return before + "".join(card.text_line for card in cards) + after


def _card_text(templates: PartTemplates, card: Card, explanations: Mapping[int, Explanation]) -> str:
    """The card's text with its explanation, if any, in place."""
    explanation = explanations.get(card.paper_id)
    return card.text.replace(PLACEHOLDER, templates.explanation(explanation) + "\n" if explanation else "")


def _with_cards(groups: Sequence[Group], cards_by_group: CardsByGroup) -> list[tuple[Group, Sequence[Card]]]:
    return [(group, cards) for group, cards in zip(groups, cards_by_group, strict=True) if cards]


def _explanations(context: Mapping[str, object]) -> Mapping[int, Explanation]:
    found = context["explanations"]
    assert isinstance(found, Mapping)
    return found
