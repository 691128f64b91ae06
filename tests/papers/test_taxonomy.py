"""arXiv's categories, by their one name."""

from newsletter.papers.taxonomy import CATEGORIES, known_categories
from newsletter.topics.catalogue import load


def test_every_category_of_the_catalogue_is_one_of_arxivs() -> None:
    assert set(load().categories) <= CATEGORIES


def test_a_category_is_known_whatever_its_case_and_alias_and_nothing_else_is() -> None:
    assert known_categories(["cs.cv", "CS.SY", "stat.TH", "hep-th", "cs.XX", "gr-qc.AB", ""]) == {
        "cs.CV",
        "eess.SY",
        "math.ST",
        "hep-th",
    }


def test_an_alias_is_no_category_of_its_own() -> None:
    assert not {"cs.SY", "math.IT", "math.MP"} & CATEGORIES
    assert len(CATEGORIES) == 149
