"""Links to code, project pages and data sets that authors give in a paper's comment and abstract. Pure: no link is followed.

A link counts by its parsed host, never by a word found somewhere in it, and comes out in one canonical ``https`` form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from newsletter.values.papers import LinkKind, PaperLink

# The kind of a link and its one canonical form.
Known = tuple[LinkKind, str]

MOST_LINKS = 5
# The width of the column that keeps it.
LONGEST_URL = 500
FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com")
PAGES = (".github.io", ".gitlab.io", ".pages.dev", ".netlify.app", ".vercel.app")
# Addresses on a forge that are nobody's repository.
NOT_OWNERS = frozenset({"about", "apps", "collections", "explore", "features", "login", "orgs", "search", "sponsors", "topics"})
NOT_USERS = frozenset({"papers", "blog", "docs", "collections", "models"})

# Only what may stand in a URL (RFC 3986) but brackets, so that a Chinese full stop, a quote or Markdown ends it.
# No user name stands before a host: "https://github.com@evil.example" ends at the at sign.
_URL = re.compile(
    r"(?<![\w@./-])(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/[\w.~:/?#@!$&'()*+,;=%-]*)?", re.I | re.ASCII
)
_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
# "…/repo.The code": the next sentence without its space.
_GLUED = re.compile(r"\.(?:The|This|These|We|Our|Code|Data|Dataset|Project|It|In|All|For|See|A|An|To|Models?|Demo)$")


def links_in(comment: str, abstract: str) -> tuple[PaperLink, ...]:
    """The links to known hosts, those of the comment first, each address once; at most five. () where there is none."""
    found: dict[str, PaperLink] = {}
    for source, text in (("comment", comment), ("abstract", abstract)):
        for candidate in _URL.finditer(text):
            known = _known(_trimmed(candidate.group()))
            if known is not None and len(known[1]) <= LONGEST_URL:
                found.setdefault(known[1].lower(), PaperLink(known[0], known[1], source))
    return tuple(found.values())[:MOST_LINKS]


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays where its opening one is inside."""
    while url and (url[-1] in ".,;:!?'*&" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def _known(url: str) -> Known | None:
    """Kind and canonical form of a link to a known host, else None."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    # The known hosts are reached without one; with one it is somebody's test server.
    if port is not None:
        return None
    read = _READERS.get(host) or (_page if host.endswith(PAGES) else _nothing)
    return read(host, [segment for segment in parts.path.split("/") if segment])


def _nothing(_host: str, _segments: list[str]) -> None:
    """Of a host that is not known."""


def _repository(host: str, segments: list[str]) -> Known | None:
    names = segments[:2]
    if not _are_names(names) or names[0].lower() in NOT_OWNERS:
        return None
    repository = _unglued(names[1]).removesuffix(".git").rstrip(".")
    return (LinkKind.CODE, f"https://{host}/{names[0]}/{repository}") if repository else None


def _hugging_face(host: str, segments: list[str]) -> Known | None:
    """Data sets, and models or demos (as code); ``papers``, ``blog``, ``docs`` and a bare user are neither."""
    kind = LinkKind.DATASET if segments[:1] == ["datasets"] else LinkKind.CODE
    area = segments[:1] if segments[:1] in (["datasets"], ["spaces"]) else []
    names = segments[len(area) : len(area) + 2]
    if not _are_names(names) or names[0] in NOT_USERS:
        return None
    return kind, "/".join([f"https://{host}", *area, names[0], _unglued(names[1]).rstrip(".")])


def _page(host: str, segments: list[str]) -> Known:
    return LinkKind.PROJECT, "/".join([f"https://{host}", *(_unglued(segment) for segment in segments)])


def _google_site(host: str, segments: list[str]) -> Known | None:
    return _page(host, segments) if segments else None


def _zenodo(host: str, segments: list[str]) -> Known | None:
    match segments:
        case ["record" | "records", number, *_] if number.isdecimal():
            return LinkKind.DATASET, f"https://{host}/records/{number}"
    return None


# Who reads the path of an address, by host.
_READERS: dict[str, Callable[[str, list[str]], Known | None]] = {
    **dict.fromkeys(FORGES, _repository),
    "huggingface.co": _hugging_face,
    "sites.google.com": _google_site,
    "zenodo.org": _zenodo,
}


def _are_names(names: list[str]) -> bool:
    """True for an owner and what they own, both of letters that a forge allows."""
    return len(names) == 2 and all(map(_NAME.fullmatch, names))


def _unglued(segment: str) -> str:
    return _GLUED.sub("", segment)
