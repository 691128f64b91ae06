"""A template rendered once for many readers: the skeleton of a digest (what stands around its contents and cards), its subject.

The mails of a morning differ there in little but topic names and links: these are placeholders when the template is rendered,
and are put in for each reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from types import SimpleNamespace

from jinja2 import Template
from markupsafe import Markup, escape

from newsletter.values.mail import ReaderLinks

# Renderings in the cache, some 8 kB each; there is one for each number of papers.
MOST_CACHED = 512
# The part of the context that a rendering depends on, and so the key of the cache. Picks of the collection are not in it: few
# mails have the same, so a mail with picks is rendered by itself.
_KEY_NAMES = (
    "occasion",
    "date",
    "day",
    "archive",
    "one_day",
    "welcome",
    "more_picks",
    "collection",
    "layout",
    "samples",
    "count",
    "shown",
    "total",
    "more",
)
_LINKS = ("preferences", "unsubscribe", "view", "pause")
# What differs from reader to reader besides their links.
_VALUES = ("title", "shares", "shares_html", "preheader", "feedback_page", "reading_page")
_NAMES = (*_LINKS, *_VALUES)
_links_of, _values_of, _key_of = attrgetter(*_LINKS), itemgetter(*_VALUES), itemgetter(*_KEY_NAMES)
# Where the best papers, the contents and the groups stand. Control characters, as outside text holds none.
_BEST, _CONTENTS, _GROUPS = "\x1b", "\x1c", "\x1d"
_MARKS = re.compile(f"[{_BEST}{_CONTENTS}{_GROUPS}]")
_PLACEHOLDER = re.compile("\x1e([a-z0-9_]+)\x1f")
_Pieces = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """What the templates of one digest are filled with: subject, HTML and text alike."""

    context: Mapping[str, object]
    values: Mapping[str, str]
    key: tuple[object, ...]

    @classmethod
    def of(cls, context: Mapping[str, object]) -> Filling:
        links = context["links"]
        assert isinstance(links, ReaderLinks)
        values = (*_links_of(links), *_values_of(context))
        key = (*map(bool, values), bool(context["best_cards"]), *_key_of(context))
        return cls(context, dict(zip(_NAMES, values, strict=True)), key)


_SPECIAL = re.compile("[&<>\"']")


def _in_markup(value: str) -> str:
    """``value`` as it may stand in markup; most values hold nothing to be escaped, and looking is quicker."""
    return value if isinstance(value, Markup) or not _SPECIAL.search(value) else escape(value)


class SharedTemplate:
    """One template of a digest in one language; ``common`` is the context that all mails share.

    Safe for several threads: two may render the same at once, and either result serves.
    """

    def __init__(self, template: Template, common: Mapping[str, object], *, markup: bool) -> None:
        self._template, self._common = template, common
        self._safe: Callable[[str], str] = Markup if markup else str
        self._escaped: Callable[[str], str] = _in_markup if markup else str
        self._cached: dict[tuple[object, ...], tuple[_Pieces, ...]] = {}

    def fill(self, filling: Filling) -> tuple[str, str, str, str, str]:
        """The head of a document, what stands before the best papers, between them and the contents, before the groups, the end.

        A piece is "" where its template has none of what it stands before. The head holds nothing of the reader: it is the same
        object for all whose mails have it alike.
        """
        head, start, to_contents, to_groups, end = [self._filled(piece, filling.values) for piece in self._pieces(filling)]
        return head, start, to_contents, to_groups, end

    def _filled(self, pieces: _Pieces, values: Mapping[str, str]) -> str:
        """``pieces``, which are texts and names of values in turn, joined with the values in place."""
        if len(pieces) == 1:
            return pieces[0]
        filled, escaped = list(pieces), self._escaped
        filled[1::2] = [escaped(values[name]) for name in pieces[1::2]]
        return "".join(filled)

    def _pieces(self, filling: Filling) -> tuple[_Pieces, ...]:
        if filling.context["picks"]:
            return self._rendered(filling)
        found = self._cached.get(filling.key)
        if found is None:
            if len(self._cached) >= MOST_CACHED:
                self._cached.clear()
            found = self._cached[filling.key] = self._rendered(filling)
        return found

    def _rendered(self, filling: Filling) -> tuple[_Pieces, ...]:
        context = filling.context
        placeholders = {name: self._placeholder(name) if value else "" for name, value in filling.values.items()}
        whole = self._template.render(
            self._common,
            **{name: context[name] for name in (*_KEY_NAMES, "picks")},
            **{name: placeholders[name] for name in _VALUES},
            links=SimpleNamespace(**{name: placeholders[name] for name in _LINKS}),
            has_best=bool(context["best_cards"]),
            best=self._safe(_BEST),
            contents=self._safe(_CONTENTS),
            groups=self._safe(_GROUPS),
        )
        pieces = dict.fromkeys((_BEST, _CONTENTS, _GROUPS), "")
        start, *rest = re.split(f"({_MARKS.pattern})", whole)
        for mark, piece in zip(rest[::2], rest[1::2], strict=True):
            pieces[mark] = piece
        head, end, body = start.rpartition("</head>")
        return tuple(tuple(_PLACEHOLDER.split(piece)) for piece in (head + end, body, *pieces.values()))

    def _placeholder(self, name: str) -> str:
        return self._safe(f"\x1e{name}\x1f")
