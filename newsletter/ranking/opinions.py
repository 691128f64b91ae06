"""What a reader says of a paper, as values. Pure; no model and no page in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Say(StrEnum):
    """More papers like this one, or fewer."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader said last of a paper; ``at`` is aware UTC."""

    paper_id: int
    ref: str
    title: str
    say: Say
    at: dt.datetime
