"""From records of the API to papers: what they say, and which of them are new papers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.papers.preprints.records import as_posting, merged, slices
from newsletter.values.papers import Paper
from tests.papers.preprints.fake_biorxiv import doi_of, some_posting

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 6, 22)
TODAY = dt.date(2026, 6, 26)


def posting(number: int = 1, *, version: int = 1, date: dt.date = MONDAY, **fields: object) -> Paper:
    found = as_posting("biorxiv", some_posting(number, version=version, date=date.isoformat(), **fields))
    assert found is not None
    return found


def test_a_record_becomes_a_paper() -> None:
    found = posting(7, published="10.1038/s41586-026-00001-1")
    assert (found.ref, found.version, found.source) == (f"biorxiv:{doi_of(7)}", 1, "biorxiv")
    assert found.authors == ("A. Byron", "E. M. Du Chatelet")
    assert found.categories == ("biorxiv:cancer-biology",)
    assert (found.announced_on, found.announced_estimated) == (MONDAY, False)
    assert found.submitted == found.updated == dt.datetime(2026, 6, 22, tzinfo=dt.UTC)
    assert (found.doi, found.licence, found.withdrawn) == ("10.1038/s41586-026-00001-1", "cc_by", False)


def test_figures_may_come_as_numbers() -> None:
    found = as_posting("biorxiv", some_posting(1) | {"version": 2})
    assert found is not None
    assert found.version == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"doi": ""},
        {"doi": "10.1101/../x"},
        {"title": " "},
        {"date": "2026-02-30"},
        {"date": "0001-01-01"},
        {"date": None},
        {"version": "0"},
        {"version": "new"},
        {"version": None},
    ],
)
def test_a_record_without_what_a_paper_needs_is_none(fields: dict[str, object]) -> None:
    assert as_posting("biorxiv", some_posting(1) | fields) is None


@pytest.mark.parametrize("record", [None, [], "text", 7, {}])
def test_what_is_no_record_is_none(record: object) -> None:
    assert as_posting("biorxiv", record) is None


def test_what_is_missing_beside_that_is_left_empty() -> None:
    found = as_posting("medrxiv", {"doi": doi_of(1), "title": "Sparse", "date": "2026-06-22", "version": "1"})
    assert found is not None
    assert (found.abstract, found.authors, found.categories, found.licence, found.doi) == ("", (), (), "", "")


def test_mark_up_goes_and_what_looks_like_it_stays() -> None:
    found = posting(
        title="Growth of <i>E. coli</i>-like cells", abstract="<p>We find p &lt; 0.05</p><p>and q > 3 in H<sub>2</sub>O</p>"
    )
    assert found.title == "Growth of E. coli-like cells"
    assert found.abstract == "We find p < 0.05 and q > 3 in H2O"


def test_code_links_of_the_abstract_are_found() -> None:
    found = posting(abstract="The code is at https://github.com/byron/engine.")
    assert [link.url for link in found.links] == ["https://github.com/byron/engine"]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "WITHDRAWN: A finding"},
        {"abstract": "The authors have withdrawn this manuscript owing to an error in the analysis."},
        {"abstract": "This manuscript has been withdrawn by bioRxiv following a formal request by the institution."},
    ],
)
def test_a_withdrawal_is_known(fields: dict[str, object]) -> None:
    assert posting(version=2, **fields).withdrawn


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Withdrawn patients in clinical trials"},
        {"abstract": "We study retractions. " * 20 + "One paper was withdrawn by its authors, and this article was withdrawn."},
    ],
)
def test_a_study_of_withdrawals_is_none(fields: dict[str, object]) -> None:
    assert not posting(**fields).withdrawn


# ---------------------------------------------------------------- which of them are new


def test_two_versions_are_one_paper_under_the_day_of_the_first() -> None:
    (found,) = merged([posting(version=2, date=MONDAY + 2 * DAY), posting()], {}, today=TODAY)
    assert (found.version, found.announced_on, found.submitted.date()) == (2, MONDAY, MONDAY)
    assert found.updated.date() == MONDAY + 2 * DAY


def test_a_new_version_of_a_paper_never_seen_is_no_new_paper() -> None:
    assert merged([posting(version=2)], {}, today=TODAY) == []


def test_a_new_version_of_a_stored_paper_keeps_its_day() -> None:
    stored = posting(date=MONDAY - 30 * DAY)
    (found,) = merged([posting(version=3)], {stored.ref: stored}, today=TODAY)
    assert (found.version, found.announced_on) == (3, MONDAY - 30 * DAY)


def test_what_is_dated_beyond_tomorrow_is_left_out() -> None:
    given_ = [posting(1, date=TODAY + DAY), posting(2, date=TODAY + 2 * DAY)]
    assert [paper.ref for paper in merged(given_, {}, today=TODAY)] == [given_[0].ref]


POSTINGS = st.lists(
    st.builds(posting, st.integers(1, 6), version=st.integers(1, 4), date=st.dates(MONDAY, TODAY + 3 * DAY)), max_size=20
)


@given(POSTINGS, st.randoms(use_true_random=False))
def test_the_order_in_which_versions_are_given_does_not_matter(postings: list[Paper], chance: object) -> None:
    by_version = list({(one.ref, one.version): one for one in postings}.values())
    mixed = sorted(by_version, key=lambda _: chance.random())  # type: ignore[attr-defined]
    found = merged(mixed, {}, today=TODAY)
    assert found == merged(by_version, {}, today=TODAY)
    assert len({paper.ref for paper in found}) == len(found)


@given(st.dates(MONDAY, MONDAY + 40 * DAY), st.integers(-3, 40), st.integers(1, 7))
def test_slices_cover_each_day_once(since: dt.date, length: int, days: int) -> None:
    found = [
        first + place * DAY
        for first, last in slices(since, since + length * DAY, days=days)
        for place in range((last - first).days + 1)
    ]
    assert found == [since + place * DAY for place in range(max(0, length + 1))]
    assert all((last - first).days < days for first, last in slices(since, since + length * DAY, days=days))
