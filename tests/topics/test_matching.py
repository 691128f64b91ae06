"""What makes a paper belong under a topic, and what does not."""

from __future__ import annotations

import pytest

from newsletter.errors import InputError
from newsletter.topics.explain import explain
from tests.topics.making import matched, matcher, paper, topic

SPLATS = topic("splats", strong=("Gaussian Splatting", "3DGS"), weak=("rasterization",))
RAG = topic("rag", strong=("RAG", "retrieval-augmented generation"))
FILM = topic("film", strong=("video generation",), in_title=("video",), weak=("frame",))
SMALL = topic("small", strong=("pruning",), in_title=("compression",), exclude=("image compression",))


@pytest.mark.parametrize(
    "title", ["Gaussian Splatting", "Gaussian-splatting", "GaussianSplatting at Sea", "A Gaussian\u2010Splatting"]
)
def test_hyphen_space_and_joined_are_one_spelling(title: str) -> None:
    assert matched(matcher(SPLATS).match(paper(title))) == ["splats"]


@pytest.mark.parametrize("title", ["3DGS in Fog", "3D GS in Fog", "3D-GS in Fog", "Three 3DGSs"])
def test_an_acronym_with_a_digit_is_found_in_its_spellings(title: str) -> None:
    assert matched(matcher(SPLATS).match(paper(title))) == ["splats"]


@pytest.mark.parametrize("title", ["A rag for the kitchen", "Rags", "Rag dolls", "MIRAGE", "DRAGging", "Rag-based weaving"])
def test_an_acronym_matches_in_capitals_and_as_a_word_only(title: str) -> None:
    assert matcher(RAG).match(paper(title)) == ()


@pytest.mark.parametrize("title", ["RAG", "Two RAGs", "RAG-based answers", "(RAG) again", "On RAG."])
def test_an_acronym_may_have_a_plural_and_neighbours(title: str) -> None:
    assert matched(matcher(RAG).match(paper(title))) == ["rag"]


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("point cloud", "Point Clouds"),
        ("policy", "Policies"),
        ("mesh", "Meshes"),
        ("embeddings", "An Embedding"),
        ("box", "Boxes"),
    ],
)
def test_plurals_are_folded(phrase: str, title: str) -> None:
    assert matched(matcher(topic(strong=(phrase,))).match(paper(title))) == ["kites"]


def test_a_phrase_does_not_run_over_the_end_of_a_sentence_or_a_bracket() -> None:
    assert matcher(SPLATS).match(paper("We fit a Gaussian. Splatting paint")) == ()
    assert matcher(SPLATS).match(paper("One Gaussian (splatting)")) == ()


def test_a_part_of_a_word_is_no_phrase() -> None:
    assert matcher(topic(strong=("art",))).match(paper("Party chart, artful")) == ()


def test_the_reason_names_the_place_and_the_phrase_as_the_catalogue_spells_it() -> None:
    (match,) = matcher(SPLATS).match(paper("gaussian-splatting of snow"))
    assert match.reason == "title: Gaussian Splatting"
    assert match.ref == "2606.00001"


def test_the_reason_counts_what_the_abstract_repeats() -> None:
    (match,) = matcher(SPLATS).match(paper("Snow", "3DGS of snow. We use 3DGS, and Gaussian splatting needs rasterization."))
    assert match.reason == "abstract: 3DGS (2x)"


def test_one_mention_in_the_abstract_is_not_enough() -> None:
    assert matcher(SPLATS).match(paper("Snow", "We compare with Gaussian splatting among others.")) == ()


def test_weak_phrases_alone_never_carry_a_match() -> None:
    weak = topic(strong=("kite detection",), weak=("wind", "tail", "string", "bow", "sail"))
    assert matcher(weak).match(paper("Wind, tail, string, bow and sail", "Wind, tail, string, bow and sail.")) == ()


def test_a_title_phrase_carries_in_the_title_and_only_supports_in_the_abstract() -> None:
    assert matched(matcher(FILM).match(paper("Video of snow"))) == ["film"]
    assert matcher(FILM).match(paper("Snow", "We show a video of the frame in the supplement. One video.")) == ()


