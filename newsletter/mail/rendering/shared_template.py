"""A template rendered once for many readers: the skeleton of a digest (what stands around its contents and cards), its subject.

The mails of a morning differ there in little but topic names and links: these are placeholders when the template is rendered,
and are put in for each reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace

from jinja2 import Template
from markupsafe import Markup, escape

from newsletter.values.mail import ReaderLinks

# Renderings in the cache, some 8 kB each; there is one for each number of papers.
MOST_CACHED = 512
# The part of the context that a rendering depends on, and so the key of the cache. Picks of the collection are not in it: few
# mails have the same, so a mail with picks is rendered by itself.
_KEY_NAMES = (
    "date",
    "day",
    "archive",
    "one_day",
    "other_topics",
    "welcome",
    "more_picks",
    "collection",
    "layout",
    "samples",
    "count",
    "more",
)
_LINKS = ("preferences", "unsubscribe", "view", "pause")
# Control characters, as outside text holds none.
_CONTENTS, _GROUPS = "\x1c", "\x1d"
_PLACEHOLDER = re.compile("\x1e([a-z0-9_]+)\x1f")
_Pieces = tuple[str, ...]


class SharedTemplate:
    """One template of a digest in one language; ``common`` is the context that all mails share.

    Safe for several threads: two may render the same at once, and either result serves.
    """

    def __init__(self, template: Template, common: Mapping[str, object], *, markup: bool) -> None:
        self._template, self._common = template, common
        self._safe: Callable[[str], str] = Markup if markup else str
        self._escaped: Callable[[str], str] = escape if markup else str
        self._cached: dict[tuple[object, ...], tuple[_Pieces, _Pieces, _Pieces]] = {}

    def fill(self, context: Mapping[str, object]) -> tuple[str, str, str]:
        """What stands before the contents, between them and the groups ("" where there are none), and at the end."""
        links, named = context["links"], context["named"]
        assert isinstance(links, ReaderLinks)
        assert isinstance(named, list)
        values = {name: self._escaped(getattr(links, name)) for name in _LINKS}
        there = frozenset(name for name in _LINKS if values[name])
        values |= {f"name{place}": self._escaped(name) for place, name in enumerate(named)}
        values |= {name: self._escaped(str(context[name])) for name in ("topics", "topics_line")}
        start, between, end = self._pieces(context, names=len(named), there=there)
        return _filled(start, values), _filled(between, values), _filled(end, values)

    def _pieces(self, context: Mapping[str, object], *, names: int, there: frozenset[str]) -> tuple[_Pieces, _Pieces, _Pieces]:
        if context["picks"]:
            return self._rendered(context, names=names, there=there)
        key = (names, there, *(context[name] for name in _KEY_NAMES))
        found = self._cached.get(key)
        if found is None:
            if len(self._cached) >= MOST_CACHED:
                self._cached.clear()
            found = self._cached[key] = self._rendered(context, names=names, there=there)
        return found

    def _rendered(self, context: Mapping[str, object], *, names: int, there: frozenset[str]) -> tuple[_Pieces, _Pieces, _Pieces]:
        placeholder = self._placeholder
        whole = self._template.render(
            self._common,
            **{name: context[name] for name in (*_KEY_NAMES, "picks")},
            links=SimpleNamespace(**{name: placeholder(name) if name in there else "" for name in _LINKS}),
            named=[placeholder(f"name{place}") for place in range(names)],
            topics=placeholder("topics") if names else "",
            topics_line=placeholder("topics_line") if names else "",
            contents=self._safe(_CONTENTS),
            groups=self._safe(_GROUPS),
        )
        before, _, end = whole.partition(_GROUPS)
        start, _, between = before.partition(_CONTENTS)
        return tuple(_PLACEHOLDER.split(start)), tuple(_PLACEHOLDER.split(between)), tuple(_PLACEHOLDER.split(end))

    def _placeholder(self, name: str) -> str:
        return self._safe(f"\x1e{name}\x1f")


def _filled(pieces: _Pieces, values: Mapping[str, str]) -> str:
    """``pieces``, which are texts and names of values in turn, joined with the values in place."""
    filled = list(pieces)
    filled[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(filled)
