"""Cuts a stream into batches without losing what came before an error. Knows nothing of what it cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from newsletter.errors import NewsletterError

Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Batches of ``items``; what came before an error still comes, then the error."""
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
