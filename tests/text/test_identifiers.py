"""Ids in every form that people and services write them in; whatever is none of them is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputError
from newsletter.text.identifiers import ALIASES, abs_url, canonical_category, is_arxiv_ref, names_of_category, parse_ref, pdf_url

months = st.integers(1, 12)
five_digits = st.builds(
    lambda year, month, number: f"{year:02d}{month:02d}.{number:05d}", st.integers(15, 99), months, st.integers(1, 99999)
)
four_digits = st.builds(
    lambda year, month, number: f"{year:02d}{month:02d}.{number:04d}", st.integers(8, 14), months, st.integers(1, 9999)
)
old = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02d}{month:02d}{number:03d}",
    st.sampled_from(["hep-th", "solv-int", "math", "math-ph", "cs", "cond-mat"]),
    st.integers(92, 99),
    months,
    st.integers(1, 999),
)
refs = st.one_of(five_digits, four_digits, old)
versions = st.one_of(st.none(), st.integers(1, 9999))
forms = st.sampled_from(
    [
        "{}",
        " {}\n",
        "arXiv:{}",
        "ARXIV: {}",
        "oai:arXiv.org:{}",
        "https://arxiv.org/abs/{}",
        "http://www.arxiv.org/abs/{}?context=cs",
        "https://export.arxiv.org/pdf/{}",
        "https://arxiv.org/pdf/{}.pdf#page=2",
        "arxiv.org/html/{}/",
        "https://doi.org/10.48550/arXiv.{}",
    ]
)


@given(refs, versions, forms)
def test_base_id_and_version_come_apart_in_every_form(ref: str, version: int | None, form: str) -> None:
    name = ref if version is None else f"{ref}v{version}"
    assert parse_ref(form.format(name)) == (ref, version)


@given(refs)
def test_a_base_id_leads_to_its_pages_and_parses_back_from_them(ref: str) -> None:
    assert is_arxiv_ref(ref)
    assert parse_ref(abs_url(ref)) == parse_ref(pdf_url(ref)) == (ref, None)


@given(st.text(max_size=400))
def test_any_text_is_either_an_id_or_an_input_error(text: str) -> None:
    try:
        ref, version = parse_ref(text)
    except InputError as error:
        assert "arXiv id" in str(error)
        return
    assert is_arxiv_ref(ref)
    assert version is None or version >= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sample-01",
        "2606.2610",  # four digits after 1412
        "1412.12345",  # five digits before 1501
        "2613.00001",  # month 13
        "2600.00001",
        "2606.00000",
        "0703.0001",  # before the new form began
        "hep-th/0704001",  # after the old form ended
        "hep-th/9107001",  # before there was an arXiv
        "nosuch/9901001",
        "2606.26101v0",
        "2606.26101v",
        "2606.26101v1v2",
        "2606.26101 and more",
        "https://evil.example/abs/2606.26101",
        "https://arxiv.org.evil.example/abs/2606.26101",
        "https://arxiv.org/list/cs.CV/new",
        "２６０６.26101",
        "x" * 5000,
    ],
)
def test_what_is_no_arxiv_id_is_refused_with_an_example_of_one(text: str) -> None:
    with pytest.raises(InputError, match=r"2606\.26101"):
        parse_ref(text)


def test_the_subject_class_of_an_old_id_is_no_part_of_it() -> None:
    assert parse_ref("math.GT/0309136v2") == ("math/0309136", 2)
    assert not is_arxiv_ref("math.GT/0309136")


def test_a_v_in_the_archive_is_no_version() -> None:
    assert parse_ref("solv-int/9901001") == ("solv-int/9901001", None)


@pytest.mark.parametrize("ref", ["sample-01", "", "2606.26101v1", 'x"><script>'])
def test_a_ref_that_arxiv_does_not_know_has_no_address(ref: str) -> None:
    assert abs_url(ref) == pdf_url(ref) == ""
    assert not is_arxiv_ref(ref)


def test_a_category_with_two_names_has_one_canonical_name_and_is_asked_for_by_both() -> None:
    assert canonical_category("cs.SY") == "eess.SY"
    assert canonical_category("eess.SY") == "eess.SY"
    assert canonical_category("cs.CV") == "cs.CV"
    assert names_of_category("cs.SY") == names_of_category("eess.SY") == ("eess.SY", "cs.SY")
    assert names_of_category("cs.CV") == ("cs.CV",)
    assert not set(ALIASES) & set(ALIASES.values())
