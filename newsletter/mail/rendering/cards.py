"""Cards: a paper as it stands in digests, rendered once per (paper version, language, engine, topic) and kept.

What comes in is outside text. It is cut to size and cleaned of controls here, and escaped by the templates.
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
from newsletter.mail.rendering.base64_parts import SLOT, encoded_around, encoded_whole
from newsletter.mail.rendering.plain_text import addresses, numbered_from
from newsletter.text.characters import one_line
from newsletter.text.identifiers import abs_url, pdf_url
from newsletter.values.digests import Entry
from newsletter.values.papers import Paper
from newsletter.values.readers import Layout

# What a card shows at most, in characters: a card must fit into a mail even where every field of it is hostile.
MOST_TITLE, MOST_LINE, MOST_ABSTRACT, MOST_NAME, MOST_REASON = 400, 180, 5000, 80, 160
MOST_TLDR = 300
MOST_TOPICS, MOST_LINKS, FIRST_AUTHORS = 6, 6, 3
MOST_URL = 500
# Some 20 kB each, also where a card stands in many places of mails.
KEPT = 2048
# Texts of cards, some 3 kB each, by the number of their first footnote: it differs with what stands above them.
MOST_NUMBERINGS = 8192
# Stands where something that differs between mails comes in; outside text holds no controls.
HERE = "\x1d"
# No controls either: two of them mark footnotes in the text part.
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
    """A paper in both parts of a mail: the card and its line in the contents. ``size`` is the bytes of both in the HTML part.

    ``html`` is in base64 lines, padded, cut where the token comes in, ``html_size`` its bytes before that; ``html_end`` follows
    it and what is said of feedback, with its bytes, as ``html_line`` has them. ``text`` has marks for its footnotes ``urls``,
    and `HERE` where feedback is told of.
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

    def numbered_around(self, first: int) -> tuple[bytes, bytes]:
        """The text in base64 lines, padded, its footnotes numbered from ``first``: before and after `HERE`."""
        before, _, after = numbered_from(first, self.text).partition(HERE)
        # The spaces that fill a line must not indent the next one: a line break stands between.
        return encoded_whole(before)[0], encoded_whole("\n" + after)[0]


@lru_cache(maxsize=MOST_NUMBERINGS)
def numbered_whole(card: Card, first: int) -> bytes:
    """The text of ``card`` in base64 lines, padded, its footnotes numbered from ``first``; `HERE` is left out."""
    return encoded_whole(numbered_from(first, card.text).replace(HERE, ""))[0]


class Cards:
    """Renders cards of one language and layout with the parts ``cards`` and ``lines`` of both templates; keeps the newest 2,048.

    A brief digest has lines only, which then lead to the paper's own page. Cards that are ``asking`` have links to the reader's
    pages of feedback.

    Safe for several threads: two may render the same card at once, and either result serves.
    """

    def __init__(
        self,
        *,
        html: Mapping[str, Template],
        text: Mapping[str, Template],
        base_url: str,
        layout: Layout = Layout.STANDARD,
        asking: bool = False,
    ) -> None:
        self._html, self._text, self._base_url, self._layout, self._asking = html, text, base_url, layout, asking
        self._kept: OrderedDict[Entry, Card] = OrderedDict()
        # The same by identity, because an entry is long to compare and one drain shows the same one to thousands.
        self._at_hand: dict[int, tuple[Entry, Card]] = {}
        self._lock = Lock()

    def card(self, entry: Entry) -> Card:
        """The card of ``entry``. The whole entry is the key: whatever is shown belongs to it, so nothing stale can be shown."""
        at_hand = self._at_hand.get(id(entry))
        if at_hand is not None and at_hand[0] is entry:
            return at_hand[1]
        with self._lock:
            made = self._kept.get(entry)
            if made is not None:
                self._kept.move_to_end(entry)
        made = made or self._render(entry)
        with self._lock:
            self._kept[entry] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            if len(self._at_hand) >= KEPT:
                self._at_hand.clear()
            self._at_hand[id(entry)] = (entry, made)
        return made

    def _render(self, entry: Entry) -> Card:
        facts = _facts(entry, self._base_url)
        facts |= _line(entry, facts, self._layout) | {"bilingual": self._layout is Layout.BILINGUAL, "because": HERE}
        facts["feedback"] = f"{self._base_url}/feedback{SLOT}{entry.paper.ref}" if self._asking else ""
        html_line, text_line = self._html["lines"].render(facts), self._text["lines"].render(facts)
        line = encoded_whole(html_line)
        if self._layout is Layout.BRIEF:
            return Card(entry.paper.id, (), 0, (b"", 0), line, "", text_line, size=line[1], urls=())
        before, _, after = self._html["cards"].render(facts).partition(HERE)
        text = self._text["cards"].render(facts)
        (html, size), end = encoded_around(before), encoded_whole(after)
        whole = size + end[1] + line[1]
        return Card(entry.paper.id, html, size, end, line, text, text_line, size=whole, urls=addresses(text))


