"""Finds the arXiv paper that an entry is about, by its address alone. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from newsletter.errors import InputError
from newsletter.text.identifiers import parse_ref

_HOSTS = ("arxiv.org", "www.arxiv.org", "export.arxiv.org", "doi.org", "dx.doi.org")


def paper_ref(url: str) -> str:
    """The base arXiv id that ``url`` names by itself; "" for an address of any other site, and for what is no address."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    if host not in _HOSTS:
        return ""
    try:
        return parse_ref(url)[0]
    except InputError:
        return ""
