"""What a paper is called: base id and version, the addresses made from it, and the categories' one name. Pure.

The forms are those of https://info.arxiv.org/help/arxiv_identifier.html: ``YYMM.NNNN`` from 0704 to 1412, ``YYMM.NNNNN`` from
1501, ``archive/YYMMNNN`` before, each with an optional ``vN``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from newsletter.errors import InputError
from newsletter.text.preprint_identifiers import parse_preprint, preprint_abs_url, preprint_pdf_url
from newsletter.text.venue_identifiers import venue_abs_url

# The archives that gave out ids before 0704: https://arxiv.org/archive and its list of subsumed archives.
OLD_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|funct-an|gr-qc"
    "|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph"
    "|solv-int|supr-con"
)
# One category under two names; arXiv's category taxonomy lists the left one as an alias of the right one:
# https://arxiv.org/category_taxonomy
ALIASES = {
    "math.MP": "math-ph",
    "stat.TH": "math.ST",
    "math.IT": "cs.IT",
    "q-fin.EC": "econ.GN",
    "cs.SY": "eess.SY",
    "cs.NA": "math.NA",
}
LONGEST = 300

_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|format|src|e-print)/"
    # Pages of others about one paper.
    r"|(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview)/|ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html)/|huggingface\.co/papers/)"
    r"|(?:https?://)?(?:(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.|oai:arxiv\.org:|arxiv:\s*",
    re.IGNORECASE,
)
_SPACED_PREFIX = re.compile(r"arxiv:[ \t]+", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_APART = re.compile(r"[\s,;<>{}()\[\]\"'“”‘’，；、。|]+")
_NEW = re.compile(r"(?P<year>\d\d)(?P<month>\d\d)\.(?P<digits>\d{4,5})", re.ASCII)
_OLD = re.compile(rf"(?P<archive>{OLD_ARCHIVES})(?:\.[A-Za-z]{{2}})?/(?P<year>\d\d)(?P<month>\d\d)(?P<digits>\d{{3}})", re.ASCII)
_VERSION = re.compile(r"v([1-9]\d{0,3})$", re.ASCII)


def parse_ref(text: str) -> tuple[str, int | None]:
    """Base id and version (None where it names none) of an arXiv id, an abs, PDF, HTML or DOI address, or an OAI id.

    ``2606.26101v2`` gives ``("2606.26101", 2)``, ``https://arxiv.org/pdf/math.GT/0309136.pdf`` gives ``("math/0309136", None)``.
    Raises: InputError for anything else, a sample's id too.
    """
    if len(text) > LONGEST:
        raise InputError("this is too long for an arXiv id: give one such as 2606.26101 or hep-th/9901001")
    bare = text.strip()
    prefix = _PREFIX.match(bare)
    if prefix:
        bare = unquote(re.split(r"[?#]", bare[prefix.end() :])[0]).rstrip("/").removesuffix(".pdf")
    version = _VERSION.search(bare)
    ref = _base(bare[: version.start()] if version else bare)
    if ref is None:
        raise InputError(f"{text.strip()[:60]!r} is not an arXiv id: give one such as 2606.26101 or hep-th/9901001")
    return ref, int(version[1]) if version else None


def parse_any_ref(text: str) -> tuple[str, int | None]:
    """As ``parse_ref``, and for papers of the other servers too: ``biorxiv:DOI``, or an address on their sites."""
    return parse_preprint(text) or parse_ref(text)


def refs_in(text: str) -> list[str]:
    """The refs of all papers that ``text`` names by an address, a DOI, an id with its prefix, or by an id between spaces."""
    found = []
    for piece in filter(_DIGIT.search, _APART.split(_SPACED_PREFIX.sub("arXiv:", text))):
        try:
            found.append(parse_any_ref(piece.rstrip(".:"))[0])
        except InputError:
            continue
    return found


def _base(text: str) -> str | None:
    """The canonical base id, or None: the subject class of an old id (``math.GT/...``) is no part of it."""
    if new := _NEW.fullmatch(text):
        month = int(new["year"] + new["month"])
        length = 5 if month >= 1501 else 4
        return text if month >= 704 and len(new["digits"]) == length and _can_be(new) else None
    if (old := _OLD.fullmatch(text)) and _can_be(old):
        month = int(old["year"] + old["month"])
        early = month >= 9108 or month <= 703
        return f"{old['archive']}/{old['year']}{old['month']}{old['digits']}" if early else None
    return None


def _can_be(found: re.Match[str]) -> bool:
    return 1 <= int(found["month"]) <= 12 and int(found["digits"]) > 0


def is_arxiv_ref(ref: str) -> bool:
    """Whether ``ref`` is a base id of arXiv in its canonical form, without version; a sample's is not."""
    return len(ref) <= LONGEST and _base(ref) == ref


def abs_url(ref: str) -> str:
    """The address of the abstract page; "" for a ref that no server knows (a sample)."""
    return f"https://arxiv.org/abs/{ref}" if is_arxiv_ref(ref) else preprint_abs_url(ref) or venue_abs_url(ref)


def pdf_url(ref: str, version: int = 1) -> str:
    """The address of the PDF, arXiv's that of the newest version, another server's that of ``version``; "" for a sample."""
    return f"https://arxiv.org/pdf/{ref}" if is_arxiv_ref(ref) else preprint_pdf_url(ref, version)


def canonical_category(category: str) -> str:
    """The one name of a category that has two: ``cs.SY`` gives ``eess.SY``; others stay as they are."""
    return ALIASES.get(category, category)


def names_of_category(category: str) -> tuple[str, ...]:
    """All names of a category, the canonical one first: what a query has to ask for."""
    name = canonical_category(category)
    return (name, *sorted(alias for alias, canonical in ALIASES.items() if canonical == name))
