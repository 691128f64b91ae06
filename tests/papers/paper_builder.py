"""Papers made up for tests: plain functions, each with a sensible default for everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

from newsletter.values.papers import Paper
from newsletter.values.topics import Match

SUBMITTED = dt.datetime(2026, 6, 24, 15, 0, tzinfo=dt.UTC)


def paper(number: int = 1, **changes: Any) -> Paper:
    """A real paper with the ref 2606.0000N; give fields to change. Every paper of a test is made here."""
    values: dict[str, Any] = {
        "ref": f"2606.{number:05d}",
        "version": 1,
        "title": f"Paper {number}",
        "abstract": f"What paper {number} is about.",
        "authors": ("Ada Byron", "Émilie du Châtelet"),
        "categories": ("cs.CV", "cs.LG"),
        "submitted": SUBMITTED + dt.timedelta(minutes=number),
        "updated": SUBMITTED + dt.timedelta(minutes=number),
        "announced_on": dt.date(2026, 6, 25),
    }
    return Paper(**{**values, **changes})


def sample(number: int = 1, **changes: Any) -> Paper:
    """A sample paper with the ref sample-0N."""
    return paper(number, **{"ref": f"sample-{number:02d}", "source": "sample", **changes})


def match(of: Paper, topic: str = "nerf", score: float = 1.0, reason: str = "title: NeRF") -> Match:
    return Match(of.ref, topic, score, reason)
