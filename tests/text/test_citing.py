"""A paper as other programs read it: what is written here is read back by readers of these formats, whatever a paper holds."""

from __future__ import annotations

import json
from dataclasses import replace

import rispy
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.citing import MOST_AUTHORS, citation_tags, csl_json, json_ld, ris
from newsletter.values.papers import VENUE, Paper
from tests.web.conftest import paper

NAMES = ("Ada B. Lovelace", "van Beethoven, Ludwig", "The ATLAS Collaboration", "Maria De La Cruz")
PAGE = "https://papers.example.org/papers/2606.26101"


def cited() -> Paper:
    return paper("2606.26101", title="On $x^2$ & Sums", abstract="We add.", authors=NAMES, version=2)


def test_ris_is_read_back() -> None:
    [found] = rispy.loads(ris(cited()))
    assert found["title"] == "On x² & Sums"
    assert found["authors"] == ["Lovelace, Ada B.", "van Beethoven, Ludwig", "The ATLAS Collaboration", "Cruz, Maria De La"]
    assert (found["doi"], found["year"], found["type_of_reference"]) == ("10.48550/arXiv.2606.26101", "2026", "UNPB")
    assert ris(replace(cited(), source=VENUE, doi="10.1000/x")).startswith("TY  - JOUR\n")


def test_csl_json_names_people_and_groups() -> None:
    [found] = json.loads(csl_json(cited()))
    assert found["author"][:3] == [
        {"family": "Lovelace", "given": "Ada B."},
        {"family": "van Beethoven", "given": "Ludwig"},
        {"literal": "The ATLAS Collaboration"},
    ]
    assert found["type"] == "article" and found["issued"] == {"date-parts": [[2026, 6, 25]]}


def test_zotero_finds_kind_pdf_and_authors_that_it_does_not_cut_in_two() -> None:
    tags = citation_tags(replace(cited(), authors=("Ada Lovelace", "Berg, Jan Piet", "van den Berg, Jan Piet")), PAGE)
    found = dict(tags)
    assert (found["z:itemType"], found["citation_pdf_url"]) == ("preprint", "https://arxiv.org/pdf/2606.26101")
    # With words on both sides of a comma it would take "van den Berg, Jan Piet" for two people.
    authors = [content for name, content in tags if name == "citation_author"]
    assert authors == ["Lovelace, Ada", "Berg, Jan Piet", "Jan Piet van den Berg"]
    assert "citation_pdf_url" not in dict(citation_tags(replace(cited(), withdrawn=True), PAGE))


def test_a_page_names_only_so_many_authors() -> None:
    many = replace(cited(), authors=tuple(f"Ada L{number}" for number in range(3000)))
    assert len([name for name, _ in citation_tags(many, PAGE) if name == "citation_author"]) == MOST_AUTHORS
    assert len(json_ld(many, PAGE)["author"]) == MOST_AUTHORS
    assert len(rispy.loads(ris(many))[0]["authors"]) == 3000


TEXTS = st.text(max_size=60) | st.just("\nER  - \nTY  - JOUR") | st.just("]]></script>\ud800")


@given(title=TEXTS, abstract=TEXTS, author=TEXTS)
def test_whatever_a_paper_holds_it_is_one_reference(title: str, abstract: str, author: str) -> None:
    one = paper("2606.26101", title=title or "x", abstract=abstract, authors=(author,))
    text = ris(one)
    assert text.count("\nER  -") == 1 and len([line for line in text.splitlines() if line.startswith("TY  - ")]) == 1
    assert len(json.loads(csl_json(one))) == 1
    csl_json(one).encode(), text.encode(), json.dumps(json_ld(one, PAGE), ensure_ascii=False).encode()
