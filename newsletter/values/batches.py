"""Cuts a stream of items into batches; where the stream ends in an error, what came before it still comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from newsletter.errors import NewsletterError

Item = TypeVar("Item")
# Well below the 999 variables of old SQLite builds: https://sqlite.org/limits.html#max_variable_number
MOST_IDS = 500


def batches(items: Iterable[Item], size: int = MOST_IDS) -> Iterator[list[Item]]:
    """Lists of at most ``size`` of ``items``, by default as many as fit one statement.

    What came before an error still comes, then the error.
    """
    batch: list[Item] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except NewsletterError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
