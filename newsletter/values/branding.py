"""How an installation looks and speaks in its own name, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The colours of links and buttons that ship, on light paper and on dark.
ACCENT, ACCENT_DARK = "#0e5a62", "#86cfd6"


@dataclass(frozen=True, slots=True)
class Branding:
    """``accent`` and ``accent_dark`` are colours (#rrggbb); the others are by language code, "" for every other one.

    ``footer`` is a line at the end of mails and pages, ``sender`` a name or ``Name <address>`` for From, ``texts`` own words for
    single English ones of ours.
    """

    accent: str = ACCENT
    accent_dark: str = ACCENT_DARK
    footer: Mapping[str, str] = field(default_factory=dict)
    sender: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def footer_in(self, language: str) -> str:
        """The line in ``language``, "" where there is none."""
        return self.footer.get(language, self.footer.get("", ""))

    def sender_in(self, language: str) -> str:
        """Who writes in ``language``, "" for MAIL_FROM."""
        return self.sender.get(language, self.sender.get("", ""))

    def texts_in(self, language: str) -> Mapping[str, str]:
        """Own words in ``language`` by the English ones that they stand for."""
        return self.texts.get(language, {})

    @property
    def has_colours(self) -> bool:
        """Whether a colour is another than what ships."""
        return (self.accent, self.accent_dark) != (ACCENT, ACCENT_DARK)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture in place of the name; ``mark`` changes with its content."""

    content: bytes = field(repr=False)
    mimetype: str
    width: int
    height: int
    mark: str