def test_an_abstract_that_says_a_title_phrase_often_is_about_it() -> None:
    often, once = "Video, video, video: every frame of a video.", "A video: every frame."
    assert matched(matcher(FILM).match(paper("A longer frame", often))) == ["film"]
    assert matcher(FILM).match(paper("A longer frame", once)) == ()


def test_an_excluded_phrase_hides_the_words_that_it_covers() -> None:
    assert matched(matcher(SMALL).match(paper("Compression of networks"))) == ["small"]
    assert matcher(SMALL).match(paper("Image compression")) == ()


def test_an_excluded_phrase_speaks_against_other_evidence() -> None:
    plain = matcher(SMALL).weigh(paper("Pruning", "Nothing more."))["small"].score
    against = matcher(SMALL).weigh(paper("Pruning", "Nothing more than image compression."))["small"].score
    assert against < plain


def test_a_category_of_the_topic_is_evidence_and_the_lack_of_one_speaks_against() -> None:
    title = "Video of snow"
    scores = [
        matcher(FILM).weigh(paper(title, categories=categories))["film"].score
        for categories in (("cs.CV", "math.CO"), ("math.CO", "cs.CV"), ("math.CO",), ())
    ]
    assert scores[0] > scores[1] > scores[2] == scores[3]
    assert matcher(FILM).match(paper(title, categories=("math.CO",))) == ()


def test_a_longer_phrase_counts_once_and_not_with_the_phrase_inside_it() -> None:
    nested = topic(strong=("Gaussian Splatting", "3D Gaussian Splatting"))
    (match,) = matcher(nested).match(paper("3D Gaussian Splatting"))
    single = matcher(topic(strong=("3D Gaussian Splatting",))).match(paper("3D Gaussian Splatting"))
    assert (match.score, match.reason) == (single[0].score, "title: 3D Gaussian Splatting")


def test_a_longer_weak_phrase_does_not_hide_a_stronger_one() -> None:
    mixed = topic(in_title=("dataset",), weak=("dataset of",))
    assert matched(matcher(mixed).match(paper("A dataset of kites"))) == ["kites"]


def test_a_match_of_a_topic_is_one_of_its_parent_and_says_through_which() -> None:
    upper, lower = topic("shape", strong=("surface reconstruction",)), topic("splats", parent="shape", strong=("3DGS",))
    first, second = matcher(upper, lower).match(paper("3DGS"))
    assert (first.topic, second.topic) == ("splats", "shape")
    assert second.reason == "Splats, title: 3DGS"
    assert 0 < second.score < first.score


def test_a_parent_with_better_evidence_of_its_own_keeps_it() -> None:
    upper, lower = topic("shape", strong=("surface reconstruction",)), topic("splats", parent="shape", strong=("3DGS",))
    found = matcher(upper, lower).match(paper("Surface reconstruction", "3DGS, 3DGS and 3DGS again. Surface reconstruction."))
    assert (found[0].topic, found[0].reason) == ("shape", "title: surface reconstruction")


def test_a_heading_is_never_matched() -> None:
    assert matched(matcher(topic("above", categories=()), topic(parent="above", strong=("kite",))).match(paper("Kite"))) == [
        "kites"
    ]


def test_the_best_match_comes_first() -> None:
    found = matcher(FILM, SPLATS).match(paper("Gaussian splatting in 3DGS for video", "Gaussian splatting. 3DGS."))
    assert matched(found) == ["splats", "film"]
    assert found[0].score > found[1].score > 0


@pytest.mark.parametrize("text", ["", " ", "$$", "\n\n", "—", "\x00", "😀", "ﬁ", "İstanbul ǅ ß", "a" * 10_000, "(" * 5_000])
def test_odd_texts_match_nothing_and_raise_nothing(text: str) -> None:
    assert matcher(SPLATS, RAG, FILM).match(paper(text, text)) == ()


def test_letters_whose_lower_case_is_longer_do_not_shift_what_follows() -> None:
    assert matched(matcher(SPLATS, RAG).match(paper("İİİ RAG"))) == ["rag"]


def test_explaining_lists_each_piece_with_its_points_and_the_sum() -> None:
    lines = explain(matcher(SPLATS), paper("Gaussian Splatting", "With rasterization."), topic="splats")
    assert lines[0] == "2606.00001 is under splats"
    assert any("title: Gaussian Splatting" in line and "+3.00" in line for line in lines)
    assert any("abstract: rasterization" in line for line in lines)
    assert "needed" in lines[-1]


