"""What is learned of a reader: a pure model of words and subjects, the order that follows, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsletter.ranking.affinity import from_json, rank, to_json
from newsletter.ranking.opinions import Say
from newsletter.ranking.pool import Pool
from newsletter.ranking.taste import Taste, Text, from_text, learn, telling_words, to_text
from newsletter.text.subjects import Subjects, learn_subjects
from newsletter.text.term_weights import Corpus, TermCounts
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Explanation

TEXTS = {
    1: ("Splatting a room", "We render a room."),
    2: ("Fast Splatting", "Rendering with splats."),
    3: ("Tides", "A model of the sea."),
    4: ("More on Splatting", "A scene of our own."),
    5: ("Whales", "They live in the sea."),
    6: ("Clocks", "They tell the time."),
}


def corpus_of(texts: Mapping[int, tuple[str, str]]) -> Corpus:
    # The papers here are few: a corpus of many others makes their words as rare as they are in a year.
    others = (TermCounts.of("about the other", "a they tell more") for _ in range(100))
    return Corpus.of([*(TermCounts.of(*text) for text in texts.values()), *others])


def taste_of(said: Sequence[tuple[int, Say]], texts: Mapping[int, tuple[str, str]] = TEXTS, **more: Any) -> Taste:
    corpus = corpus_of(texts)
    return learn([(Text.of(number, *texts[number], corpus), say) for number, say in said if number in texts], **more)


def affinity_of(
    said: Sequence[tuple[int, Say]],
    new: Sequence[int] = (4, 5, 6),
    *,
    texts: Mapping[int, tuple[str, str]] = TEXTS,
    titles: Mapping[int, str] | None = None,
    but: Sequence[str] = (),
) -> Affinity:
    pool = Pool.of(((number, *texts[number]) for number in new), corpus_of(texts))
    numbers = {number: number for number in new}
    return rank(
        taste_of(said, texts, but=but), pool, np.arange(len(new)), np.ones(len(new), bool), numbers=numbers, titles=titles or {}
    )


def test_papers_like_those_liked_are_favoured_and_the_shared_word_is_told_with_its_true_count() -> None:
    found = affinity_of([(1, Say.MORE), (2, Say.MORE), (3, Say.MORE)])
    assert next(iter(found.scores)) == 4
    assert found.explanations[4] == Explanation("splatting", 2)


def test_a_paper_near_one_that_is_known_is_told_to_be_like_it() -> None:
    found = affinity_of([(3, Say.MORE)], (3, 4, 6), titles={3: "Tides"})
    assert found.explanations[3] == Explanation("", 0, "Tides")


def test_papers_like_those_disliked_are_disfavoured_and_nothing_is_told_of_them() -> None:
    found = affinity_of([(3, Say.LESS)])
    assert list(found.scores)[-1] == 5
    assert found.explanations == {}


def test_a_word_is_told_as_the_paper_writes_it() -> None:
    texts = {1: ("NeRF rooms", ""), 4: ("Our NeRFs", ""), 5: ("Whales", ""), 6: ("Clocks", "")}
    assert affinity_of([(1, Say.MORE)], texts=texts).explanations[4] == Explanation("NeRFs", 1)


def test_a_word_that_is_left_out_counts_for_nothing_and_is_not_told() -> None:
    said = [(1, Say.MORE), (2, Say.MORE)]
    assert "splatting" in telling_words(taste_of(said), corpus_of(TEXTS), most=5)
    assert "splatting" not in telling_words(taste_of(said, but=["splatting"]), corpus_of(TEXTS), most=5)
    assert affinity_of(said, but=["splatting"]).explanations.get(4) != Explanation("splatting", 2)


def test_trust_grows_with_what_they_like_most_with_what_they_gave_and_not_with_what_they_want_less_of() -> None:
    trusts = [affinity_of([(1, Say.MORE), (2, Say.MORE), (4, Say.MORE)][:count]).trust for count in (1, 2, 3)]
    assert trusts == sorted(set(trusts))
    assert all(0 < trust < 1 for trust in trusts)
    assert taste_of([(1, Say.MORE)], given=1).trust > trusts[0]
    assert affinity_of([(1, Say.MORE), (3, Say.LESS)]).trust == trusts[0]
    assert affinity_of([(3, Say.LESS)]).trust == 0


def test_nothing_to_learn_from_nothing_new_and_texts_without_words_do_no_harm() -> None:
    found = affinity_of([(1, Say.MORE)], (4, 5), texts=TEXTS | {5: ("", "42 = 6 · 7")})
    assert found.scores.keys() == {4, 5}
    assert affinity_of([(1, Say.MORE)], ()).scores == {}
    assert set(affinity_of([]).scores.values()) == {0.0}


def test_what_is_kept_of_a_taste_and_of_an_order_reads_back_as_the_same() -> None:
    taste = taste_of([(1, Say.MORE), (3, Say.LESS)])
    back = from_text(to_text(taste))
    assert (back.words, back.weight, back.liked.keys()) == (taste.words, taste.weight, taste.liked.keys())
    assert np.allclose(back.sense, taste.sense, atol=0.01)
    assert np.allclose(back.subject, taste.subject, atol=0.01)
    found = affinity_of([(1, Say.MORE)], titles={1: "Splatting a room"})
    assert from_json(to_json(found)) == found


def test_texts_on_one_subject_are_near_without_a_common_word_and_learning_is_the_same_at_each_run() -> None:
    sea = [("Tides and whales", "whales swim in tides"), ("Whales and ships", "ships follow whales")] * 2
    sky = [("Comets and orbits", "comets have orbits"), ("Orbits and dust", "dust in orbits")] * 2
    land = [(f"Fields of clay{place}", f"clay{place} upon fields") for place in "abcd"] * 2
    content = learn_subjects([*sea, *sky, *land], size=4)
    assert learn_subjects([*sea, *sky, *land], size=4) == content
    table = Subjects(content)
    tides, ships, dust = (table.of(TermCounts.of(word, "")) for word in ("tides", "ships", "dust"))
    assert tides @ ships > tides @ dust + 0.2


WORDS = st.lists(st.sampled_from(["splat", "sea", "whale", "tide", "room", "GPU"]), max_size=6).map(" ".join)


@given(
    st.dictionaries(st.integers(1, 12), st.tuples(WORDS, WORDS), max_size=12),
    st.lists(st.tuples(st.integers(1, 12), st.sampled_from(Say)), max_size=8, unique_by=lambda one: one[0]),
)
def test_what_is_told_is_always_true(texts: dict[int, tuple[str, str]], said: list[tuple[int, Say]]) -> None:
    found = affinity_of(said, list(texts), texts=texts)
    liked = [" ".join(texts[one]).lower().split() for one, say in said if say is Say.MORE and one in texts]
    for paper_id, explanation in found.explanations.items():
        words = explanation.word.lower().split(", ")
        assert set(words) <= set(" ".join(texts[paper_id]).lower().split())
        assert explanation.count == sum(words[0] in one for one in liked) > 0
