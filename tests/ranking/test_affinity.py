"""What is learnt from feedback: a pure model on words, and the one word that it tells."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from newsletter.ranking.affinity import Corpus, TermCounts, WordVectors, affinity
from newsletter.ranking.opinions import Say
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


def affinity_of(
    said: Sequence[tuple[int, Say]], new: Sequence[int] = (4, 5, 6), *, texts: dict[int, tuple[str, str]] = TEXTS
) -> Affinity:
    term_counts = {number: TermCounts.of(*text) for number, text in texts.items()}
    # The papers here are few: a corpus of many others makes their words as rare as they are in a year.
    corpus = Corpus.of([*term_counts.values(), *(TermCounts.of("about the other", "a they tell more") for _ in range(100))])
    vectors = {number: corpus.vector(term_counts) for number, term_counts in term_counts.items()}
    return affinity(said, new, WordVectors(term_counts, vectors, corpus))


def test_papers_like_those_liked_are_favoured_and_the_shared_word_is_told_with_its_true_count() -> None:
    found = affinity_of([(1, Say.MORE), (2, Say.MORE), (3, Say.MORE)])
    assert max(found.scores, key=found.scores.__getitem__) == 4
    assert found.explanations == {4: Explanation("splatting", 2)}


def test_papers_like_those_disliked_are_disfavoured_and_nothing_is_told_of_them() -> None:
    found = affinity_of([(3, Say.LESS)])
    assert min(found.scores, key=found.scores.__getitem__) == 5
    assert found.explanations == {}


def test_a_word_is_told_as_the_paper_writes_it() -> None:
    texts = {1: ("NeRF rooms", ""), 4: ("Our NeRFs", ""), 5: ("Whales", ""), 6: ("Clocks", "")}
    assert affinity_of([(1, Say.MORE)], texts=texts).explanations == {4: Explanation("NeRFs", 1)}


def test_trust_grows_with_what_was_said() -> None:
    trusts = [affinity_of([(1, Say.MORE), (2, Say.MORE), (3, Say.LESS)][:count]).trust for count in (1, 2, 3)]
    assert trusts == sorted(set(trusts))
    assert all(0 < trust < 1 for trust in trusts)


def test_papers_that_are_gone_and_texts_without_words_do_no_harm() -> None:
    found = affinity_of([(99, Say.MORE), (1, Say.MORE)], (4, 5, 98), texts=TEXTS | {5: ("", "42 = 6 · 7")})
    assert found.scores.keys() == {4, 5}
    assert affinity_of([(99, Say.MORE)], ()).scores == {}


WORDS = st.lists(st.sampled_from(["splat", "sea", "whale", "tide", "room", "GPU"]), max_size=6).map(" ".join)


@given(
    st.dictionaries(st.integers(1, 12), st.tuples(WORDS, WORDS), max_size=12),
    st.lists(st.tuples(st.integers(1, 12), st.sampled_from(Say)), max_size=8, unique_by=lambda one: one[0]),
)
def test_what_is_told_is_always_true(texts: dict[int, tuple[str, str]], said: list[tuple[int, Say]]) -> None:
    found = affinity_of(said, list(texts), texts=texts)
    for paper_id, explanations in found.explanations.items():
        assert explanations.word.lower() in " ".join(texts[paper_id]).lower().split()
        liked = [" ".join(texts[one]).lower().split() for one, say in said if say is Say.MORE and one in texts]
        assert explanations.count == sum(explanations.word.lower() in words for words in liked) > 0
