"""Words to which a sign belongs are found as they are, in phrases of the catalogue, in queries and in the search."""

from __future__ import annotations

import pytest

from newsletter.db import Database
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new, search
from newsletter.search.terms import asked
from newsletter.text.tokens import read
from newsletter.topics.phrase_automaton import Patterns
from newsletter.topics.queries.matching import QuerySet
from newsletter.topics.queries.parser import parse
from tests.archive.bringing import NOW
from tests.papers.paper_builder import paper

# phrase, what it is found in, what it is not found in
WORDS = [
    ("C++", ["code in C++.", "C++17 code", "a C++ compiler"], ["code in C.", "C# and C", "vitamin C"]),
    ("C#", ["code in C#, too", "(C#)"], ["code in C++", "C, D", "page C"]),
    ("F#", ["F# programs"], ["F1 score", "an F score"]),
    (".NET", ["the .NET runtime", "on .NET."], ["a net of roads", "NET income", "a NET"]),
    ("GPT-4+", ["we use GPT-4+ here"], ["we use GPT-4 here", "GPT-4o"]),
    ("Q-learning", ["deep Q-learning", "Q learning"], ["learning", "Q and learning"]),
    (
        "R",
        ["packages in R.", "R and Python", "(R)", "R's packages", "R/Python", "R, Julia", "tidy R: a study", "R"],
        [
            "r of the circle",
            "ResNet",
            "for r in rows",
            "Faster R-CNN",
            "R‑CNN",
            "R^2 of 0.9",
            "R²",
            "$R$",
            "over ℝ",
            "ℝ^d",
            "an R(t) curve",
            "R = 3",
            "n < R",
        ],
    ),
    ("C", ["code in C.", "C and C++", "C/C++ code"], ["C++ code", "C#", "a C-arm", "vitamin-C", "NaCl", "C_max"]),
    ("D", ["the D compiler"], ["3-D scenes", "3D", "R&D", "D-dimer", "2.5-D"]),
    ("J", ["an array language, J"], ["J-PET", "J.R. Smith", "K/J"]),
    ("K", ["kdb and K"], ["K-means", "top-K", "K* mesons"]),
    ("Q", ["the language Q"], ["Q-learning", "Q-former", "Q(s, a)", "max Q(s)"]),
    ("O", ["O"], ["I/O", "O/I"]),
    ("R&D", ["our R&D budget"], ["R and D", "RD", "R D"]),
    ("mAP@0.5", ["reaches mAP@0.5 of 3"], ["a map of 05", "mAP"]),
    ("3D/4D", ["for 3D/4D scenes"], ["3D scenes, 4D", "4D"]),
    ("VGGT-SLAM++", ["we call it VGGT-SLAM++."], ["VGGT-SLAM is older"]),
    ("σ-kettle", ["a σ-kettle boils"], ["a kettle"]),
    # A word without the sign is found with it too: SLAM++ is a SLAM.
    ("SLAM", ["VGGT-SLAM++ maps"], ["slam the door"]),
]


@pytest.mark.parametrize(("phrase", "inside", "outside"), WORDS, ids=[word for word, _, _ in WORDS])
def test_a_phrase_with_a_sign_is_found_just_there(phrase: str, inside: list[str], outside: list[str]) -> None:
    patterns: Patterns[str] = Patterns()
    patterns.add(phrase, phrase)
    assert [text for text in [*inside, *outside] if list(patterns.hits(read(text)))] == inside


@pytest.mark.parametrize("query", ['"C++"', "C++", "ti:C++", '"C#" OR "C++"'])
def test_a_query_for_a_word_with_a_sign_finds_just_that(query: str) -> None:
    queries = QuerySet({"it": parse(query)})
    titles = ["Compilers for C++", "Compilers for C", "A C Compiler in C"]
    assert [title for title in titles if queries.match(paper(1, title=title, abstract="We compile."))] == titles[:1]


@pytest.mark.parametrize("query", ["R", "ti:R", '"R"', "r"])
def test_a_query_for_a_name_of_one_letter_finds_the_name_alone(query: str) -> None:
    queries = QuerySet({"it": parse(query)})
    titles = ["Statistics in R", "Faster R-CNN", "A High R^2", "R&D in Firms"]
    assert [title for title in titles if queries.match(paper(1, title=title, abstract="We compute."))] == titles[:1]


def test_the_search_finds_a_word_with_a_sign_just_where_it_stands(database: Database) -> None:
    titles = ["Compilers for C++", "Compilers for C", "Vitamin C", "C# for All", "100% of C"]
    with database.transaction() as session:
        papers = [(paper(number, title=title, abstract="We compile."), []) for number, title in enumerate(titles, start=1)]
        papers_store.store_papers(session, papers, now=NOW)
    index_new(database)
    with database.reading() as session:
        for query, wanted in (("C++", titles[:1]), ("c#", titles[3:4]), ("C", titles), ('"for c++"', titles[:1])):
            found = search(session, asked(query), most=9).ids
            assert sorted(papers_store.papers_by_ids(session, found)[one].title for one in found) == sorted(wanted), query
