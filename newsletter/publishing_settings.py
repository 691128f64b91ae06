"""The settings of publishing after each day's translation: read with the others, kept by the job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsletter.environment import Reader

FAMILIES = ("own", "readme", "jekyll", "tldr", "collection", "json")
NO, YES = "no", "yes"


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where and how pages are published by themselves: not, where ``folder`` is None. ``family`` "" is each list's own."""

    folder: Path | None = None
    family: str = ""
    language: str = ""
    days: int = 7
    classic: bool = False
    git: bool = False


def read_publishing(env: Reader) -> Publishing:
    """The settings of publishing. Raises SettingsError."""
    folder, family = env.text("PUBLISH_DIR"), env.choice("PUBLISH_FORMAT", FAMILIES)
    return Publishing(
        folder=Path(folder).absolute() if folder else None,
        family="" if family == FAMILIES[0] else family,
        language=env.text("PUBLISH_LANGUAGE"),
        days=env.whole("PUBLISH_DAYS", 7, least=1, most=366),
        classic=env.choice("PUBLISH_CLASSIC", (NO, YES)) == YES,
        git=env.choice("PUBLISH_GIT", (NO, YES)) == YES,
    )
