"""arXiv's categories, by which feeds and the query API are asked: https://arxiv.org/category_taxonomy."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.text.identifiers import ALIASES, canonical_category

_CLASSES = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS "
    "PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph hist-ph "
    "ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_ARCHIVES = "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph"

CATEGORIES = frozenset(
    map(canonical_category, [f"{archive}.{name}" for archive, names in _CLASSES.items() for name in names.split()])
) | frozenset(_ARCHIVES.split())


def known_categories(named: Iterable[str]) -> frozenset[str]:
    """Those of ``named`` that arXiv has, whatever their case, each by its one name."""
    return frozenset(_BY_FOLDED[name.lower()] for name in named if name.lower() in _BY_FOLDED)


_BY_FOLDED = {name.lower(): name for name in CATEGORIES} | {alias.lower(): name for alias, name in ALIASES.items()}
