"""A subscriber's saved queries as values: the kinds and how many of each, and what they are called among topics."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Limits against abuse: a query of a subscriber costs every paper of everybody.
MOST_QUERIES, MOST_AUTHORS, MOST_EXCLUDED = 20, 50, 50
# The slugs of the catalogue hold no colon, so that none of them can be taken for a saved query.
PREFIX = "q:"


class Kind(StrEnum):
    """What a saved query is for: ``query`` and ``author`` bring papers, ``exclude`` keeps them out."""

    QUERY = "query"
    AUTHOR = "author"
    EXCLUDE = "exclude"


MOST: Mapping[Kind, int] = {Kind.QUERY: MOST_QUERIES, Kind.AUTHOR: MOST_AUTHORS, Kind.EXCLUDE: MOST_EXCLUDED}


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """What a subscriber saved: ``text`` is a query, spelled as ``show`` spells it."""

    kind: Kind
    text: str


def key_of(text: str) -> str:
    """What equal queries share: a hash short enough for an index."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def slug_of(query_id: int) -> str:
    """What a saved query is called where topics are named by slugs: in matches, readers and digests."""
    return f"{PREFIX}{query_id}"
