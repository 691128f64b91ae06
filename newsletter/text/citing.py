"""A paper as programs that cite take it: RIS, CSL-JSON, and what its page says of it to Zotero and to search engines. Pure.

Formulas are in Unicode where they are simple: none of these programs reads TeX.

BibTeX stands in ``bibtex``. Samples were never published: nobody should cite one, so callers offer nothing of this for them.
"""

from __future__ import annotations

import json
from typing import Any

import rispy

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.author_names import split_name
from newsletter.text.characters import printable
from newsletter.text.formulas import plain
from newsletter.text.identifiers import abs_url, pdf_url
from newsletter.text.preprint_identifiers import SERVER_NAMES
from newsletter.text.preprint_identifiers import doi_of as preprint_doi
from newsletter.values.papers import ARXIV, VENUE, Paper

# A page has room for so many authors; the files have all of them.
MOST_AUTHORS = 300


def doi_of(paper: Paper) -> str:
    """The DOI of the publication, else that of the preprint, arXiv's by https://info.arxiv.org/help/doi.html; "" for none."""
    return printable(paper.doi) or (f"10.48550/arXiv.{paper.ref}" if paper.source == ARXIV else preprint_doi(paper.ref))


def server_of(paper: Paper) -> str:
    """What has published the paper: arXiv, bioRxiv, medRxiv; "" where a journal did, whose name nobody tells us."""
    return "arXiv" if paper.source == ARXIV else SERVER_NAMES.get(paper.source, "")


def ris(paper: Paper) -> str:
    """The paper in RIS, https://en.wikipedia.org/wiki/RIS_(file_format); fields without a value are left out."""
    fields = {
        "type_of_reference": "JOUR" if paper.source == VENUE else "UNPB",
        "title": plain(paper.title),
        "authors": [_family_first(name) for name in paper.authors],
        "year": str(paper.submitted.year),
        "date": paper.submitted.strftime("%Y/%m/%d"),
        "abstract": plain(paper.abstract),
        "publisher": server_of(paper),
        "accession_number": _number(paper),
        "doi": doi_of(paper),
        "urls": [abs_url(paper.ref)],
        "file_attachments1": pdf_url(paper.ref, paper.version),
        "keywords": list(paper.categories),
    }
    kept = {name: _one_line(value) for name, value in fields.items() if value}
    text: str = rispy.dumps([kept], enforce_list_tags=False)
    # The number that the writer puts before each reference is not part of the format.
    return text[text.index("TY  - ") :].rstrip() + "\n"


def csl_json(paper: Paper) -> str:
    """The paper as a list of one item in CSL-JSON, https://docs.citationstyles.org/en/stable/specification.html."""
    authors = [split_name(printable(name)) for name in paper.authors]
    item: dict[str, Any] = {
        "id": printable(paper.ref),
        "type": "article-journal" if paper.source == VENUE else "article",
        "title": _shown(paper.title),
        "author": [{"family": family, "given": given} if given else {"literal": family} for family, given in authors],
        "issued": {"date-parts": [[paper.submitted.year, paper.submitted.month, paper.submitted.day]]},
        "abstract": _shown(paper.abstract),
        "publisher": server_of(paper),
        "number": _number(paper),
        "DOI": doi_of(paper),
        "URL": abs_url(paper.ref),
        "language": SOURCE_LANGUAGE,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1) + "\n"


def citation_tags(paper: Paper, page: str) -> list[tuple[str, str]]:
    """(name, content) of the ``<meta>`` tags that Google Scholar and Zotero's button read; ``page`` is the paper's address here.

    https://scholar.google.com/intl/en/scholar/inclusion.html#indexing and Zotero's "Embedded Metadata", which takes the kind of
    item from ``z:itemType`` and would cut "De La Cruz, Ana Maria" into two authors, so such names stand in their natural order.
    """
    single = [
        ("z:itemType", "journalArticle" if paper.source == VENUE else "preprint"),
        ("citation_title", plain(paper.title)),
        ("citation_publication_date", paper.submitted.strftime("%Y/%m/%d")),
        ("citation_online_date", paper.updated.strftime("%Y/%m/%d")),
        ("citation_abstract", plain(paper.abstract)),
        ("citation_doi", doi_of(paper)),
        ("citation_arxiv_id", paper.ref if paper.source == ARXIV else ""),
        ("citation_publisher", server_of(paper)),
        ("citation_pdf_url", _pdf(paper)),
        ("citation_public_url", abs_url(paper.ref) or page),
        ("citation_abstract_html_url", page),
        ("citation_language", SOURCE_LANGUAGE),
    ]
    authors = [("citation_author", _for_zotero(name)) for name in paper.authors[:MOST_AUTHORS]]
    return [(name, printable(content)) for name, content in (*single, *authors) if content]


def json_ld(paper: Paper, page: str) -> dict[str, Any]:
    """The paper as https://schema.org/ScholarlyArticle, to be written into its page."""
    pdf, doi = _pdf(paper), doi_of(paper)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": _shown(paper.title),
        "abstract": _shown(paper.abstract),
        "author": [{"@type": "Person", "name": printable(name)} for name in paper.authors[:MOST_AUTHORS]],
        "datePublished": paper.submitted.date().isoformat(),
        "dateModified": paper.updated.date().isoformat(),
        "inLanguage": SOURCE_LANGUAGE,
        "url": page,
        "sameAs": [*filter(None, (abs_url(paper.ref), doi and f"https://doi.org/{doi}"))],
        "keywords": [printable(one) for one in paper.categories],
        "publisher": server_of(paper) and {"@type": "Organization", "name": server_of(paper)},
        "encoding": pdf and {"@type": "MediaObject", "contentUrl": pdf, "encodingFormat": "application/pdf"},
    }
    return {name: value for name, value in found.items() if value}


def _pdf(paper: Paper) -> str:
    return "" if paper.withdrawn else pdf_url(paper.ref, paper.version)


def _number(paper: Paper) -> str:
    return f"arXiv:{paper.ref}" if paper.source == ARXIV else ""


def _family_first(name: str) -> str:
    family, given = split_name(name)
    return f"{family}, {given}" if given else family


def _for_zotero(name: str) -> str:
    family, given = split_name(name)
    return f"{given} {family}" if " " in family and " " in given else _family_first(name)


def _one_line(value: str | list[str]) -> str | list[str]:
    """Printable and without line breaks, which would begin a field of their own."""
    return [_flat(one) for one in value] if isinstance(value, list) else _flat(value)


def _shown(text: str) -> str:
    return printable(plain(text))


def _flat(text: str) -> str:
    return " ".join(printable(text).split())
