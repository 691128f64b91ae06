"""The sentence that says what the authors did: it stands in the abstract, and it is the right one where a reader can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.contribution import contribution

PROBLEM = "Robots lose their way in the dark, and existing maps are of little help to them."
RESULT = "Experiments show that it outperforms the state of the art by 12% on three benchmarks."
CODE = "The code is available at https://github.com/a/b."


@pytest.mark.parametrize(
    ("title", "claim"),
    [
        ("Lamp: Maps for the Dark", "We propose Lamp, a map that a robot draws of what it hears."),
        ("Lamp: Maps for the Dark", "This paper introduces Lamp, which draws maps from echoes alone."),
        ("Echoes of Corridors", "We study how echoes in corridors depend on what the walls are made of."),
        ("A Survey of Maps", "This survey reviews two hundred maps that were drawn from sound since 1990."),
        ("Lamp: Maps for the Dark", "A new map of echoes, called Lamp, is proposed for robots that work in the dark."),
        ("On the Limits of Echoes", "We prove that echoes determine the shape of a convex room up to a mirror image."),
    ],
)
def test_the_claim_is_found_between_the_problem_and_the_results(title: str, claim: str) -> None:
    assert contribution(title, f"{PROBLEM} {claim} It runs on small machines. {RESULT} {CODE}") == claim


@pytest.mark.parametrize(
    ("abstract", "told"),
    [
        (
            "Maps of rooms are crucial for robots in the dark. Here we achieve the first map of a room from one echo.",
            "We achieve the first map of a room from one echo.",
        ),
        (
            f"{PROBLEM} To help close this gap in maps and improve the design of lamps, we propose Lamp, a map that is drawn from echoes.",
            "We propose Lamp, a map that is drawn from echoes.",
        ),
        (
            f"{PROBLEM} Lamp, a set of recordings in corridors (avg. 98 minutes), is introduced. We validate Lamp on new recordings.",
            "Lamp, a set of recordings in corridors (avg. 98 minutes), is introduced.",
        ),
        (
            f"{PROBLEM} We characterize it. This project introduces Lamp, which draws maps of rooms.",
            "This project introduces Lamp, which draws maps of rooms.",
        ),
    ],
)
def test_background_side_findings_and_what_points_back_are_passed_over(abstract: str, told: str) -> None:
    assert contribution("Lamp: Maps of Rooms for Robots", abstract) == told


def test_of_two_claims_the_first_counts() -> None:
    first, second = "We present Lamp, a map of echoes.", "We also present a data set of echoes in the dark."
    assert contribution("Lamp", f"{first} {second}") == first


def test_without_a_claim_it_is_the_sentence_nearest_to_the_title() -> None:
    near = "Echoes in corridors carry the shape of the walls over long distances."
    assert contribution("Echoes in corridors and the shape of walls", f"{PROBLEM} {near} {RESULT}") == near


@pytest.mark.parametrize("abstract", ["", "  ", "...", "42."])
def test_where_there_is_no_sentence_there_is_no_summary(abstract: str) -> None:
    assert contribution("Title", abstract) == ""


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=120), max_size=8))
def test_it_always_stands_in_the_abstract_word_for_word(title: str, parts: list[str]) -> None:
    abstract = ". ".join(parts)
    assert contribution(title, abstract) in abstract
