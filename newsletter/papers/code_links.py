"""Code, project and data links that catalogues of papers know: Hugging Face, then Papers with Code.

Hugging Face: https://huggingface.co/docs/hub/api (GET /api/papers/{id}). Papers with Code, run by it since 2026:
https://github.com/huggingface/pwc-cli (GET /api/v1/papers/{id}). Precision goes first: of several repositories only one that
is marked as the authors' counts. It asks and reads; which papers are looked up, and how often, is decided by the caller.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog

from newsletter.errors import InputError, NewsletterError, TemporaryError
from newsletter.http.session import PoliteSession, Reply, words_of
from newsletter.text.identifiers import parse_ref
from newsletter.text.paper_links import links_in
from newsletter.values.papers import LinkKind, PaperLink

# Anonymous: 500 calls in 5 minutes (https://huggingface.co/docs/hub/rate-limits); some are left to others behind our address.
MOST_CALLS = 400
WINDOW_SECONDS = 300
# Papers with Code states no limit.
MOST_AFTER = 100
TIMEOUTS = (3.0, 5.0)
LONGEST = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """``links`` by ref of the papers that were looked up, () where it has none; ``problem`` says why it ended early."""

    links: dict[str, tuple[PaperLink, ...]]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A service that knows links of papers: ``source`` is what they are marked with, ``links`` reads its record of a ref."""

    source: str
    name: str
    path: str
    links: Callable[[Any, str], tuple[PaperLink, ...]]


class CodeLinks:
    """A catalogue at ``url``; ``contact`` goes into the User-Agent."""

    def __init__(self, catalogue: Catalogue, url: str, contact: str, *, timeouts: tuple[float, float] = TIMEOUTS) -> None:
        self._catalogue, self._url = catalogue, url
        self._http = PoliteSession(
            contact, lambda: None, name=catalogue.name, accept="application/json", timeouts=timeouts, longest=timeouts[1]
        )

    def look_up(self, refs: Iterable[str], *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Found:
        """The links of these papers, as many as ``seconds`` allow; it ends at the first failure of the service."""
        found: dict[str, tuple[PaperLink, ...]] = {}
        deadline = clock() + seconds
        for ref in refs:
            if clock() >= deadline:
                break
            try:
                found[ref] = self._read(self._http.ask(f"{self._url}{self._catalogue.path.format(quote(ref, safe=''))}"), ref)
            except NewsletterError as error:
                log.info("code_links_ended_early", source=self._catalogue.source, problem=str(error), looked_up=len(found))
                return Found(found, str(error))
        return Found(found)

    def close(self) -> None:
        self._http.close()

    def _read(self, reply: Reply, ref: str) -> tuple[PaperLink, ...]:
        name = self._catalogue.name
        if reply.status == 404:
            return ()
        if reply.status != 200:
            raise TemporaryError(f"{name} answers {reply.status}: {words_of(reply.body)}")
        try:
            record = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise TemporaryError(f"{name} answers with something else than JSON: {words_of(reply.body)}") from error
        return self._catalogue.links(record, ref) if isinstance(record, dict) else ()


def hugging_face_links(record: Any, _: str) -> tuple[PaperLink, ...]:
    """The repository and the project page, at most one each; what is no known host's address is left out.

    The hosts are those of ``links``: a wrong link is worse than none.
    """
    wanted = (("githubRepo", LinkKind.CODE), ("projectPage", LinkKind.PROJECT))
    found = (_known(record.get(name), kind, "huggingface") for name, kind in wanted)
    return tuple(link for link in found if link)


def papers_with_code_links(record: Any, ref: str) -> tuple[PaperLink, ...]:
    """The authors' repository, the project page and the data set, at most one each, of a record that is of the paper ``ref``.

    A repository that is not marked as official is somebody else's.
    """
    try:
        same = parse_ref(str(record.get("arxiv_id")))[0] == ref
    except InputError:
        return ()
    official = [one for one in _listed(record, "repositories") if isinstance(one, dict) and one.get("is_official") is True]
    wanted = (
        (official, LinkKind.CODE),
        (_listed(record, "project_pages"), LinkKind.PROJECT),
        (_listed(record, "hf_datasets"), LinkKind.DATASET),
    )
    links = (_first(values, kind, "paperswithcode") for values, kind in wanted)
    return tuple(link for link in links if link) if same else ()


def _listed(record: Any, name: str) -> list[Any]:
    values = record.get(name)
    return values if isinstance(values, list) else []


def _first(values: Iterable[Any], kind: LinkKind, source: str) -> PaperLink | None:
    addresses = (value.get("url") if isinstance(value, dict) else value for value in values)
    return next((link for address in addresses if (link := _known(address, kind, source))), None)


def _known(address: Any, kind: LinkKind, source: str) -> PaperLink | None:
    """The link that ``address`` is, where it leads to a known host and is of this ``kind``."""
    if not isinstance(address, str) or len(address) > LONGEST or " " in address:
        return None
    links = links_in(address, "")
    return PaperLink(kind, links[0].url, source) if links and links[0].kind is kind else None


HUGGING_FACE = Catalogue("huggingface", "Hugging Face", "/api/papers/{}", hugging_face_links)
PAPERS_WITH_CODE = Catalogue(
    "paperswithcode", "Papers with Code", "/api/v1/papers/{}?include_resources=true", papers_with_code_links
)
