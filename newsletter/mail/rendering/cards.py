"""Cards: a paper as it stands in digests, rendered once per (paper version, language, engine, topic) and cached.

Titles, names and abstracts are outside text: cut to size and stripped of control characters here, escaped by the templates.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from jinja2 import Template

from newsletter.i18n import interface_language
from newsletter.i18n.phrases import reason_text
from newsletter.languages import SOURCE_LANGUAGE, language_of
from newsletter.mail.rendering.encoding import TOKEN_PLACEHOLDER, encoded_padded, encoded_without_tokens
from newsletter.mail.rendering.plain_text import footnote_urls, number_footnotes
from newsletter.text.characters import one_line
from newsletter.text.identifiers import abs_url, pdf_url
from newsletter.values.digests import Entry
from newsletter.values.papers import Paper
from newsletter.values.readers import Layout

# The most characters (and items) that a card shows of each field: it must fit into a mail whatever a field holds.
MOST_TITLE, MOST_LINE, MOST_ABSTRACT, MOST_NAME, MOST_REASON = 400, 180, 5000, 80, 160
MOST_TLDR = 300
MOST_TOPICS, MOST_LINKS, FIRST_AUTHORS = 6, 6, 3
MOST_URL = 500
# Cards in the cache, some 20 kB each.
MOST_CACHED_CARDS = 2048
# Encoded texts of cards, some 3 kB each: one for each number that the first footnote of a card has had in a mail.
MOST_NUMBERINGS = 8192
# Stands in a rendered text where something that differs from mail to mail is put in: a control, as outside text holds none.
PLACEHOLDER = "\x1d"
# Without controls, two of which mark footnotes in the text part.
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f\"'<>\\^`{|}]+")
ENGINES: Mapping[str, str] = {
    "libre": "LibreTranslate",
    "google": "Google Translate",
    "deepl": "DeepL",
    "microsoft": "Microsoft Translator",
    "mymemory": "MyMemory",
}


@dataclass(slots=True, eq=False)
class Card:
    """A paper in both parts of a mail: its card, and its line in the contents. ``size`` is the bytes of both in the HTML part.

    ``html`` is the card in whole base64 lines, cut where the reader's token is put in, and ``html_size`` its bytes before
    encoding. After it comes an explanation, if any, and then ``html_end``; that and ``html_line`` are pairs of base64 lines and
    bytes. ``text`` has marks for its footnotes ``urls``, and `PLACEHOLDER` where an explanation is put in.
    """

    paper_id: int
    html: tuple[bytes, ...]
    html_size: int
    html_end: tuple[bytes, int]
    html_line: tuple[bytes, int]
    text: str
    text_line: str
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
    """Renders cards of one language and layout with the parts ``cards`` and ``lines`` of both templates; caches the newest 2,048.

    A brief digest has lines only, which lead to the paper's own page. With ``feedback`` cards have links to the reader's
    feedback pages.

    Safe for several threads: two may render the same card at once, and either result serves.
    """

    def __init__(
        self,
        *,
        html: Mapping[str, Template],
        text: Mapping[str, Template],
        base_url: str,
        layout: Layout = Layout.STANDARD,
        feedback: bool = False,
    ) -> None:
        self._html, self._text, self._base_url, self._layout, self._feedback = html, text, base_url, layout, feedback
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
        context = _card_context(entry, self._base_url)
        context |= _line(entry, context, self._layout) | {
            "bilingual": self._layout is Layout.BILINGUAL,
            "explanation": PLACEHOLDER,
        }
        context["feedback"] = f"{self._base_url}/feedback{TOKEN_PLACEHOLDER}{entry.paper.ref}" if self._feedback else ""
        html_line, text_line = self._html["lines"].render(context), self._text["lines"].render(context)
        line = encoded_padded(html_line)
        if self._layout is Layout.BRIEF:
            return Card(entry.paper.id, (), 0, (b"", 0), line, "", text_line, size=line[1], urls=())
        before, _, after = self._html["cards"].render(context).partition(PLACEHOLDER)
        text = self._text["cards"].render(context)
        (html, size), end = encoded_without_tokens(before), encoded_padded(after)
        whole = size + end[1] + line[1]
        return Card(entry.paper.id, html, size, end, line, text, text_line, size=whole, urls=footnote_urls(text))


def _card_context(entry: Entry, base_url: str) -> dict[str, object]:
    paper, interface = entry.paper, interface_language(entry.language)
    page = f"{base_url}/papers/{paper.ref}"
    authors = [one_line(name, MOST_NAME) for name in paper.authors]
    reason = reason_text(one_line(entry.reason, MOST_REASON), interface.code)
    return _texts(entry) | {
        "anchor": "p-" + re.sub(r"[^A-Za-z0-9.-]", "-", paper.ref)[:64],
        "interface": interface,
        "authors": ", ".join(authors[:FIRST_AUTHORS]),
        "other_authors": max(0, len(authors) - FIRST_AUTHORS),
        "date": paper.submitted.date(),
        "version": paper.version,
        "category": one_line(paper.primary_category, 40),
        "topics": " · ".join(one_line(name, MOST_NAME) for name in entry.topics[:MOST_TOPICS]),
        "reason": one_line(reason, 2 * MOST_REASON),
        "announced": entry.announced.value,
        "withdrawn": paper.withdrawn,
        "sample": paper.is_sample,
        "engine": _engine(entry.engine),
        "url": abs_url(paper.ref) or page,
        "links": _links(paper, page),
    }


def _texts(entry: Entry) -> dict[str, object]:
    """Title and abstract in the language they are shown in, and the originals where these are shown besides."""
    title, original = one_line(entry.title, MOST_TITLE), one_line(entry.paper.title, MOST_TITLE)
    shown = language_of(entry.language if entry.translated else SOURCE_LANGUAGE)
    abstract_differs = entry.translated and entry.language != SOURCE_LANGUAGE
    return {
        "title": title or original or entry.paper.ref,
        "original": original if entry.translated and original != title else "",
        "shown": shown,
        "side": "left" if shown.direction == "ltr" else "right",
        "abstract": one_line(entry.abstract, MOST_ABSTRACT),
        "source": one_line(entry.paper.abstract, MOST_ABSTRACT) if abstract_differs else "",
        "translated": entry.translated,
    }


def _line(entry: Entry, context: Mapping[str, object], layout: Layout) -> dict[str, object]:
    """The paper's line in the contents: its TL;DR or else its title, leading to its card; in a brief digest both, to its page."""
    title, tldr = one_line(entry.title, MOST_LINE) or entry.paper.ref, one_line(entry.tldr, MOST_TLDR)
    # A TL;DR is in the reader's language whatever the rest is in.
    reading, shown = language_of(entry.language), context["shown"]
    if layout is Layout.BRIEF:
        return {"line": title, "line_in": shown, "beneath": tldr, "reading": reading, "target": context["url"]}
    line, line_in = (tldr, reading) if tldr else (title, shown)
    return {"line": line, "line_in": line_in, "beneath": "", "reading": reading, "target": f"#{context['anchor']}"}


def _engine(name: str) -> str:
    """The name that people know the engine by: the model for ``openai:model``; ``sample`` is left to the template to word."""
    kind, _, model = name.partition(":")
    return one_line(ENGINES.get(kind) or model or name, MOST_NAME)


def _links(paper: Paper, page: str) -> list[tuple[str, str]]:
    """(kind, URL) in the order shown: abstract, PDF, then what was found; only web addresses, each once."""
    links = [("abstract", abs_url(paper.ref) or page), ("pdf", pdf_url(paper.ref, paper.version))]
    links += [(link.kind.value, link.url) for link in paper.links[:MOST_LINKS]]
    kept: dict[str, str] = {}
    for kind, url in links:
        if len(url) <= MOST_URL and _WEB.fullmatch(url):
            kept.setdefault(url, kind)
    return [(kind, url) for url, kind in kept.items()]
