"""The address under which a public page is known to search engines and to who shares it, and that of its other languages.

Pages of one person and what was made up (searches, filters) have none: such an address is a secret, or one of any number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import request

from newsletter.settings import Settings
from newsletter.web.security import PRIVATE_PAGES, WORK_PAGES

# What of the query belongs to the address of a page; everything else chooses how it is shown.
KEPT = ("page", "month")
NOT_FOUND_BY_OTHERS = ("/search", "/preview", "/subscribe")


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """``canonical`` is the page in the language that its address names, ``languages`` all of them as (tag, address)."""

    canonical: str
    languages: Sequence[tuple[str, str]]


def address_of_page(settings: Settings, languages: Sequence[str]) -> PublicAddress | None:
    """The public address of the page that is asked for; None for one that is nobody else's."""
    private = request.path.startswith((*PRIVATE_PAGES, *NOT_FOUND_BY_OTHERS)) or request.blueprint in WORK_PAGES
    if private or request.method not in ("GET", "HEAD") or request.url_rule is None:
        return None
    kept = [(name, request.args[name][:16]) for name in KEPT if request.args.get(name)]
    page = f"{settings.base_url}{quote(request.path)}"
    asked = request.args.get("lang", "")
    own = [("lang", asked)] if asked in languages else []
    others = [(code, _with(page, [*kept, ("lang", code)])) for code in languages]
    return PublicAddress(_with(page, [*kept, *own]), [*others, ("x-default", _with(page, kept))])


def _with(page: str, query: Sequence[tuple[str, str]]) -> str:
    return f"{page}?{urlencode(query)}" if query else page
