"""What a paper of a journal or a venue is called that no server of preprints has: by its DOI, else by its address. Pure.

A ref is ``doi:DOI`` in small letters, since DOIs have no case (https://www.doi.org/doi-handbook/), or ``web:`` and a hash of the
address where there is no DOI or it is too long for a ref.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote, unquote

LONGEST_REF = 64
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`?#]+", re.ASCII)
# https://www.nature.com/articles/s41586-026-01234-5 and the like hold the DOI's end, the others the whole of it.
_NATURE = re.compile(
    r"https?://(?:www\.)?nature\.com/articles/(?P<end>s\d{5}-\d{3}-\d{4,6}-[\dxyz]|[a-z]+\d[\w.-]*)", re.IGNORECASE
)
_REF = re.compile(r"doi:10\.\d{4,9}/\S+|web:[0-9a-f]{24}")


def doi_in(text: str) -> str:
    """The first DOI in ``text``, an address or a sentence, in small letters and without what belongs to the sentence; else ""."""
    if nature := _NATURE.match(text.strip()):
        return f"10.1038/{nature['end'].lower()}"
    found = _DOI.search(unquote(text))
    if found is None:
        return ""
    doi = re.sub(r"(?:\.pdf|/(?:full|abstract|pdf|html|meta))+$", "", found.group().rstrip(".,;:'&*").lower())
    while doi.endswith(")") and doi.count("(") < doi.count(")"):
        doi = doi[:-1]
    return doi


def venue_ref(doi: str, url: str) -> str:
    """The ref of a paper with this DOI ("" for none), at this address."""
    ref = f"doi:{doi}"
    return ref if doi and len(ref) <= LONGEST_REF else f"web:{hashlib.sha256(url.encode()).hexdigest()[:24]}"


def is_venue_ref(ref: str) -> bool:
    """Whether ``ref`` is one of these."""
    return len(ref) <= LONGEST_REF and _REF.fullmatch(ref) is not None


def doi_url(doi: str) -> str:
    """Where a DOI leads for good."""
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}"


def venue_abs_url(ref: str) -> str:
    """The address of a paper by its ref; "" for one without a DOI in it, whose address stands among its links."""
    return doi_url(ref.removeprefix("doi:")) if ref.startswith("doi:") and is_venue_ref(ref) else ""
