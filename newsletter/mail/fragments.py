"""Cards: a paper as it stands in digests, rendered once per (paper version, language, engine, topic) and kept.

What comes in is outside text. It is cut to size and cleaned of controls here, and escaped by the templates.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from jinja2 import Template

from newsletter.interface import interface_language
from newsletter.interface.wording import reason_text
from newsletter.languages import language_of
from newsletter.mail.characters import one_line
from newsletter.papers.identifiers import abs_url, pdf_url
from newsletter.values import Entry, Paper

# What a card shows at most, in characters: a card must fit into a mail even where every field of it is hostile.
MOST_TITLE, MOST_LINE, MOST_ABSTRACT, MOST_NAME, MOST_REASON = 400, 180, 5000, 80, 160
MOST_TOPICS, MOST_LINKS, FIRST_AUTHORS = 6, 6, 3
MOST_URL = 500
KEPT = 4096
_WEB = re.compile(r"https?://[^\s\"'<>\\^`{|}]+")
ENGINES: Mapping[str, str] = {
    "libre": "LibreTranslate",
    "google": "Google Translate",
    "deepl": "DeepL",
    "microsoft": "Microsoft Translator",
    "mymemory": "MyMemory",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A paper in both parts of a mail: the card and its line in the contents. ``size`` is the bytes of both in the HTML part."""

    html: str
    html_line: str
    text: str
    text_line: str
    size: int


class Cards:
    """Renders cards of one language with the parts ``cards`` and ``lines`` of both templates; keeps the newest 4,096.

    Safe for several threads: two may render the same card at once, and either result serves.
    """

    def __init__(self, *, html: Mapping[str, Template], text: Mapping[str, Template], base_url: str) -> None:
        self._html, self._text, self._base_url = html, text, base_url
        self._kept: OrderedDict[Entry, Card] = OrderedDict()
        self._lock = Lock()

    def card(self, entry: Entry) -> Card:
        """The card of ``entry``. The whole entry is the key: whatever is shown belongs to it, so nothing stale can be shown."""
        with self._lock:
            found = self._kept.get(entry)
            if found is not None:
                self._kept.move_to_end(entry)
                return found
        made = self._render(entry)
        with self._lock:
            self._kept[entry] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _render(self, entry: Entry) -> Card:
        facts = _facts(entry, self._base_url)
        html, html_line = self._html["cards"].render(facts), self._html["lines"].render(facts)
        text, text_line = self._text["cards"].render(facts), self._text["lines"].render(facts)
        return Card(html, html_line, text, text_line, size=wire_size(html) + wire_size(html_line))


def wire_size(html: str) -> int:
    """The bytes that ``html`` takes in a mail: UTF-8, with CRLF line ends."""
    return len(html.encode("utf-8")) + html.count("\n")


def _facts(entry: Entry, base_url: str) -> dict[str, object]:
    paper = entry.paper
    title, original = one_line(entry.title, MOST_TITLE), one_line(paper.title, MOST_TITLE)
    shown = language_of(entry.language if entry.translated else "en")
    page = f"{base_url}/papers/{paper.ref}"
    authors = [one_line(name, MOST_NAME) for name in paper.authors]
    return {
        "anchor": "p-" + re.sub(r"[^A-Za-z0-9.-]", "-", paper.ref)[:64],
        "title": title or original or paper.ref,
        "line": one_line(entry.title, MOST_LINE) or paper.ref,
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
        "abstract": one_line(entry.abstract, MOST_ABSTRACT),
        "withdrawn": paper.withdrawn,
        "sample": paper.is_sample,
        "translated": entry.translated,
        "engine": _engine(entry.engine),
        "url": abs_url(paper.ref) or page,
        "links": _links(paper, page),
    }


def _engine(name: str) -> str:
    """The name that people know the engine by; ``openai:model`` shows the model, ``sample`` stays for the template to say."""
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
