"""What papers of bioRxiv and medRxiv are called, beside those of arXiv."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputError
from newsletter.text.identifiers import abs_url, parse_any_ref, pdf_url
from newsletter.text.preprint_identifiers import (
    is_preprint_category,
    licence_name,
    parse_preprint,
    preprint_category,
    preprint_ref,
)

NEW, OLD, FIRST = "biorxiv:10.64898/2026.05.21.726889", "medrxiv:10.1101/2020.03.19.20039131", "biorxiv:10.1101/006569"
DOIS = st.builds(
    "10.{}/{}{}".format,
    st.sampled_from(["1101", "64898", "99999"]),
    st.sampled_from(["", "2026.05.21.", "2019.12.31."]),
    st.integers(100_000, 99_999_999),
)


@pytest.mark.parametrize(
    ("text", "ref", "version"),
    [
        (NEW, NEW, None),
        (OLD + "v3", OLD, 3),
        (FIRST, FIRST, None),
        ("BioRxiv:10.1101/006569", FIRST, None),
        ("https://www.biorxiv.org/content/10.64898/2026.05.21.726889v2.full.pdf", NEW, 2),
        ("https://www.biorxiv.org/content/10.64898/2026.05.21.726889v2?rss=1", NEW, 2),
        ("medrxiv.org/content/10.1101/2020.03.19.20039131v1.full", OLD, 1),
        (" https://www.biorxiv.org/content/10.1101/006569 ", FIRST, None),
        ("2606.26101v2", "2606.26101", 2),
    ],
)
def test_ids_and_addresses_are_read(text: str, ref: str, version: int | None) -> None:
    assert parse_any_ref(text) == (ref, version)


@pytest.mark.parametrize(
    "text",
    [
        "biorxiv:",
        "biorxiv:10.1101/",
        "chemrxiv:10.1101/006569",
        "10.1101/006569",
        "biorxiv:10.1101/006569v0",
        "biorxiv:10.1101/../admin",
        "https://www.biorxiv.org.example.net/content/10.1101/006569",
        "https://example.net/www.biorxiv.org/content/10.1101/006569",
        "biorxiv:10.1101/" + "1" * 400,
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    assert parse_preprint(text) is None
    with pytest.raises(InputError):
        parse_any_ref(text)


@given(st.text(max_size=60))
def test_any_doi_field_is_either_a_ref_or_none(text: str) -> None:
    ref = preprint_ref("biorxiv", text)
    assert ref is None or (parse_preprint(ref) == (ref, None) and len(ref) <= 64)


@given(st.sampled_from(["biorxiv", "medrxiv"]), DOIS, st.integers(1, 50))
def test_addresses_lead_back_to_the_paper(server: str, doi: str, version: int) -> None:
    ref = preprint_ref(server, doi)
    assert ref is not None
    assert parse_any_ref(pdf_url(ref, version)) == (ref, version)
    assert abs_url(ref) == f"https://doi.org/{doi}"


def test_categories_have_one_form() -> None:
    assert preprint_category("biorxiv", "Cancer Biology") == "biorxiv:cancer-biology"
    assert preprint_category("medrxiv", "hiv/aids") == "medrxiv:hiv-aids"
    assert preprint_category("biorxiv", " 42 ") == ""
    assert is_preprint_category("biorxiv:cancer-biology")
    assert not any(map(is_preprint_category, ("cs.CV", "biorxiv:", "biorxiv:Cancer", "chemrxiv:catalysis")))


def test_licences_have_the_names_that_people_know() -> None:
    assert [licence_name(one) for one in ("cc_by", "cc_by_nc_nd", "cc0", "cc_no", "")] == [
        "CC BY",
        "CC BY-NC-ND",
        "CC0",
        "all rights reserved",
        "",
    ]
