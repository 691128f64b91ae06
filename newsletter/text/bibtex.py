"""Papers as BibTeX, for Zotero, JabRef and LaTeX. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from newsletter.text.identifiers import abs_url
from newsletter.values.papers import ARXIV, Paper

# What BibTeX takes for its own: https://www.bibtex.org/SpecialSymbols/. Dollars stay, because formulas are TeX here too.
_SPECIAL = {"\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "%": "\\%", "&": "\\&", "#": "\\#", "_": "\\_"}
_FORMULA = re.compile(r"(\$[^$]+\$)")


def bibtex(papers: Iterable[Paper]) -> str:
    """One ``@misc`` a paper, in their order; "" for none."""
    keys: dict[str, int] = {}
    return "\n".join(_entry(paper, _key(paper, keys)) for paper in papers)


def _entry(paper: Paper, key: str) -> str:
    fields = {
        "title": f"{{{_escaped(paper.title)}}}",
        "author": " and ".join(map(_escaped, paper.authors)),
        "year": str(paper.submitted.year),
        "url": abs_url(paper.ref),
        "doi": _escaped(paper.doi),
    }
    if paper.source == ARXIV:
        fields |= {"eprint": paper.ref, "archiveprefix": "arXiv", "primaryclass": paper.primary_category}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}\n"


def _key(paper: Paper, keys: dict[str, int]) -> str:
    """Surname, year and the first word of the title in ASCII; a letter behind it where that was given already."""
    surname = paper.authors[0].split()[-1] if paper.authors and paper.authors[0].split() else "anonymous"
    word = next((word for word in re.findall(r"\w+", paper.title) if len(word) > 3), "")
    plain = unicodedata.normalize("NFKD", f"{surname}{paper.submitted.year}{word}").lower()
    key = re.sub(r"[^a-z0-9]", "", plain) or "paper"
    keys[key] = keys.get(key, 0) + 1
    return key if keys[key] == 1 else f"{key}-{keys[key]}"


def _escaped(text: str) -> str:
    parts = _FORMULA.split(text)
    return "".join(
        part if number % 2 else "".join(_SPECIAL.get(sign, sign) for sign in part) for number, part in enumerate(parts)
    )
