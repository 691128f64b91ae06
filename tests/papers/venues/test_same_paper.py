"""Two records are one paper only where that is sure: wrong merges would hide papers."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.papers.venues.same_paper import Known, Record, are_same

DAY = dt.date(2026, 3, 1)
HERE = Record(
    "Neural Fields that Remember: $L_1$ Learning of Scenes", ("Émilie du Châtelet", "A. B."), "10.1038/s1", "2603.00001", DAY
)
SAME = {
    "by DOI in any case": Record("Another title altogether", ("Nobody",), "10.1038/S1"),
    "by arXiv id": Record("Renamed on the way", (), arxiv="2603.00001"),
    "by title and author, signs and case apart": Record(
        "Neural fields that remember — L1 learning of scenes.", ("du Chatelet, E.",)
    ),
    "by title and family name alone": Record(
        "Neural Fields That Remember: $L_1$ Learning of Scenes", ("Châtelet",), "", "", dt.date(2028, 1, 1)
    ),
    "where the other DOI is a preprint's": Record(HERE.title, ("E. du Châtelet",), "10.48550/arXiv.2603.00001"),
}
OTHER = {
    "another DOI": Record(HERE.title, HERE.authors, "10.1038/s2"),
    "another arXiv id": Record(HERE.title, HERE.authors, "10.1038/s1", "2603.00002"),
    "another first author": Record(HERE.title, ("Ada Byron", "Émilie du Châtelet")),
    "another initial": Record(HERE.title, ("Q. Châtelet",)),
    "nobody named": Record(HERE.title, ()),
    "a correction": Record(f"Author Correction: {HERE.title}", HERE.authors),
    "the second part": Record(f"{HERE.title} II", HERE.authors),
    "a longer title": Record(f"{HERE.title} at Night", HERE.authors),
    "years apart": Record(HERE.title, HERE.authors, "", "", dt.date(2034, 1, 1)),
}


@pytest.mark.parametrize("why", SAME)
def test_these_are_one_paper(why: str) -> None:
    assert are_same(HERE, SAME[why]) and are_same(SAME[why], HERE)


@pytest.mark.parametrize("why", OTHER)
def test_these_are_two_papers(why: str) -> None:
    assert not are_same(HERE, OTHER[why]) and not are_same(OTHER[why], HERE)


@pytest.mark.parametrize(
    "title",
    ["Introduction", "A Survey on Learning", "Correction to: Neural Fields that Remember Many Scenes", "Editorial: Light"],
)
def test_titles_that_say_little_are_no_ground(title: str) -> None:
    assert not are_same(Record(title, ("Ada Byron",)), Record(title, ("Ada Byron",)))


def test_where_several_fit_none_is_taken_unless_an_id_says_which() -> None:
    twin = Record("Neural Fields that Remember Many Scenes", ("Ada Byron",))
    known = Known([(1, twin), (2, twin), (3, Record("Other Words Entirely in this Title", ("A",), "10.1/x"))])
    assert known.same(twin) is None
    assert known.same(Record("Neural Fields that Remember Many Scenes", ("Ada Byron",), "10.1/x")) == 3
