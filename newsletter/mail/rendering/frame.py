"""The frame of a digest: what stands around its contents and its cards.

Most of it is the same in many mails of a morning: it is rendered once for all that differ in the names of topics and the
reader's links alone, and these are put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace

from jinja2 import Template
from markupsafe import Markup, escape

from newsletter.values.mail import ReaderLinks

# Some 8 kB each; the numbers of papers in it make them many.
KEPT = 512
# The facts that a frame is rendered from, but for what is put in; picks of the collection are of few mails and kept in none.
_SAME = (
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
# Controls, as outside text holds none.
_CONTENTS, _GROUPS = "\x1c", "\x1d"
_HOLE = re.compile("\x1e([a-z0-9_]+)\x1f")
_Pieces = tuple[str, ...]


class Frames:
    """Fills one template of a digest in one language; ``common`` is what it says in every mail alike.

    Safe for several threads: two may render the same frame at once, and either serves.
    """

    def __init__(self, template: Template, common: Mapping[str, object], *, markup: bool) -> None:
        self._template, self._common = template, common
        self._safe: Callable[[str], str] = Markup if markup else str
        self._escaped: Callable[[str], str] = escape if markup else str
        self._kept: dict[tuple[object, ...], tuple[_Pieces, _Pieces, _Pieces]] = {}

    def filled(self, facts: Mapping[str, object]) -> tuple[str, str, str]:
        """What stands before the contents, between them and the groups ("" where there are none), and at the end."""
        links, named = facts["links"], facts["named"]
        assert isinstance(links, ReaderLinks)
        assert isinstance(named, list)
        values = {name: self._escaped(getattr(links, name)) for name in _LINKS}
        values |= {f"name{place}": self._escaped(name) for place, name in enumerate(named)}
        values |= {name: self._escaped(str(facts[name])) for name in ("topics", "topics_line")}
        start, between, end = self._pieces(facts, names=len(named), view=bool(links.view))
        return _put_in(start, values), _put_in(between, values), _put_in(end, values)

    def _pieces(self, facts: Mapping[str, object], *, names: int, view: bool) -> tuple[_Pieces, _Pieces, _Pieces]:
        if facts["picks"]:
            return self._rendered(facts, names=names, view=view)
        key = (names, view, *(facts[name] for name in _SAME))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            found = self._kept[key] = self._rendered(facts, names=names, view=view)
        return found

    def _rendered(self, facts: Mapping[str, object], *, names: int, view: bool) -> tuple[_Pieces, _Pieces, _Pieces]:
        hole = self._hole
        whole = self._template.render(
            self._common,
            **{name: facts[name] for name in (*_SAME, "picks")},
            links=SimpleNamespace(**{name: hole(name) if view or name != "view" else "" for name in _LINKS}),
            named=[hole(f"name{place}") for place in range(names)],
            topics=hole("topics") if names else "",
            topics_line=hole("topics_line") if names else "",
            contents=self._safe(_CONTENTS),
            groups=self._safe(_GROUPS),
        )
        before, _, end = whole.partition(_GROUPS)
        start, _, between = before.partition(_CONTENTS)
        return tuple(_HOLE.split(start)), tuple(_HOLE.split(between)), tuple(_HOLE.split(end))

    def _hole(self, name: str) -> str:
        return self._safe(f"\x1e{name}\x1f")


def _put_in(pieces: _Pieces, values: Mapping[str, str]) -> str:
    """``pieces`` are text and names in turn."""
    filled = list(pieces)
    filled[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(filled)
