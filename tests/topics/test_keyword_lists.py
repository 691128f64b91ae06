"""Taking over the keywords of a daily list: what becomes a topic, what is told, and that nothing of the catalogue is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from newsletter.errors import InputError
from newsletter.topics.catalogue import Catalogue, load
from newsletter.topics.keyword_lists import Wanted, added, is_list, take
from newsletter.topics.matching import Matcher
from newsletter.web.page_context import INTERFACE
from tests.cli.forked import Commands
from tests.topics.making import TREE, matched, paper, written

CONFIG = """
user_name: somebody
max_results: 10
keywords:
  "Kites":
    filters: ["Kite", "Kite Flying"]
  "String Theory":
    filters: ["String", "ti:knot AND NOT cat:hep-th", '"wind tunnel" OR all:gust']
"""


def catalogue_of(folder: Path, text: str) -> Catalogue:
    return load(written(folder, text))


def taken(text: str) -> tuple[Wanted, ...]:
    return take(yaml.safe_load(text)).entries


def test_each_keyword_becomes_an_entry_with_its_filters_joined_by_or() -> None:
    assert taken(CONFIG) == (
        Wanted("Kites", "kites", 'Kite OR "Kite Flying"'),
        Wanted("String Theory", "string-theory", 'String OR ti:knot AND NOT cat:hep-th OR "wind tunnel" OR gust'),
    )


def test_what_belongs_to_the_other_program_is_told() -> None:
    assert take(yaml.safe_load(CONFIG)).told == ("not taken: user_name, max_results (settings of the other program)",)


@pytest.mark.parametrize(
    ("filters", "why"),
    [
        ("[7]", "filter 7 not taken: it is no text"),
        ("['']", "filter '' not taken: column 1: a term needs a letter or digit"),
        ("['a AND']", "filter 'a AND' not taken: column 6: a term is missing at the end"),
        ("['NOT kite']", "this brings all papers but some"),
        ("[]", "not taken: it has no list of filters"),
        ("{a: b}", "not taken: it has no list of filters"),
        ("null", "not taken: it has no list of filters"),
    ],
)
def test_a_filter_that_cannot_be_taken_is_told_with_its_keyword_and_the_rest_is_taken(filters: str, why: str) -> None:
    found = take(yaml.safe_load(f"keywords: {{Bad: {{filters: {filters}}}, Good: {{filters: [kite]}}}}"))
    assert [entry.name for entry in found.entries] == ["Good"]
    assert any(line.startswith("Bad: ") and why in line for line in found.told)


@pytest.mark.parametrize("text", ["keywords: []", "keywords:", "keywords: kite", "keywords: {Bad: {filters: [7]}}"])
def test_a_list_of_which_nothing_can_be_taken_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        take(yaml.safe_load(text))


def test_more_filters_than_a_query_holds_are_cut_and_told() -> None:
    found = take({"keywords": {"Many": {"filters": [f"kite {number}" for number in range(120)]}}})
    assert found.entries[0].query.count(" OR ") == 99
    assert "'kite 100' and those after it not taken" in found.told[0]


def test_a_list_is_told_from_a_catalogue() -> None:
    assert is_list(yaml.safe_load(CONFIG))
    assert not is_list(yaml.safe_load(TREE))
    assert not is_list(None)


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["C++ & Rust"], ["c-rust"]),
        (["Café"], ["cafe"]),
        (["扩散模型", "图像"], ["list", "list-2"]),
        (["NeRF", "nerf"], ["nerf", "nerf-2"]),
    ],
)
def test_a_name_becomes_a_slug_of_its_own(names: list[str], slugs: list[str]) -> None:
    found = take({"keywords": {name: {"filters": ["kite"]} for name in names}})
    assert [entry.slug for entry in found.entries] == slugs


def test_the_catalogue_stays_as_it_was_and_the_entries_come_after_it(tmp_path: Path) -> None:
    text, told = added(TREE, catalogue_of(tmp_path, TREE), taken(CONFIG))
    assert text.startswith(TREE)
    assert told[0].startswith("kites-list: taken: Kite OR")
    assert [topic.slug for topic in catalogue_of(tmp_path, text).topics] == ["vision", "kites", "kites-list", "string-theory"]


def test_what_was_taken_says_what_it_means_in_the_languages_of_the_pages(tmp_path: Path) -> None:
    text, _ = added(TREE, catalogue_of(tmp_path, TREE), taken('keywords: {"{Kites}, #1: high": {filters: [kite]}}'))
    topic = catalogue_of(tmp_path, text).by_slug["kites-1-high"]
    assert topic.meaning("en") == "Papers that the query taken over for {Kites}, #1: high finds."
    assert len(set(topic.means.values())) == len(INTERFACE)
    assert all("{Kites}, #1: high" in topic.means[code] for code in INTERFACE)


def test_an_entry_of_ours_that_has_a_query_beside_its_phrases_stays_too(tmp_path: Path) -> None:
    ours = TREE + "  query: dragon\n"
    text, told = added(ours, catalogue_of(tmp_path, ours), taken(CONFIG))
    assert text.startswith(ours)
    assert told[0].startswith("kites-list: taken")


def test_papers_are_matched_by_what_was_taken(tmp_path: Path) -> None:
    text, _ = added(TREE, catalogue_of(tmp_path, TREE), taken(CONFIG))
    matcher = Matcher(catalogue_of(tmp_path, text))
    assert matched(matcher.match(paper("On strings", categories=("math.CO",)))) == ["string-theory"]
    assert matched(matcher.match(paper("Snow", "A gust."))) == ["string-theory"]


def test_taking_the_same_list_again_changes_nothing(tmp_path: Path) -> None:
    once, _ = added(TREE, catalogue_of(tmp_path, TREE), taken(CONFIG))
    twice, told = added(once, catalogue_of(tmp_path, once), taken(CONFIG))
    assert twice == once
    assert told == ("kites-list: as it was", "string-theory: as it was")


def test_a_list_that_changed_replaces_its_entry_and_nothing_else(tmp_path: Path) -> None:
    once, _ = added("# a note\n" + TREE, catalogue_of(tmp_path, TREE), taken(CONFIG))
    twice, told = added(once, catalogue_of(tmp_path, once), taken(CONFIG.replace('["Kite", ', '["Dragon", ')))
    assert told[0] == 'kites-list: replaced: Dragon OR "Kite Flying"'
    assert twice.startswith("# a note\n")
    assert sorted(topic.slug for topic in catalogue_of(tmp_path, twice).topics) == [
        "kites",
        "kites-list",
        "string-theory",
        "vision",
    ]


def test_the_command_adds_a_list_exports_it_and_takes_the_export_back_unchanged(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    said = commands.run(tmp_path, "topics", "import", "config.yaml")
    assert said.returncode == 0, said
    assert "kites: taken: Kite" in said.stdout
    assert "not taken: user_name" in said.stdout
    assert commands.run(tmp_path, "topics", "export", "out.yaml").returncode == 0
    assert commands.run(tmp_path, "topics", "import", "out.yaml").returncode == 0
    assert commands.run(tmp_path, "topics", "export").stdout == (tmp_path / "out.yaml").read_text()


def test_the_command_refuses_a_list_of_which_nothing_can_be_taken_and_keeps_the_catalogue(
    commands: Commands, tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text("keywords: {Bad: {filters: [7]}}")
    said = commands.run(tmp_path, "topics", "import", "config.yaml")
    assert said.returncode == 2
    assert "config.yaml: Bad: filter 7 not taken" in said.stderr
    assert not list((tmp_path / "var").glob("catalogue*"))


def test_the_command_points_at_the_fault_in_a_query(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(TREE.replace("  weak: [wind]", "  query: kite AND\n    (wind OR"))
    said = commands.run(tmp_path, "topics", "import", "bad.yaml")
    assert said.returncode == 2
    message, shown, caret = said.stderr.rstrip("\n").split("\n")
    assert message.endswith("bad.yaml: entry 2 (kites): query: column 18: a term is missing at the end")
    assert shown == "    kite AND (wind OR"
    assert caret.index("^") == len(shown)
