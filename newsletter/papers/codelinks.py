"""Code and project links that Hugging Face knows of a paper: https://huggingface.co/docs/hub/api (GET /api/papers/{id}).

It asks and reads; which papers are looked up, and how often, is decided by the caller. Nothing waits for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog

from newsletter.errors import NewsletterError, TemporaryError
from newsletter.papers.links import links_in
from newsletter.papers.polite_http import PoliteSession, Reply, words_of
from newsletter.values import LinkKind, PaperLink

# Anonymous: 500 calls in 5 minutes (https://huggingface.co/docs/hub/rate-limits); some are left to others behind our address.
MOST_CALLS = 400
WINDOW_SECONDS = 300
SOURCE = "huggingface"
TIMEOUTS = (3.0, 5.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """``links`` by ref of the papers that were looked up, () where Hugging Face has none; ``problem`` says why it ended early."""

    links: dict[str, tuple[PaperLink, ...]]
    problem: str = ""


class CodeLinks:
    """Hugging Face at ``url``; ``contact`` goes into the User-Agent."""

    def __init__(self, url: str, contact: str, *, timeouts: tuple[float, float] = TIMEOUTS) -> None:
        self._url = url
        self._http = PoliteSession(
            contact, lambda: None, name="Hugging Face", accept="application/json", timeouts=timeouts, longest=timeouts[1]
        )

    def look_up(self, refs: Iterable[str], *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Found:
        """The links of these papers, as many as ``seconds`` allow; it ends at the first failure of the service."""
        found: dict[str, tuple[PaperLink, ...]] = {}
        deadline = clock() + seconds
        for ref in refs:
            if clock() >= deadline:
                break
            try:
                found[ref] = _read(self._http.ask(f"{self._url}/api/papers/{quote(ref, safe='')}"))
            except NewsletterError as error:
                log.info("code_links_ended_early", problem=str(error), looked_up=len(found))
                return Found(found, str(error))
        return Found(found)

    def close(self) -> None:
        self._http.close()


def _read(reply: Reply) -> tuple[PaperLink, ...]:
    if reply.status == 404:
        return ()
    if reply.status != 200:
        raise TemporaryError(f"Hugging Face answers {reply.status}: {words_of(reply.body)}")
    try:
        record = json.loads(reply.body)
    except ValueError as error:
        raise TemporaryError(f"Hugging Face answers with something else than JSON: {words_of(reply.body)}") from error
    return links_of(record)


def links_of(record: Any) -> tuple[PaperLink, ...]:
    """The repository and the project page in a paper's record, at most one each; what is no known host's address is left out.

    The hosts are those of ``links``: a wrong link is worse than none.
    """
    if not isinstance(record, dict):
        return ()
    wanted = (("githubRepo", LinkKind.CODE), ("projectPage", LinkKind.PROJECT))
    found: list[PaperLink] = []
    for name, kind in wanted:
        text = record.get(name)
        links = links_in(text, "") if isinstance(text, str) and len(text) <= 500 and " " not in text else ()
        found += [PaperLink(kind, link.url, SOURCE) for link in links[:1] if link.kind is kind]
    return tuple(found)
