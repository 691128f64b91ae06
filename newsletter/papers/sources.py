"""What a server of papers has to offer to be read. The rest of the service knows a server by this, and by its name in a ref.

To add one: its name in ``values``, a class of this form, its place in ``SourceClients.server``. Where its papers are announced at
fixed times they are read like arXiv's (``daily.arxiv``), else as they are posted (``daily.preprints``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from newsletter.values.papers import Paper

# Hears what is being done, and how many of how many (0: unknown) parts of it are.
Tell = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int, /) -> None:
    """Tells nobody."""


class Source(Protocol):
    """A server of papers, asked politely: each request waits for its slot, has time-outs, and is repeated after growing pauses.

    ``shortfall`` says after a fetch how many papers the server counted but did not give in readable form, ``expected`` while one
    goes on how many it has counted so far.
    """

    shortfall: int
    expected: int

    def fetch(self, categories: Iterable[str], since: dt.date, until: dt.date) -> Iterator[Paper]:
        """The papers of these days (inclusive), oldest first; lazily, so that what came before a failure can be kept.

        arXiv gives the papers of ``categories`` whose first version was submitted on these days, each once in its newest
        version. A server whose papers are posted is read whole, whatever ``categories`` are, and gives each version that was
        posted on these days.
        Raises: TemporaryError where the server still fails after all attempts; PermanentError where it refuses the query.
        """
        ...

    def close(self) -> None:
        """Gives the connection back."""
        ...


def counted(source: Source, papers: Iterator[Paper], tell: Callable[[int, int], None]) -> Iterator[Paper]:
    """``papers`` that ``source`` gives, of each of which ``tell`` hears."""
    for number, paper in enumerate(papers, 1):
        tell(number, max(number, source.expected))
        yield paper
