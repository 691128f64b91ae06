"""Where a paper can be read and what belongs to it, as links in the order in which people look for them. Pure.

Mails have the common ones, a paper's own page all of them. Only web addresses leave here: links come from outside.
"""

from __future__ import annotations

import re

from newsletter.text.identifiers import abs_url, is_arxiv_ref, pdf_url
from newsletter.text.preprint_identifiers import doi_of as preprint_doi
from newsletter.values.papers import Paper

MOST_URL, MOST_FOUND, MOST_VERSIONS = 500, 6, 12
# Without controls, two of which mark footnotes in the text part of a mail.
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f\"'<>\\^`{|}]+")


def links_of(paper: Paper, page: str = "") -> list[tuple[str, str]]:
    """(kind, URL): ``abstract`` (else ``page``), ``pdf``, ``html``, then what was found: ``code``, ``project``, ``dataset``.

    Each address stands once, and none that is no web address or longer than 500 characters.
    """
    links = [("abstract", abs_url(paper.ref) or page)]
    if not paper.withdrawn:
        links += [("pdf", pdf_url(paper.ref, paper.version)), ("html", html_url(paper.ref, paper.version))]
    order = {"code": 0, "project": 1}
    links += sorted(
        ((link.kind.value, link.url) for link in paper.links[:MOST_FOUND]), key=lambda found: order.get(found[0], len(order))
    )
    kept: dict[str, str] = {}
    for kind, url in links:
        if len(url) <= MOST_URL and _WEB.fullmatch(url):
            kept.setdefault(url, kind)
    return [(kind, url) for url, kind in kept.items()]


def discussed_at(ref: str) -> list[tuple[str, str]]:
    """(site, URL) of pages that others keep for every paper of arXiv: what is said of it, and what cites it."""
    if not is_arxiv_ref(ref):
        return []
    return [
        ("Hugging Face", f"https://huggingface.co/papers/{ref}"),
        ("alphaXiv", f"https://www.alphaxiv.org/abs/{ref}"),
        ("Semantic Scholar", f"https://www.semanticscholar.org/arxiv/{ref}"),
    ]


def html_url(ref: str, version: int) -> str:
    """arXiv's page of the whole text; "" for other servers, and for ids before 2007, which have none."""
    # https://info.arxiv.org/about/accessible_HTML.html: made of TeX sources submitted since December 2023.
    return f"https://arxiv.org/html/{ref}v{version}" if is_arxiv_ref(ref) and ref[:1].isdigit() and ref[:4] >= "2312" else ""


def versions_of(paper: Paper) -> list[tuple[int, str]]:
    """(number, URL) of the abstract pages of the newest versions, the newest first; none of a venue."""
    if is_arxiv_ref(paper.ref):
        address = f"https://arxiv.org/abs/{paper.ref}v"
    elif doi := preprint_doi(paper.ref):
        address = f"https://www.{paper.ref.partition(':')[0]}.org/content/{doi}v"
    else:
        return []
    return [(number, f"{address}{number}") for number in range(paper.version, max(0, paper.version - MOST_VERSIONS), -1)]
