"""Reads the metadata of a web page: title, description, picture, date. It fetches nothing; all of it stays untrusted text.

A parser can be made slow by a page that is made for it, so `read_head` has it work in a process with limits.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urljoin

from newsletter.http import confined

MOST_TITLE, MOST_DESCRIPTION = 300, 1500
# The heads of the longest pages known end well before.
MOST_PARSED = 400_000
# The longest honest head takes a fifth of a second, the whole of Python and Beautiful Soup 60 MB.
CPU_SECONDS, SECONDS, MEMORY = 3, 15.0, 400_000_000
_SPACE = re.compile(r"\s+")
_DAY = re.compile(r"(?P<year>(?:19|20)\d\d)(?:[-/](?P<month>\d\d?)(?:[-/](?P<day>\d\d?))?)?")


@dataclass(frozen=True, slots=True)
class Head:
    """What was found, "" for what was not; ``image`` is absolute http or https, ``dated`` as ``2024-03-01`` or shorter."""

    title: str = ""
    description: str = ""
    image: str = ""
    dated: str = ""
    site: str = ""


def read_head(body: bytes, *, url: str, charset: str = "") -> Head:
    """`head_of` in a process of its own. Raises InputError for a page that takes too much time or memory."""
    said = confined.work(__name__, body, (url, charset), cpu_seconds=CPU_SECONDS, memory=MEMORY, seconds=SECONDS)
    return Head(**json.loads(said))


def head_of(body: bytes, *, url: str, charset: str = "") -> Head:
    """The head of the page at ``url``; ``charset`` is what the server said, which goes before what the page says."""
    from bs4 import BeautifulSoup, SoupStrainer

    wanted = SoupStrainer(["title", "meta", "h1"])
    soup = BeautifulSoup(body[:MOST_PARSED], "html.parser", parse_only=wanted, from_encoding=_known(charset))
    said = _metadata(soup)
    heading = soup.find("title") or soup.find("h1")
    title = _first(said, "citation_title", "og:title", "twitter:title") or (heading.get_text() if heading else "")
    return Head(
        title=_line(title, MOST_TITLE),
        description=_line(_first(said, "og:description", "twitter:description", "description"), MOST_DESCRIPTION),
        image=_absolute(url, _first(said, "og:image", "twitter:image")),
        dated=_day(_first(said, "citation_date", "citation_publication_date", "article:published_time", "date")),
        site=_line(_first(said, "og:site_name"), MOST_TITLE),
    )


def _metadata(soup: Any) -> dict[str, str]:
    """What the ``meta`` elements say, by name in small letters; the first of each name counts."""
    said: dict[str, str] = {}
    for meta in soup.find_all("meta"):
        name, content = meta.get("property") or meta.get("name"), meta.get("content")
        if isinstance(name, str) and isinstance(content, str) and content.strip():
            said.setdefault(name.strip().lower(), content)
    return said


def _first(said: Mapping[str, str], *names: str) -> str:
    """The value of the first of these names that the page gives, "" for none."""
    return next((said[name] for name in names if name in said), "")


def _known(charset: str) -> str | None:
    try:
        return codecs.lookup(charset).name if charset else None
    except (LookupError, UnicodeError, ValueError):
        return None


def _line(text: str, most: int) -> str:
    plain = "".join(one for one in _SPACE.sub(" ", text) if one.isprintable()).strip()
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def _absolute(url: str, image: str) -> str:
    try:
        found = urljoin(url, image.strip()) if image.strip() else ""
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://")) and len(found) <= 1000 and " " not in found else ""


def _day(text: str) -> str:
    found = _DAY.match(text.strip())
    return "-".join(part.zfill(2) for part in found.groups() if part) if found else ""


def _as_json(body: bytes, url: str, charset: str) -> bytes:
    return json.dumps(asdict(head_of(body, url=url, charset=charset))).encode()


if __name__ == "__main__":
    confined.serve(_as_json)
