"""A collection from a file into the database, and out again."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsletter.cli import main
from newsletter.collection.bodies import pieces_of
from newsletter.collection.faults import LARGEST
from newsletter.collection.importing import Report, import_document, with_origins
from newsletter.collection.publishing import published
from newsletter.collection.reading import read
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Draft, Node, NodeKind, Piece, PieceKind
from newsletter.db import Database, connect
from newsletter.errors import InputError
from tests.collection.making import LATER, NOW, an_entry
from tests.collection.pages import ENGLISH, NOTEBOOK


def brought_in(database: Database, text: str) -> Report:
    with database.transaction() as session:
        return import_document(session, read(text), now=NOW, who="curator")


def page(database: Database, *, classic: bool = True, language: str = "en") -> str:
    with database.reading() as session:
        return published(session, language=language, classic=classic)


def named(database: Database, title: str) -> Node:
    with database.reading() as session:
        return next(node for node in nodes_store.tree(session) if node.title == title)


def edited(database: Database, name: str, /, **fields: object) -> Node:
    node = named(database, name)
    with database.transaction() as session:
        return nodes_store.change(session, node.id, seen_version=node.version, fields=fields, who="Ada", now=LATER)


def difference(before: str, after: str) -> list[str]:
    """The lines that differ, with + and -, blank ones left out."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line.rstrip() for line in lines if line[0] in "+-" and line[1:].strip()]


@pytest.mark.parametrize("text", [NOTEBOOK, ENGLISH], ids=["notebook", "english"])
def test_what_was_imported_is_published_letter_by_letter(database: Database, text: str) -> None:
    brought_in(database, text)
    assert page(database) == text


def test_the_report_counts_what_came_and_tells_what_was_not_understood(database: Database) -> None:
    report = brought_in(database, NOTEBOOK)
    assert (report.sections, report.entries, report.texts, report.changed, report.unchanged) == (4, 4, 2, 0, 0)
    assert report.remarks == read(NOTEBOOK).remarks


