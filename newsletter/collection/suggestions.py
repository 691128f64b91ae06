"""What a pasted text is (an arXiv paper, something at Hugging Face, a page), and what fills the form of a new entry. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import InputError
from newsletter.text.identifiers import abs_url, parse_ref
from newsletter.values.papers import LinkKind, Paper

HUB = "https://huggingface.co"
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_NAME = r"[\w.-]{1,96}(?:/[\w.-]{1,96})?"
_HUB_PATH = re.compile(rf"/(?:(?P<kind>papers|datasets)/)?(?P<name>{_NAME})/?(?:(?:tree|blob|viewer|discussions)/.*)?")
# First steps of addresses at the hub that name no model.
_NO_MODELS = frozenset({"blog", "docs", "spaces", "models", "tasks", "join", "login", "pricing", "organizations", "collections"})
MOST_WORDS = 1500
_IMAGES = re.compile(r"!\[[^\]]*\]\([^)]*\)|<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted: ``ref`` of an arXiv paper, or ``hub`` (``models`` or ``datasets``) with ``name``, or only ``url``."""

    url: str
    ref: str = ""
    hub: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Values for the form, "" for what is not known; ``problem`` says why there are no more."""

    url: str
    title: str = ""
    dated: str = ""
    note: str = ""
    image: str = ""
    repository: str = ""
    demo: str = ""
    problem: str = ""


def read_pasted(text: str) -> Pasted:
    """What ``text`` is. Raises InputError where it is neither an arXiv id nor an http or https address."""
    text = text.strip()
    if paper := _paper(text):
        return paper
    if not text.lower().startswith(("http://", "https://")):
        raise InputError(f"{text[:60]!r} is neither an arXiv id nor an address that begins with https://")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is no address: paste it again") from error
    return _at_hub(text, parts.path) if host in _HUB_HOSTS else Pasted(text)


def _at_hub(url: str, path: str) -> Pasted:
    """The paper, model or data set at Hugging Face that ``path`` leads to, else the page alone."""
    found = _HUB_PATH.fullmatch(path)
    if found is None:
        return Pasted(url)
    kind, name = found["kind"], found["name"]
    if kind == "papers":
        return _paper(name) or Pasted(url)
    if kind == "datasets":
        return Pasted(f"{HUB}/datasets/{name}", hub="datasets", name=name)
    return Pasted(url) if name.partition("/")[0] in _NO_MODELS else Pasted(f"{HUB}/{name}", hub="models", name=name)


def _paper(text: str) -> Pasted | None:
    try:
        ref = parse_ref(text)[0]
    except InputError:
        return None
    return Pasted(abs_url(ref), ref=ref)


def of_paper(paper: Paper) -> Suggestion:
    """The form for a paper: title, the month it was submitted, its code and its project page."""
    first = {kind: next((link.url for link in paper.links if link.kind is kind), "") for kind in LinkKind}
    return Suggestion(
        url=abs_url(paper.ref),
        title=paper.title,
        dated=f"{paper.submitted:%Y-%m-%d}",
        repository=first[LinkKind.CODE],
        demo=first[LinkKind.PROJECT],
    )


def of_record(pasted: Pasted, record: Any) -> Suggestion:
    """The form for a model or data set by its record in the hub's API (https://huggingface.co/docs/hub/api)."""
    record = record if isinstance(record, dict) else {}
    told = record.get("description") if pasted.hub == "datasets" else record.get("pipeline_tag")
    created = record.get("createdAt")
    name = record.get("id")
    return Suggestion(
        url=pasted.url,
        title=name if isinstance(name, str) and 0 < len(name) <= 200 else pasted.name,
        dated=created[:10] if isinstance(created, str) and re.match(r"\d{4}-\d\d-\d\d", created) else "",
        note=_words(told) if isinstance(told, str) else "",
    )


def _words(text: str) -> str:
    words = " ".join(_IMAGES.sub(" ", text).split())
    return words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1].rstrip() + "…"
