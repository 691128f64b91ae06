"""What stands on top of a mail: the papers that its reader will like best, each once, and nothing that they keep out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from newsletter.digests.candidates import Candidate, CandidateSet, index_candidates
from newsletter.digests.for_you import FOR_YOU
from newsletter.digests.selection import select_papers
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Explanation, Reader

DAY = dt.date(2026, 11, 20)
READER = Reader(id=1, language="en", timezone="UTC", hour=8, topics=("llm",), cursor=10, max_papers=20)


def candidates(scores: dict[int, float], *, explained: set[int] | None = None) -> CandidateSet:
    """The papers 11 to 30 under one topic, of which the reader favours those of ``scores``; 40 and more are under none."""
    found = index_candidates(
        (Candidate(number, number, DAY, {"llm": 1.0} | ({"q:9": 1.0} if number == 12 else {})) for number in range(11, 31)),
        order={"llm": 0},
        newest_day=DAY,
        covers_to=50,
    )
    why = {number: Explanation("whales", 1) for number in (scores if explained is None else explained)}
    ordered = dict(sorted(scores.items(), key=lambda one: -one[1]))
    affinity = Affinity(ordered, 0.9, why, floor=-1.0, numbers={number: number for number in scores})
    return replace(found, affinities={1: affinity})


def for_you(reader: Reader, found: CandidateSet) -> list[int]:
    return [paper_id for paper_id, topic in select_papers(reader, found).papers if topic == FOR_YOU]


def test_the_best_stand_first_also_from_outside_of_the_topics_and_nowhere_else() -> None:
    chosen = select_papers(READER, candidates({13: 2.0, 41: 3.0, 14: 1.5, 15: 1.2, 16: 0.2}))
    assert [pair for pair in chosen.papers if pair[1] == FOR_YOU] == [(41, FOR_YOU), (13, FOR_YOU), (14, FOR_YOU), (15, FOR_YOU)]
    ids = [paper_id for paper_id, _ in chosen.papers]
    assert len(ids) == len(set(ids)) == 20
    assert chosen.papers[4] == (16, "llm")
    assert chosen.more == 21 - 20


def test_there_are_three_at_least_ten_at_most_and_half_of_a_mail() -> None:
    few, many = candidates({13: 0.5, 14: 0.4, 15: 0.3, 16: 0.2}), candidates(dict.fromkeys(range(11, 31), 2.0))
    assert for_you(READER, few) == [13, 14, 15]
    assert len(for_you(READER, many)) == 10
    assert len(for_you(replace(READER, max_papers=6), many)) == 3
    unsure = replace(many, affinities={1: replace(many.affinities[1], trust=0.4)})
    assert len(for_you(READER, unsure)) == 3


def test_what_was_covered_is_kept_out_or_cannot_be_explained_is_not_among_them() -> None:
    found = candidates({9: 3.0, 12: 2.5, 13: 2.0, 14: 1.5}, explained={9, 12, 13})
    assert for_you(READER, found) == [12, 13]
    assert for_you(replace(READER, excluded=("q:9",)), found) == [13]


def test_fewer_and_better_leaves_out_what_is_not_much_like_what_they_like() -> None:
    found = candidates({13: 2.0, 14: 1.5, 15: 0.9, 16: 0.1}, explained={13})
    chosen = select_papers(replace(READER, choosy=True), found)
    assert chosen.papers == ((13, FOR_YOU), (14, "llm"))
    assert chosen.more == 0


def test_fewer_and_better_is_no_more_on_a_day_on_which_all_that_was_kept_is_much_liked() -> None:
    found = candidates({13: 3.0, 14: 2.5}, explained=set())
    found = replace(found, affinities={1: replace(found.affinities[1], floor=2.5)})
    assert select_papers(replace(READER, choosy=True), found).papers == ((13, "llm"), (14, "llm"))


def test_what_the_cursor_will_not_have_passed_is_left_to_the_next_mail() -> None:
    found = candidates({51: 3.0, 50: 2.5, 13: 2.0})
    assert for_you(READER, found) == [50, 13]


def test_whoever_nothing_was_learned_of_gets_their_topics_as_they_are() -> None:
    found = replace(candidates({}), affinities={})
    assert {topic for _, topic in select_papers(replace(READER, choosy=True), found).papers} == {"llm"}