def test_a_second_import_changes_nothing(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    with database.reading() as session:
        before = nodes_store.changes(session, limit=100)
    report = brought_in(database, NOTEBOOK)
    assert report.did_nothing
    assert report.unchanged == 10
    with database.reading() as session:
        assert nodes_store.changes(session, limit=100) == before


def test_a_second_import_leaves_what_editors_did(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    edited(database, "Walking", title="Gait")
    edited(database, "Standing Still", dated="CVPR 2020")
    with database.transaction() as session:
        nodes_store.remove(session, named(database, "A Data Set").id, who="Ada", now=LATER)
        nodes_store.move(session, named(database, "Gait").id, parent=None, after=None, who="Ada", now=LATER)
    before = page(database)
    assert brought_in(database, NOTEBOOK).did_nothing
    assert page(database) == before


def test_what_was_imported_is_no_news_and_knows_its_paper(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    with database.reading() as session:
        assert nodes_store.entries_since(session, 0) == []
        assert [node.title for node in nodes_store.entries_since(session, NOW.replace(year=2000))] == [
            "Walking Lights: Gait from Shadows", "A Title That Breaks", "Standing Still", "A Data Set",
        ]  # fmt: skip
    assert named(database, "Walking Lights: Gait from Shadows").paper_ref == "2606.26101"


def test_a_title_changed_here_and_an_entry_added_here_are_all_that_differs(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    edited(database, "A Title That Breaks", title="A Title That Held")
    still = named(database, "Standing Still")
    with database.transaction() as session:
        draft = an_entry("New Shoes", url="https://example.org/shoes", dated="2026-11", pieces=pieces_of("Look at these.\n"))
        nodes_store.add(session, draft, parent=still.parent_id, after=still.id, who="Ada", now=LATER)
    assert difference(NOTEBOOK, page(database)) == [
        "- ### [A Title That Breaks",
        "+ ### [A Title That Held",
        "+ ### [New Shoes](https://example.org/shoes)[2026-11]",
        "+ Look at these.",
        "+ ---------",
    ]


def test_what_the_file_says_otherwise_later_is_followed_unless_an_editor_was_there(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    edited(database, "A Data Set", dated="2023")
    newer = NOTEBOOK.replace("CVPR 2019", "CVPR 2020").replace("2023年8月22]", "2023年8月23日]").replace("We walk.", "We run.")
    newer = newer.replace("# Only words", "### [Running](https://example.org/run)\n#### Abstract\nNew.\n\n---\n\n# Only words")
    report = brought_in(database, newer)
    assert (report.entries, report.changed) == (1, 2)
    assert [remark.what for remark in report.remarks if "changed here and in the file" in remark.what] == [
        "'A Data Set' was changed here and in the file: the one here stays"
    ]
    assert difference(newer, page(database)) == [
        "- ### [A Data Set](https://huggingface.co/datasets/a/b)[2023年8月23日]",
        "+ ### [A Data Set](https://huggingface.co/datasets/a/b)[2023]",
    ]


def test_what_is_published_can_be_imported_again_and_changes_nothing(database: Database) -> None:
    brought_in(database, NOTEBOOK)
    walking = named(database, "Walking")
    with database.transaction() as session:
        nodes_store.add(session, an_entry("Added", url="https://example.org/added"), parent=walking.id, who="Ada", now=LATER)
        nodes_store.add(session, Draft(NodeKind.SECTION, title="New"), parent=None, who="Ada", now=LATER)
    edited(database, "Motion", title="Movement")
    for classic in (True, False):
        text = page(database, classic=classic)
        report = brought_in(database, text)
        assert report.did_nothing
        assert [remark.what for remark in report.remarks] == [remark.what for remark in read(NOTEBOOK).remarks]


@pytest.mark.parametrize(("moved", "expected"), [(False, ["a", "new", "b"]), (True, ["b", "new"])])
def test_what_a_newer_file_has_more_comes_behind_what_it_stood_behind(
    database: Database, moved: bool, expected: list[str]
) -> None:
    entries = {name: f"## [{name}](http://a.b/{name})\n\n" for name in ("a", "new", "b")}
    brought_in(database, "# S\n" + entries["a"] + entries["b"])
    if moved:
        with database.transaction() as session:
            nodes_store.move(session, named(database, "a").id, parent=None, after=None, who="Ada", now=LATER)
    assert brought_in(database, "# S\n" + "".join(entries.values())).entries == 1
    section = named(database, "S")
    with database.reading() as session:
        assert [node.title for node in nodes_store.tree(session) if node.parent_id == section.id] == expected


def test_an_addition_stands_apart_from_what_was_there(database: Database) -> None:
    brought_in(database, "# S\n## [a](http://a.b/a)\nWords.\n## [b](http://a.b/b)\nEnd without a line break")
    with database.transaction() as session:
        for name in ("a", "b"):
            node = named(database, name)
            nodes_store.add(session, an_entry(f"after {name}"), parent=node.parent_id, after=node.id, who="Ada", now=LATER)
    rule = "---------\n\n"
    assert page(database) == (
        f"# S\n## [a](http://a.b/a)\nWords.\n\n## after a\n\n{rule}## [b](http://a.b/b)\nEnd without a line break\n\n## after b\n\n{rule}"
    )


def test_the_same_thing_listed_twice_is_kept_twice(database: Database) -> None:
    entry = "### [T](http://a.b/c)\n#### Abstract\nx\n\n"
    text = f"# One\n{entry}{entry}# Two\n{entry}# One\nagain\n"
    brought_in(database, text)
    assert page(database) == text
    assert brought_in(database, text).did_nothing


# ---------------------------------------------------------------- the example beside the project


@pytest.fixture(scope="module")
def example(shared_data: Path) -> str:
    return (shared_data / "pages" / "curated-collection.md").read_text(encoding="utf-8")


def test_the_example_comes_back_as_it_went_in(database: Database, example: str) -> None:
    report = brought_in(database, example)
    assert (report.sections, report.entries, report.texts) == (38, 55, 3)
    assert page(database).split() == example.split()
    assert brought_in(database, example).did_nothing


# ---------------------------------------------------------------- broken files

BROKEN = {
    "cut in a link": (NOTEBOOK[: NOTEBOOK.index("//example.org/still")], "line 29: ends within a link"),
    "cut in a title": (NOTEBOOK[: NOTEBOOK.index("anding Still")], "line 29: ends within a link"),
    "cut in an image": (NOTEBOOK[: NOTEBOOK.index("/gait.png")], "line 9: ends within a link"),
    "cut in a table": (NOTEBOOK[: NOTEBOOK.index(" | 7 |") + 3], "line 32: ends within a row of a table"),
    "cut in a block": (NOTEBOOK + "\n```\nx\n", "line 50: the block that begins here does not end"),
    "cut in a comment": (NOTEBOOK + "\n<!--\nx\n", "line 50: the comment that begins here does not end"),
    "cut in code": (NOTEBOOK + "\n<pre>\nx\n", "line 50: the block that begins here does not end"),
    "a picture": ("\x89PNG\r\n\x1a\n\x00\x00", "line 2: holds the control character 0x1a"),
    "no collection": ("Only words.\n", "line 1: no section and no entry"),
    "empty": ("", "line 1: no section and no entry"),
    "large": ("# A\n" * (LARGEST // 4 + 1), "20 million letters, and a collection at most 20"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_line_and_nothing_is_stored(sqlite_url: str, name: str) -> None:
    text, message = BROKEN[name]
    database = connect(sqlite_url)
    with pytest.raises(InputError, match=message):
        brought_in(database, text)
    with database.reading() as session:
        assert nodes_store.tree(session) == []
    database.close()


# ---------------------------------------------------------------- by the command


@pytest.fixture
def command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `newsletter ARGS` on a database of its own."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(main, list(args), prog_name="newsletter")


def test_the_command_knows_a_collection_and_says_what_it_did(command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "picks.md").write_text(NOTEBOOK, encoding="utf-8")
    rehearsal = command("import", "picks.md", "--dry-run")
    assert "4 entries new" in rehearsal.output
    first = command("import", "picks.md")
    assert (first.exit_code, "4 entries new" in first.output) == (0, True)
    assert "line 28: a text between entries" in first.output
    assert "nothing changed" in command("import", "picks.md").output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# 標題\n".encode() + "摘要".encode("big5"), "line 2: this is no UTF-8"),
        (b"# A\n\x00", "line 2: this is no text"),
        (NOTEBOOK[: NOTEBOOK.index(" | 7 |") + 3].encode(), "line 32: ends within a row of a table"),
        (b"x" * 50_000_000, "50 MB"),
    ],
    ids=["big5", "binary", "cut", "50 MB"],
)
def test_the_command_refuses_a_broken_file_with_its_line(
    command: Callable[..., Result], tmp_path: Path, sqlite_url: str, content: bytes, message: str
) -> None:
    (tmp_path / "picks.md").write_bytes(content)
    answer = command("import", "picks.md", "--as", "collection")
    assert answer.exit_code != 0
    assert message in str(answer.exception) + answer.output
    database = connect(sqlite_url)
    with database.reading() as session:
        assert nodes_store.tree(session) == []
    database.close()


def test_a_text_is_known_again_however_it_was_cut_into_pieces() -> None:
    """An earlier version kept a text and the quotation below it as one piece."""
    (item,) = read("**About.**\n> Quoted.\n").items
    whole = replace(item, draft=replace(item.draft, pieces=(Piece(PieceKind.TEXT, "**About.**\n> Quoted."),)))
    assert len(item.draft.pieces) == 2
    assert with_origins([whole])[0].draft.origin == with_origins([item])[0].draft.origin