def test_explaining_says_why_not() -> None:
    assert (
        explain(matcher(SPLATS), paper("Snow"), topic="splats")[1].strip()
        == "none of its own phrases stands in title or abstract"
    )
    weak = explain(matcher(SPLATS), paper("Snow", "rasterization"), topic="splats")
    assert weak[0] == "2606.00001 is not under splats"
    assert "only supporting phrases" in weak[-1]


def test_explaining_a_parent_names_the_narrower_topic() -> None:
    both = matcher(topic("shape", strong=("surface",)), topic("splats", parent="shape", strong=("3DGS",)))
    lines = explain(both, paper("3DGS"), topic="shape")
    assert lines[:2] == ("2606.00001 is under shape", "  through a narrower topic: Splats, title: 3DGS")


def test_explaining_without_a_topic_lists_all_that_the_paper_is_under() -> None:
    assert explain(matcher(SPLATS, RAG), paper("RAG"))[0].startswith("rag ")
    assert explain(matcher(SPLATS), paper("Snow")) == ("2606.00001 is under no topic",)


@pytest.mark.parametrize("slug", ["nowhere", "above"])
def test_explaining_an_unknown_topic_or_a_heading_is_refused(slug: str) -> None:
    with pytest.raises(InputError, match=slug):
        explain(matcher(topic("above"), topic(parent="above", strong=("kite",))), paper("Kite"), topic=slug)


QUERIED = topic("kites", query="kite AND NOT snow OR au:lovelace", unless="ti:dragon")


def test_a_query_decides_by_itself_outside_of_the_categories_too() -> None:
    (match,) = matcher(QUERIED).match(paper("Flying", "A kite.", categories=("math.CO",)))
    assert (match.reason, match.score) == ("abstract: kite", 2.5)
    assert matcher(QUERIED).match(paper("Flying", "A kite in snow.")) == ()


def test_a_query_found_in_the_title_is_worth_more() -> None:
    titled, untitled = (matcher(QUERIED).match(paper(*texts))[0] for texts in (("A kite", ""), ("Flying", "A kite.")))
    assert titled.score > untitled.score
    assert titled.reason == "title: kite"


def test_what_unless_holds_for_is_never_under_the_topic_but_may_be_under_others() -> None:
    both = matcher(QUERIED, topic("dragons", strong=("dragon",)))
    assert matched(both.match(paper("A dragon kite"))) == ["dragons"]
    phrased = topic("kites", strong=("kite",), unless="ti:dragon")
    assert matched(matcher(phrased).match(paper("A kite", "No dragon."))) == ["kites"]
    assert matcher(phrased).match(paper("A dragon kite")) == ()


def test_explaining_shows_which_part_of_a_query_was_found_where() -> None:
    lines = explain(matcher(QUERIED), paper("A kite", "In snow."), topic="kites")
    assert lines[0] == "2606.00001 is not under kites"
    shown = [line.strip() for line in lines]
    assert "query: kite AND NOT snow OR au:lovelace" in shown
    assert "it does not hold" in shown
    assert {"kite: title", "snow: abstract", "not found: au:lovelace"} <= set(shown)
    held = [line.strip() for line in explain(matcher(QUERIED), paper("A dragon kite"), topic="kites")]
    assert "it holds, so the paper is under the topic" in held
    assert held[held.index("unless: ti:dragon") + 1 :] == ["it holds, so the paper is not under the topic", "ti:dragon: title"]


def test_explaining_a_long_query_lists_a_few_of_the_words_that_are_not_there() -> None:
    asked = topic("kites", query=" OR ".join(f"word{number}" for number in range(30)) + " OR kite")
    last = explain(matcher(asked), paper("A kite"), topic="kites")[-1].strip()
    assert last.startswith("not found: word0, word1")
    assert last.endswith("word7 and 22 more")


def test_the_reason_is_a_phrase_of_the_title_rather_than_a_query_that_says_the_same() -> None:
    both = topic("kites", strong=("box kite",), query="ti:box AND abs:wind")
    assert matcher(both).match(paper("A box kite", "In wind."))[0].reason == "title: box kite"
    assert matcher(both).match(paper("A box", "In wind."))[0].reason == "title: box, abstract: wind"
