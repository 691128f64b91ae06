"""Cards: a paper as it stands in digests, rendered once per (paper version, language, engine, topic) and cached.

Titles, names and abstracts are outside text: cut to size and stripped of control characters here, escaped by the templates.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from jinja2 import Template

from newsletter.mail.rendering.card_texts import Form, card_context
from newsletter.mail.rendering.encoding import TOKEN_PLACEHOLDER, encoded_padded, encoded_without_tokens
from newsletter.mail.rendering.plain_text import footnote_urls, number_footnotes
from newsletter.values.digests import Entry
from newsletter.values.readers import Layout

# Cards in the cache, some 20 kB each.
MOST_CACHED_CARDS = 2048
# Encoded texts of cards, some 3 kB each: one for each number that the first footnote of a card has had in a mail.
MOST_NUMBERINGS = 8192
# Stands in a rendered text where something that differs from mail to mail is put in: a control, as outside text holds none.
PLACEHOLDER = "\x1d"


# Tried in this order until all papers of a mail fit; only then cards are left out.
FORMS: Mapping[Layout, tuple[Form, ...]] = {
    Layout.WHOLE: (Form.WHOLE, Form.FOLDED, Form.SHORT),
    Layout.STANDARD: (Form.FOLDED, Form.SHORT),
    Layout.BILINGUAL: (Form.FOLDED, Form.SHORT),
    Layout.BRIEF: (Form.SHORT,),
}


@dataclass(slots=True, eq=False)
class Card:
    """A paper in both parts of a mail: its card, its line in the contents, and its line among the best of the day.

    ``html`` is the card in whole base64 lines, in pieces with `TOKEN` where the reader's token is put in, and ``html_size`` its
    bytes before encoding. After it comes an explanation, if any, and then ``html_end``; that, ``html_line`` and ``html_top`` are
    pairs of base64 lines and bytes. ``text`` has marks for its footnotes ``urls``, and `PLACEHOLDER` where an explanation is put
    in. ``size`` is the bytes of card and line in the HTML part.
    """

    paper_id: int
    title: str
    html: tuple[bytes, ...]
    html_size: int
    html_end: tuple[bytes, int]
    html_line: tuple[bytes, int]
    html_top: tuple[bytes, int]
    text: str
    text_line: str
    text_top: str
    size: int
    urls: tuple[str, ...]

    def encoded_around_explanation(self, first: int) -> tuple[bytes, bytes]:
        """The text in whole base64 lines, its footnotes numbered from ``first``: what stands before and after an explanation."""
        before, _, after = number_footnotes(first, self.text).partition(PLACEHOLDER)
        # The first half is padded with spaces, which must not indent what follows: a line break comes between.
        return encoded_padded(before)[0], encoded_padded("\n" + after)[0]


@lru_cache(maxsize=MOST_NUMBERINGS)
def encoded_text_of(card: Card, first: int) -> bytes:
    """The text of ``card`` without an explanation, in whole base64 lines, its footnotes numbered from ``first``."""
    return encoded_padded(number_footnotes(first, card.text).replace(PLACEHOLDER, ""))[0]


class Cards:
    """Renders cards of one language, layout and form with the parts of both templates; caches the newest 2,048.

    The parts are ``cards``, ``lines`` and ``best``. A brief digest has lines only. With ``feedback`` cards have links to the
    reader's feedback pages.

    Safe for several threads: two may render the same card at once, and either result serves.
    """

    def __init__(
        self,
        *,
        html: Mapping[str, Template],
        text: Mapping[str, Template],
        base_url: str,
        layout: Layout = Layout.STANDARD,
        form: Form = Form.FOLDED,
        feedback: bool = False,
    ) -> None:
        self._html, self._text, self._base_url = html, text, base_url
        self._layout, self._form, self._feedback = layout, form, feedback
        self._cached: OrderedDict[Entry, Card] = OrderedDict()
        # The same by identity: comparing entries is slow, and thousands of mails show the same one.
        self._by_identity: dict[int, tuple[Entry, Card]] = {}
        self._lock = Lock()

    def card(self, entry: Entry) -> Card:
        """The card of ``entry``, which is as a whole the key of the cache: it holds all that a card shows, so none is stale."""
        known = self._by_identity.get(id(entry))
        if known is not None and known[0] is entry:
            return known[1]
        with self._lock:
            made = self._cached.get(entry)
            if made is not None:
                self._cached.move_to_end(entry)
        made = made or self._render(entry)
        with self._lock:
            self._cached[entry] = made
            if len(self._cached) > MOST_CACHED_CARDS:
                self._cached.popitem(last=False)
            if len(self._by_identity) >= MOST_CACHED_CARDS:
                self._by_identity.clear()
            self._by_identity[id(entry)] = (entry, made)
        return made

    def _render(self, entry: Entry) -> Card:
        context = card_context(entry, self._base_url, layout=self._layout, form=self._form) | {"explanation": PLACEHOLDER}
        context["feedback"] = f"{self._base_url}/feedback{TOKEN_PLACEHOLDER}{entry.paper.ref}" if self._feedback else ""
        html_line, html_top = (encoded_padded(self._html[part].render(context)) for part in ("lines", "best"))
        text_line, text_top = (self._text[part].render(context) for part in ("lines", "best"))
        title = str(context["title"])
        if self._layout is Layout.BRIEF:
            none = (b"", 0)
            return Card(entry.paper.id, title, (), 0, none, html_line, html_top, "", text_line, text_top, html_line[1], urls=())
        before, _, after = self._html["cards"].render(context).partition(PLACEHOLDER)
        text = self._text["cards"].render(context)
        (html, size), end = encoded_without_tokens(before), encoded_padded(after)
        whole, urls = size + end[1] + html_line[1], footnote_urls(text)
        return Card(entry.paper.id, title, html, size, end, html_line, html_top, text, text_line, text_top, whole, urls)
