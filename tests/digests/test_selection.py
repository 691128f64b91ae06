"""Which papers a reader gets, in which order, under which topic."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from newsletter.digests.candidates import Candidate, CandidateSet, index_candidates
from newsletter.digests.selection import select_papers
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Explanation, Reader

ORDER = {"3d": 0, "nerf": 1, "3dgs": 2, "llm": 3, "rag": 4}
FRIDAY, THURSDAY = dt.date(2026, 11, 20), dt.date(2026, 11, 19)


def candidate(number: int, scores: Mapping[str, float], *, day: dt.date = FRIDAY) -> Candidate:
    return Candidate(number, number, day, scores)


def candidate_set(*candidates: Candidate) -> CandidateSet:
    return index_candidates(candidates, order=ORDER, newest_day=FRIDAY, covers_to=max((c.number for c in candidates), default=0))


def reader(*topics: str, cursor: int | None = 0, most: int = 20) -> Reader:
    return Reader(id=1, language="en", timezone="UTC", hour=8, topics=topics, cursor=cursor, max_papers=most)


def test_a_paper_of_two_topics_stands_once_under_the_better_one() -> None:
    chosen = select_papers(reader("nerf", "llm"), candidate_set(candidate(1, {"nerf": 1.0, "llm": 3.0})))
    assert chosen.papers == ((1, "llm"),)


def test_of_parent_and_child_with_one_score_the_child_wins() -> None:
    assert select_papers(reader("3d", "nerf"), candidate_set(candidate(1, {"3d": 2.0, "nerf": 2.0}))).papers == ((1, "nerf"),)


def test_a_reader_without_a_cursor_gets_the_newest_announcement_day() -> None:
    chosen = select_papers(
        reader("llm", cursor=None), candidate_set(candidate(1, {"llm": 1}, day=THURSDAY), candidate(2, {"llm": 1}))
    )
    assert chosen.papers == ((2, "llm"),)
    assert chosen.covers_to == 2


def test_what_the_cursor_covers_is_not_shown_again() -> None:
    assert select_papers(reader("llm", cursor=1), candidate_set(candidate(1, {"llm": 9}), candidate(2, {"llm": 1}))).papers == (
        (2, "llm"),
    )


def test_a_busy_topic_leaves_room_for_a_quiet_one() -> None:
    busy = [candidate(number, {"llm": 5.0}) for number in range(1, 30)]
    chosen = select_papers(reader("nerf", "llm", most=6), candidate_set(*busy, candidate(40, {"nerf": 0.5})))
    assert [topic for _, topic in chosen.papers] == ["nerf", *["llm"] * 5]
    assert chosen.more == 24


def test_groups_follow_the_catalogue_and_papers_their_score_then_recency() -> None:
    papers = candidate_set(
        candidate(1, {"rag": 1}), candidate(2, {"nerf": 1}), candidate(3, {"rag": 2}), candidate(4, {"rag": 1})
    )
    assert select_papers(reader("rag", "nerf"), papers).papers == ((2, "nerf"), (3, "rag"), (4, "rag"), (1, "rag"))


def test_topics_that_the_catalogue_dropped_are_passed_over() -> None:
    assert select_papers(reader("gone", "llm"), candidate_set(candidate(1, {"llm": 1, "gone": 9}))).papers == ((1, "llm"),)


SCORES = st.dictionaries(st.sampled_from(sorted(ORDER)), st.floats(0.1, 5), min_size=1)


@given(st.lists(SCORES, max_size=40), st.sets(st.sampled_from(sorted(ORDER)), min_size=1), st.integers(1, 50), st.integers(0, 40))
def test_no_choice_repeats_a_paper_or_loses_count(
    scores: list[dict[str, float]], topics: set[str], most: int, cursor: int
) -> None:
    candidates = [candidate(number, found) for number, found in enumerate(scores, 1)]
    chosen = select_papers(reader(*topics, cursor=cursor, most=most), candidate_set(*candidates))
    ids = [paper for paper, _ in chosen.papers]
    wanted = {c.id for c in candidates if c.number > cursor and topics & c.scores.keys()}
    assert len(ids) == len(set(ids)) == min(most, len(wanted))
    assert set(ids) <= wanted
    assert len(ids) + chosen.more == len(wanted)
    groups: dict[str, list[int]] = {topic: [] for topic in sorted(topics, key=ORDER.__getitem__)}
    for one in sorted(wanted, reverse=True):
        given = candidates[one - 1].scores
        groups[max(topics & given.keys(), key=lambda topic: (given[topic], ORDER[topic]))].append(one)
    for topic, group in groups.items():
        best = sorted(group, key=lambda one: candidates[one - 1].scores[topic], reverse=True)
        shown = [paper for paper, where in chosen.papers if where == topic]
        assert shown == best[: len(shown)]
        assert chosen.found.get(topic, 0) == (len(group) if shown else 0)


SAVED = {"q:1": "kites", "q:2": "tides"}


def own_shelf(*candidates: Candidate) -> CandidateSet:
    return index_candidates(candidates, order=ORDER, newest_day=FRIDAY, covers_to=99, saved_queries=SAVED)


def asking(*queries: str, excluded: tuple[str, ...] = (), topics: tuple[str, ...] = ("nerf", "llm"), most: int = 20) -> Reader:
    return replace(reader(*topics, most=most), queries=queries, excluded=excluded)


def test_an_saved_query_comes_before_a_topic_whatever_the_scores_and_in_the_readers_order() -> None:
    chosen = select_papers(
        asking("q:2", "q:1"),
        own_shelf(candidate(1, {"nerf": 9.0, "q:1": 1.0}), candidate(2, {"llm": 9.0}), candidate(3, {"q:2": 2.5, "q:1": 3.0})),
    )
    assert chosen.papers == ((3, "q:1"), (1, "q:1"), (2, "llm"))
    assert [
        topic
        for _, topic in select_papers(asking("q:2", "q:1"), own_shelf(candidate(1, {"q:1": 3}), candidate(2, {"q:2": 3}))).papers
    ] == [
        "q:2",
        "q:1",
    ]


def test_the_query_of_somebody_else_brings_nothing() -> None:
    assert select_papers(asking("q:1"), own_shelf(candidate(1, {"q:2": 3.0}))).papers == ()


def test_what_is_kept_out_counts_nowhere() -> None:
    chosen = select_papers(asking("q:1", excluded=("q:2",)), own_shelf(candidate(1, {"nerf": 3, "q:1": 3, "q:2": 2.5})))
    assert (chosen.papers, chosen.more) == ((), 0)


@given(
    st.lists(st.dictionaries(st.sampled_from([*ORDER, *SAVED]), st.floats(0.1, 9), min_size=1), max_size=12),
    st.permutations(list(SAVED)),
    st.sets(st.sampled_from(list(SAVED))),
    st.integers(1, 12),
)
def test_each_paper_stands_once_saved_queries_first_and_nothing_that_is_kept_out(
    scores: list[dict[str, float]], queries: list[str], excluded: set[str], most: int
) -> None:
    candidate_set = own_shelf(*(candidate(number, given) for number, given in enumerate(scores, start=1)))
    chosen = select_papers(asking(*queries, excluded=tuple(excluded), topics=tuple(ORDER), most=most), candidate_set)
    ids = [paper_id for paper_id, _ in chosen.papers]
    kept_out = [number for number, given in enumerate(scores, start=1) if given.keys() & excluded]
    assert len(ids) == len(set(ids)) and not set(ids) & set(kept_out)
    assert len(ids) + chosen.more == len(scores) - len(kept_out)
    own = [topic in SAVED for _, topic in chosen.papers]
    assert own == sorted(own, reverse=True)
    for paper_id, topic in chosen.papers:
        given = scores[paper_id - 1]
        mine, theirs = [query for query in queries if query in given], [one for one in ORDER if one in given]
        assert topic == (max(mine, key=given.__getitem__) if mine else max(theirs, key=lambda one: (given[one], ORDER[one])))


# ---------------------------------------------------------------- feedback

LIKES = Affinity({number: number - 20.0 for number in range(1, 41)}, 0.9, {40: Explanation("tides", 2), 1: Explanation("x", 1)})


def leant(candidate_set: CandidateSet, affinity: Affinity = LIKES) -> CandidateSet:
    return replace(candidate_set, affinities={1: affinity})


def test_feedback_moves_the_order_within_a_topic_and_so_what_there_is_room_for() -> None:
    day = candidate_set(*(candidate(number, {"llm": 5.0 - number / 40}) for number in range(1, 41)))
    assert [one for one, _ in select_papers(reader("llm", most=5), day).papers] == [1, 2, 3, 4, 5]
    chosen = select_papers(reader("llm", most=5), leant(day))
    assert [one for one, _ in chosen.papers] == [40, 39, 38, 37, 36]
    assert chosen.explanations == {40: Explanation("tides", 2)}, "only of papers that are there"
    assert chosen.more == 35


def test_feedback_takes_no_topic_its_share() -> None:
    day = candidate_set(*(candidate(number, {"llm" if number > 20 else "nerf": 2.0}) for number in range(1, 41)))
    chosen = select_papers(reader("nerf", "llm", most=10), leant(day))
    assert [topic for _, topic in chosen.papers] == ["nerf"] * 5 + ["llm"] * 5


def test_feedback_removes_no_paper_that_an_saved_query_asked_for() -> None:
    day = own_shelf(*(candidate(number, {"q:1": 5.0 - number / 40}) for number in range(1, 41)))
    asked = replace(asking("q:1", most=3), id=1)
    chosen = select_papers(asked, leant(day))
    assert [one for one, _ in chosen.papers] == [3, 2, 1]


def test_readers_without_feedback_choose_as_before_and_share_their_choice() -> None:
    day = leant(candidate_set(*(candidate(number, {"llm": 1.0}) for number in range(1, 41))))
    others = [select_papers(replace(reader("llm"), id=number), day) for number in (2, 3)]
    assert others[0] is others[1]
    assert others[0].papers[0] == (40, "llm")
    assert others[0].explanations == {}


@given(
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["nerf", "llm", "q:1"])), unique_by=lambda one: one[0]),
    st.integers(1, 12),
)
def test_feedback_changes_no_count(papers: list[tuple[int, str]], most: int) -> None:
    day = own_shelf(*(candidate(number, {topic: 1.0 + number / 40}) for number, topic in papers))
    asked = replace(asking("q:1", topics=("nerf", "llm"), most=most), id=1)
    plain, moved = select_papers(asked, day), select_papers(asked, leant(day))
    assert [topic for _, topic in plain.papers] == [topic for _, topic in moved.papers]
    assert (plain.more, plain.covers_to) == (moved.more, moved.covers_to)
