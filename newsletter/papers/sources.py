"""What a server of papers has to offer to be read. The rest of the service knows a server by this, and by its name in a ref.

To add one: its name in ``values``, a class of this form, its place in ``SourceClients.server``. Where its papers are announced at
fixed times they are read like arXiv's (``daily.arxiv``), else as they are posted (``daily.preprints``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Protocol

from newsletter.values.papers import Paper


class Source(Protocol):
    """A server of papers, asked politely: each request waits for its slot, has time-outs, and is repeated after growing pauses.

    ``shortfall`` says after a fetch how many papers the server counted but did not give in readable form.
    """

    shortfall: int

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
