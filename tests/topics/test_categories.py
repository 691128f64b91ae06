"""The categories as topics: all of them, by their one name, exact, in five languages."""

import pytest

from newsletter.text.preprint_identifiers import is_preprint_category, preprint_category
from newsletter.topics.catalogue import load, parse
from newsletter.topics.categories import category_matches, category_topics, known_categories, slug_of, with_categories
from tests.topics.making import paper

CATEGORIES = {slug for slug, topic in category_topics().items() if topic.categories == (slug,)}


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


def test_every_category_has_a_name_of_its_own_in_five_languages() -> None:
    topics = category_topics()
    assert all(
        set(topic.names) == {"en", "zh-CN", "zh-TW", "ja", "ar"} and all(topic.names.values()) for topic in topics.values()
    )
    for language in ("en", "zh-CN", "zh-TW", "ja", "ar"):
        assert len({topic.name(language) for topic in topics.values()}) == len(topics)
    assert topics["cs.CV"].name("en") == "Computer Vision and Pattern Recognition (cs.CV)"
    assert topics["astro-ph"].name("zh-CN") == "天体物理学（astro-ph 全部）"
    assert topics["biorxiv.cell-biology"].name("en") == "Cell Biology (bioRxiv)"


def test_categories_of_other_servers_are_spelt_as_their_papers_have_them() -> None:
    others = [name for topic in category_topics().values() for name in topic.categories if is_preprint_category(name)]
    assert len(set(others)) == 76
    assert preprint_category("medrxiv", "HIV/AIDS") in others


def test_a_paper_is_under_each_of_its_categories_and_their_archives_its_first_one_above_the_others() -> None:
    one = paper(categories=("eess.SY", "cs.LG", "hep-th"))
    found = {match.topic: match for match in category_matches(one)}
    # cs.SY is another name of eess.SY, so the paper is one of computer science by its first category already.
    assert set(found) == {"eess.SY", "eess", "cs", "cs.LG", "hep-th"}
    assert found["eess.SY"].score > found["cs.LG"].score > found["cs"].score
    assert (found["cs.LG"].reason, found["eess"].reason) == ("", "category: eess.SY")
    assert all(match.score < 2.5 for match in found.values()), "topics of the catalogue fit better"


@pytest.mark.parametrize(
    ("categories", "slugs"),
    [
        (("math-ph",), {"math-ph", "math"}),
        (("biorxiv:cell-biology",), {"biorxiv.cell-biology", "biorxiv"}),
        # Neither is in our list; the archive and the server are.
        (("astro-ph.ZZ",), {"astro-ph"}),
        (("medrxiv:endocrinology-including-diabetes",), {"medrxiv"}),
        (("alg-geom",), set()),
        ((), set()),
    ],
)
def test_what_else_a_paper_is_under(categories: tuple[str, ...], slugs: set[str]) -> None:
    assert {match.topic for match in category_matches(paper(categories=categories))} == slugs


def test_a_category_is_found_in_any_case_and_by_its_other_name() -> None:
    named = ("CS.cv", " math.mp ", "biorxiv:Neuroscience", "Astro-PH", "cs.ZZ", "slam", "")
    assert [slug_of(name) for name in named] == ["cs.CV", "math-ph", "biorxiv.neuroscience", "astro-ph", "", "", ""]


def test_categories_of_servers_that_are_read_are_offered_and_an_own_topic_keeps_its_slug() -> None:
    own = parse(
        b"- slug: math\n  names: {en: Sums, zh-CN: a, zh-TW: a, ja: a}\n  means: Sums.\n  categories: [cs.CV]\n  strong: [sum]\n",
        "here",
    )
    offered = with_categories(own, ("arxiv", "biorxiv"))
    assert offered["math"].name("en") == "Sums"
    assert {"cs.CV", "math.AG", "biorxiv"} <= offered.keys()
    assert not any(slug.startswith("medrxiv") for slug in offered)
    assert "medrxiv" in with_categories(own), "who chose it before is told its name"
    assert "math" not in {match.topic for match in category_matches(paper(categories=("math.AG",)), but=own.by_slug)}
