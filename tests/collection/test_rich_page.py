"""The page that says more: contents that lead somewhere, ids, curators, dates and abstracts in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from newsletter.collection.bodies import pieces_of
from newsletter.collection.importing import import_document
from newsletter.collection.publishing import published
from newsletter.collection.reading import read
from newsletter.collection.rich_page import anchors_of
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Draft, NodeKind
from newsletter.db import Database, connect
from newsletter.papers.store import papers as papers_store
from newsletter.text.anchors import anchor_of
from newsletter.translation.store import translations as translation_store
from newsletter.values.translations import Field
from tests.collection.making import LATER, NOW, an_entry
from tests.collection.pages import NOTEBOOK
from tests.papers.paper_builder import paper as a_paper

ABSTRACT = "We learn $\\alpha_t$ of [gait] from 2 * 3 shadows."


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """SQLite alone: what is read from the other one is tested with the store."""
    database = connect(sqlite_url)
    yield database
    database.close()


def page(database: Database, language: str = "en") -> str:
    with database.reading() as session:
        return published(session, language=language, classic=False)


@pytest.fixture
def filled(database: Database) -> Database:
    """The notebook, and the paper of its first entry with a translation into German."""
    with database.transaction() as session:
        import_document(session, read(NOTEBOOK), now=NOW, who="curator")
        papers_store.store_papers(session, [(a_paper(ref="2606.26101", abstract=ABSTRACT), ())], now=NOW)
        paper = papers_store.paper_by_ref(session, "2606.26101")
        assert paper is not None
        made = translation_store.Accepted(
            paper.id, 1, Field.ABSTRACT, "de", translation_store.source_hash(ABSTRACT), "Wir lernen Gang.", "libre"
        )
        translation_store.save(session, [made], now=NOW)
    return database


def entry_on(text: str, title: str) -> str:
    """The stretch of a page from the heading with ``title`` to the next one of its level."""
    return re.split(r"\n#{1,3} ", text[text.index(title) :], maxsplit=1)[0]


def test_each_line_of_the_contents_leads_to_the_heading_of_its_section(filled: Database) -> None:
    text = page(filled)
    listed = re.findall(r"^( *)- \[(.+?)\]\(#(.+?)\)$", text, re.MULTILINE)
    assert [(len(space), title) for space, title, _ in listed] == [(0, "Motion"), (2, "Walking"), (0, "Only words"), (2, "Data")]
    headings = [line for line in text.splitlines() if line.startswith("#")]
    where = dict(zip(anchors_of(text), (line.lstrip("# ") for line in headings), strict=True))
    assert [where[anchor] for _, _, anchor in listed] == [title for _, title, _ in listed]


def test_an_entry_says_its_arxiv_id_who_picked_it_and_when(filled: Database) -> None:
    with filled.transaction() as session:
        draft = an_entry("New_Shoes", url="https://arxiv.org/abs/2606.00001", picked_by="Ada *L*")
        nodes_store.add(session, draft, parent=None, who="Ada", now=LATER)
    assert (
        "arXiv: [2606.00001](https://arxiv.org/abs/2606.00001) · picked by Ada \\*L\\* · added on 2026-11-28"
        in entry_on(page(filled), "New_Shoes").splitlines()
    )


def test_the_abstract_stands_in_the_language_asked_where_the_paper_has_it(filled: Database) -> None:
    assert "Wir lernen Gang." in entry_on(page(filled, "de"), "Walking Lights")
    english = entry_on(page(filled, "en"), "Walking Lights")
    assert "We learn $\\alpha_t$ of \\[gait\\] from 2 \\* 3 shadows." in english
    assert "我們從影子學習步態" not in english
    assert "**先看這一句。**" in english
    for language in ("zh-TW", "ja"):
        assert "我們從影子學習步態" in entry_on(page(filled, language), "Walking Lights")


def test_an_entry_without_an_abstract_gets_that_of_its_paper(filled: Database) -> None:
    with filled.transaction() as session:
        draft = an_entry("Bare", url="https://arxiv.org/pdf/2606.26101", pieces=pieces_of("A note.\n"))
        nodes_store.add(session, draft, parent=None, who="Ada", now=LATER)
    assert re.search(r"A note\.\n+#### Abstract\nWe learn ", entry_on(page(filled), "Bare"))


def test_words_of_ours_are_in_the_language_of_the_page(filled: Database) -> None:
    assert "## 目錄" in page(filled, "zh-TW")
    assert "收錄於 2026-11-28" in page(filled, "zh-TW")


def test_what_is_added_is_seen_by_a_renderer_and_its_marks_are_not(filled: Database) -> None:
    shown = MarkdownIt("commonmark").enable("table").render(page(filled))
    assert "<h2>Contents</h2>" in shown
    assert '<p>arXiv: <a href="https://arxiv.org/abs/2606.26101">2606.26101</a>' in shown
    assert "made by publishing" not in re.sub(r"<!--.*?-->", "", shown)


def test_headings_that_only_people_take_for_some_are_made_so_for_renderers(database: Database) -> None:
    text = "#Motion\n##Walking\n###[A Title\nThat Breaks](http://a.b)[2023]\n####摘要\n我們。\n"
    with database.transaction() as session:
        import_document(session, read(text), now=NOW, who="curator")
    shown = MarkdownIt("commonmark").render(page(database))
    for heading in (
        "<h1>Motion</h1>",
        "<h2>Walking</h2>",
        '<h3><a href="http://a.b">A Title That Breaks</a>[2023]</h3>',
        "<h4>摘要</h4>",
    ):
        assert heading in shown
    assert "[Walking](#walking)" in page(database)


def test_an_image_with_a_size_hint_is_seen_by_every_renderer_with_what_follows_it(filled: Database) -> None:
    shown = MarkdownIt("commonmark").render(page(filled))
    assert '<img src="https://example.org/gait.png" alt="" width="50%">' in shown
    assert '<a href="https://github.com/lights/gait">lights/gait</a>' in shown
    assert '<img src="https://example.org/a.png" alt="" width="80%"><a href="https://github.com/owner/code">' in shown


def test_what_a_stranger_calls_a_page_is_words_and_nothing_else(database: Database) -> None:
    hostile = "<script>alert(1)</script> ](http://evil.example) [x](http://evil.example) <img src=x onerror=alert(1)>"
    with database.transaction() as session:
        section = nodes_store.add(session, Draft(NodeKind.SECTION, title=hostile), parent=None, who="Ada", now=NOW)
        draft = an_entry(hostile, url="https://example.org/a b<c>", dated=hostile, picked_by=hostile)
        entry = nodes_store.add(session, draft, parent=section.id, who="Ada", now=NOW)
    shown = MarkdownIt("commonmark").render(page(database))
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="https://example.org/a%20b%3Cc%3E"' in shown
    with database.reading() as session:
        again = read(published(session, language="en", classic=True)).items
    assert [(item.draft.title, item.draft.kind) for item in again] == [
        (section.title, NodeKind.SECTION), (entry.title, NodeKind.ENTRY),
    ]  # fmt: skip


def test_a_collection_without_sections_needs_no_contents(database: Database) -> None:
    with database.transaction() as session:
        nodes_store.add(session, an_entry(), parent=None, who="Ada", now=NOW)
    assert "Contents" not in page(database)


def test_an_empty_collection_is_an_empty_page(database: Database) -> None:
    assert page(database) == ""
    with database.transaction() as session:
        nodes_store.add(session, Draft(NodeKind.SECTION, title="Alone"), parent=None, who="Ada", now=NOW)
    assert "[Alone](#alone)" in page(database)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## Text-to-Motion(nice)", "text-to-motionnice"),
        ("# 科学|Spaces議題", "科学spaces議題"),
        ("## C++ & C#, again!", "c--c-again"),
        ("### [A `b` c](http://d.e)[2023年]", "a-b-c2023年"),
        ("## **Bold** snake_case ##", "bold-snake_case"),
        ("# Über  uns", "über-uns"),
        (r"## \[x\]", "x"),
        ("## ![pic](http://a.b) end", "pic-end"),
    ],
)
def test_anchors_are_made_as_github_makes_them(heading: str, anchor: str) -> None:
    assert anchor_of(heading) == anchor


def test_headings_that_come_again_are_numbered() -> None:
    assert anchors_of("# A\n# A\n# A-1\n# A\n") == ["a", "a-1", "a-1-1", "a-2"]
    assert anchors_of("# [A\n](http://b.c)\n# A\n") == ["a", "a-1"]