def _facts(entry: Entry, base_url: str) -> dict[str, object]:
    paper = entry.paper
    title, original = one_line(entry.title, MOST_TITLE), one_line(paper.title, MOST_TITLE)
    shown = language_of(entry.written_in)
    url = abs_url(paper.ref) or f"{base_url}/papers/{paper.ref}"
    authors = [one_line(name, MOST_NAME) for name in paper.authors]
    return {
        "anchor": "p-" + re.sub(r"[^A-Za-z0-9.-]", "-", paper.ref)[:64],
        "title": title or original or paper.ref,
        "original": original if entry.translated and original != title else "",
        "shown": shown,
        "interface": interface_language(entry.language),
        "side": "left" if shown.direction == "ltr" else "right",
        "authors": ", ".join(authors[:FIRST_AUTHORS]),
        "other_authors": max(0, len(authors) - FIRST_AUTHORS),
        "date": paper.submitted.date(),
        "version": paper.version,
        "category": one_line(paper.primary_category, 40),
        "topics": " · ".join(one_line(name, MOST_NAME) for name in entry.topics[:MOST_TOPICS]),
        "reason": one_line(
            reason_text(one_line(entry.reason, MOST_REASON), interface_language(entry.language).code), 2 * MOST_REASON
        ),
        "announced": entry.announced.value,
        "abstract": one_line(entry.abstract, MOST_ABSTRACT),
        "source": one_line(paper.abstract, MOST_ABSTRACT) if entry.written_in != SOURCE_LANGUAGE else "",
        "withdrawn": paper.withdrawn,
        "sample": paper.is_sample,
        "translated": entry.translated,
        "engine": _engine(entry.engine),
        "url": url,
        "links": _links(paper, url),
    }


def _line(entry: Entry, facts: Mapping[str, object], layout: Layout) -> dict[str, object]:
    """The paper's line in the contents: its TL;DR or else its title, leading to its card; in a brief digest both, to its page."""
    title, tldr = one_line(entry.title, MOST_LINE) or entry.paper.ref, one_line(entry.tldr, MOST_TLDR)
    # A TL;DR is in the reader's language whatever the rest is in.
    reading, shown = language_of(entry.language), facts["shown"]
    if layout is Layout.BRIEF:
        return {"line": title, "line_in": shown, "beneath": tldr, "reading": reading, "target": facts["url"]}
    line, line_in = (tldr, reading) if tldr else (title, shown)
    return {"line": line, "line_in": line_in, "beneath": "", "reading": reading, "target": f"#{facts['anchor']}"}


def _engine(name: str) -> str:
    """The name that people know the engine by; ``openai:model`` shows the model, ``sample`` stays for the template to say."""
    kind, _, model = name.partition(":")
    return one_line(ENGINES.get(kind) or model or name, MOST_NAME)


def _links(paper: Paper, page: str) -> list[tuple[str, str]]:
    """(kind, URL) in the order shown: abstract, PDF, then what was found; only web addresses, each once."""
    links = [("abstract", page), ("pdf", pdf_url(paper.ref, paper.version))]
    links += [(link.kind.value, link.url) for link in paper.links[:MOST_LINKS]]
    kept: dict[str, str] = {}
    for kind, url in links:
        if len(url) <= MOST_URL and _WEB.fullmatch(url):
            kept.setdefault(url, kind)
    return [(kind, url) for url, kind in kept.items()]
