"""Accepted translations in real databases: what is needed, what is kept, and for which text it holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import event

from newsletter.db import Database
from newsletter.papers.store import papers as papers_store
from newsletter.translation.store.translations import Accepted, Need, languages_of, needed, save, source_hash, translations
from newsletter.values.papers import Paper
from newsletter.values.translations import Field
from tests.papers import paper_builder

NOW = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)


def a_paper(number: int, *, version: int = 1, title: str = "", abstract: str = "") -> Paper:
    texts = {"title": title or f"Title {number}", "abstract": abstract or f"Abstract {number}"}
    dates = {"submitted": NOW, "updated": NOW, "announced_on": NOW.date()}
    return paper_builder.paper(ref=f"2611.{number:05d}", version=version, **texts, **dates)


def stored(database: Database, *papers: Paper) -> list[int]:
    """Stores ``papers`` and gives their ids."""
    with database.transaction() as session:
        papers_store.store_papers(session, [(paper, ()) for paper in papers], now=NOW)
        found = [papers_store.paper_by_ref(session, paper.ref) for paper in papers]
    return [paper.id for paper in found if paper is not None]


def accept(need: Need, text: str = "文", *, engine: str = "libre") -> Accepted:
    return Accepted(need.paper_id, need.version, need.field, need.language, need.source_hash, text, engine)


def test_title_and_abstract_are_needed_in_the_order_of_the_pairs_and_english_never(database: Database) -> None:
    one, two = stored(database, a_paper(1), a_paper(2))
    with database.reading() as session:
        needs = needed(session, [(two, "ja"), (one, "en"), (one, "zh-CN"), (two, "ja"), (99_999, "ja")])
    assert [(need.paper_id, need.language, need.field, need.text) for need in needs] == [
        (two, "ja", Field.TITLE, "Title 2"),
        (two, "ja", Field.ABSTRACT, "Abstract 2"),
        (one, "zh-CN", Field.TITLE, "Title 1"),
        (one, "zh-CN", Field.ABSTRACT, "Abstract 1"),
    ]
    assert all(need.source_hash == source_hash(need.text) and len(need.source_hash) == 32 for need in needs)


def test_what_is_saved_is_not_needed_again_and_is_found(database: Database) -> None:
    (paper,) = stored(database, a_paper(1))
    with database.transaction() as session:
        title, abstract = needed(session, [(paper, "ja")])
        assert save(session, [accept(title, "題名")], now=NOW) == 1
    with database.reading() as session:
        assert needed(session, [(paper, "ja")]) == [abstract]
        assert len(needed(session, [(paper, "de")])) == 2
        found = translations(session, [paper, 99_999], "ja")[paper]
        assert {field: one.text for field, one in found.items()} == {Field.TITLE: "題名"}
        assert found[Field.TITLE].engine == "libre"
        assert translations(session, [paper], "en") == {}
        assert translations(session, [], "ja") == {}
        assert languages_of(session, paper) == ["ja"]


def test_the_first_of_two_translations_stays(database: Database) -> None:
    (paper,) = stored(database, a_paper(1))
    with database.transaction() as session:
        title, abstract = needed(session, [(paper, "ja")])
        assert save(session, [accept(title, "一")], now=NOW) == 1
    with database.transaction() as session:
        assert save(session, [accept(title, "二", engine="google"), accept(abstract, "三")], now=NOW) == 1
        assert save(session, [], now=NOW) == 0
    with database.reading() as session:
        assert [one.text for one in translations(session, [paper], "ja")[paper].values()] == ["一", "三"]


def test_a_new_version_needs_only_the_text_that_changed(database: Database) -> None:
    first = a_paper(1)
    (paper,) = stored(database, first)
    with database.transaction() as session:
        save(session, [accept(need, need.field.value) for need in needed(session, [(paper, "ja")])], now=NOW)
    stored(database, replace(first, version=2, abstract="Another abstract"))
    with database.transaction() as session:
        (need,) = needed(session, [(paper, "ja")])
        assert (need.field, need.text, need.version) == (Field.ABSTRACT, "Another abstract", 2)
        assert list(translations(session, [paper], "ja")[paper]) == [Field.TITLE]
        save(session, [accept(need, "new")], now=NOW)
        assert translations(session, [paper], "ja")[paper][Field.ABSTRACT].text == "new"


def test_a_text_that_returns_to_what_it_was_has_its_translation_again(database: Database) -> None:
    first = a_paper(1)
    (paper,) = stored(database, first)
    with database.transaction() as session:
        save(session, [accept(need, "old") for need in needed(session, [(paper, "ja")])], now=NOW)
    stored(database, replace(first, version=2, abstract="Another abstract"))
    with database.transaction() as session:
        save(session, [accept(need, "new") for need in needed(session, [(paper, "ja")])], now=NOW)
    stored(database, replace(first, version=3))
    with database.reading() as session:
        assert needed(session, [(paper, "ja")]) == []
        assert translations(session, [paper], "ja")[paper][Field.ABSTRACT].text == "old"


def test_many_papers_in_three_languages_cost_few_queries(database: Database) -> None:
    papers = stored(database, *(a_paper(number) for number in range(600)))
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with database.transaction() as session:
        needs = needed(session, [(paper, language) for paper in papers for language in ("ja", "de", "zh-CN")])
        assert len(needs) == 600 * 2 * 3
        selects = sum(statement.startswith("SELECT") for statement in statements)
        assert save(session, map(accept, needs), now=NOW) == len(needs)
        assert needed(session, [(paper, "ja") for paper in papers]) == []
        assert len(translations(session, papers, "ja")) == 600
    assert selects <= 4
