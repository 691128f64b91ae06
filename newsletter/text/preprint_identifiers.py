"""What a paper of bioRxiv or medRxiv is called: ref and version, the addresses made from it, its categories. Pure.

A ref is ``biorxiv:DOI``. The server is part of it because a DOI does not tell the two apart, and no prefix is taken for granted:
it was 10.1101 until November 2025 and is 10.64898 since (https://github.com/sciety/sciety/issues/4112).
"""

from __future__ import annotations

import re

from newsletter.values.papers import POSTING_SERVERS

SERVER_NAMES = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}
LICENCES = {"cc_no": "all rights reserved", "cc0": "CC0", "cc0_ng": "CC0"}
LONGEST = 300

_SERVER = "|".join(POSTING_SERVERS)
# 10.1101/006569 in the first years, 10.1101/2020.05.08.084327 since.
_DOI = r"10\.\d{4,6}/(?:\d{4}\.\d\d\.\d\d\.)?\d{5,9}"
_VERSION = r"(?:v(?P<version>[1-9]\d{0,3}))?"
_REF = re.compile(rf"(?P<server>{_SERVER}):(?P<doi>{_DOI}){_VERSION}", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(
    rf"(?:https?://)?(?:www\.)?(?P<server>{_SERVER})\.org/content/(?P<doi>{_DOI}){_VERSION}"
    r"(?:\.(?:abstract|full|full-text|full\.pdf|article-info))?(?:[?#].*)?",
    re.ASCII | re.IGNORECASE,
)
_CATEGORY = re.compile(rf"(?:{_SERVER}):[a-z]+(?:-[a-z]+)*", re.ASCII)


def parse_preprint(text: str) -> tuple[str, int | None] | None:
    """Ref and version (None where it names none) of ``biorxiv:DOI`` or of an address on a server's site; None for anything else.

    ``https://www.biorxiv.org/content/10.64898/2026.05.21.726889v2.full.pdf`` gives
    ``("biorxiv:10.64898/2026.05.21.726889", 2)``.
    """
    bare = text.strip()
    found = (_REF.fullmatch(bare) or _ADDRESS.fullmatch(bare)) if len(bare) <= LONGEST else None
    if found is None:
        return None
    return f"{found['server'].lower()}:{found['doi']}", int(found["version"]) if found["version"] else None


def preprint_ref(server: str, doi: str) -> str | None:
    """The ref of a DOI on ``server``; None where it is no DOI of a paper there."""
    found = parse_preprint(f"{server}:{doi}")
    return found[0] if found and found[1] is None else None


def doi_of(ref: str) -> str:
    """The DOI in a ref; "" where it is none of these servers'."""
    found = parse_preprint(ref)
    return ref.partition(":")[2] if found and found[0] == ref else ""


def preprint_abs_url(ref: str) -> str:
    """The address that leads to the newest version's abstract page for good; "" for another server's ref."""
    doi = doi_of(ref)
    return f"https://doi.org/{doi}" if doi else ""


def preprint_pdf_url(ref: str, version: int) -> str:
    """The address of the PDF of ``version``, on the server itself; "" for another server's ref."""
    doi = doi_of(ref)
    return f"https://www.{ref.partition(':')[0]}.org/content/{doi}v{version}.full.pdf" if doi else ""


def preprint_category(server: str, name: str) -> str:
    """The category ``name`` as it is written here, its server before it: ``biorxiv:cancer-biology``; "" where it is no name."""
    category = f"{server}:{re.sub(r'[^a-z]+', '-', name.lower()).strip('-')}"
    return category if len(category) <= LONGEST and _CATEGORY.fullmatch(category) else ""


def is_preprint_category(category: str) -> bool:
    """Whether ``category`` is one of these servers', in the form that it has here."""
    return len(category) <= LONGEST and _CATEGORY.fullmatch(category) is not None


def licence_name(licence: str) -> str:
    """A licence as people write it: ``cc_by_nc_nd`` gives ``CC BY-NC-ND``; "" stays ""."""
    if licence in LICENCES or not licence.startswith("cc_"):
        return LICENCES.get(licence, licence)
    return "CC " + licence.removeprefix("cc_").replace("_", "-").upper()
