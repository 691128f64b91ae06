"""What papers are narrowed to on a page, as its address says it. No session, no I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """All of these must hold; what is empty or False asks for nothing.

    ``topics`` are slugs of which one is enough, ``category`` is one of a paper's categories as its server names it, ``code`` that
    a link to code is known, ``venue`` that its authors say where it appeared, ``translated`` a language with a translation.
    """

    topics: tuple[str, ...] = ()
    category: str = ""
    code: bool = False
    venue: bool = False
    translated: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.topics or self.category or self.code or self.venue or self.translated)
