"""Search finds papers by their words in any stored language, on both databases alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bench.population import add_papers
from newsletter.bootstrap import Services
from newsletter.db import Database
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import WINDOWS, Page, index_new, search, windows
from newsletter.search.terms import MOST_PARTS, asked, indexed
from newsletter.translation.store import translations as translation_store
from newsletter.values.translations import Field
from tests.papers.paper_builder import paper
from tests.translation.store.test_translations import accept

NOW = dt.datetime(2026, 6, 26, 8, 0, tzinfo=dt.UTC)
TEXTS = {
    1: ("3D Gaussian Splatting of Rooms", "We render rooms. NeRF-VO is slower."),
    2: ("Diffusion Models for Tides", "A model of tides with Schrödinger bridges in L'Hôpital spaces."),
    3: ("Splatting paint", "It is Gaussian noise."),
}
TRANSLATIONS = {
    ("zh-CN", 2): ("潮汐的扩散模型", "我们研究潮汐。"),
    ("zh-TW", 2): ("潮汐的擴散模型", "我們研究潮汐。"),
    ("ja", 1): ("部屋のガウシアンスプラッティング", "部屋を描画する。"),
    ("ar", 2): ("النموذج الانتشاري للمد", "نقدّم نموذجًا."),
    ("ko", 1): ("방의 가우시안 스플래팅", "우리는 방을 그린다."),
}


def fill(database: Database) -> None:
    papers = [replace(paper(number), title=title, abstract=abstract) for number, (title, abstract) in TEXTS.items()]
    with database.transaction() as session:
        papers_store.store_papers(session, [(one, []) for one in papers], now=NOW)
    for (language, number), texts in TRANSLATIONS.items():
        translate(database, number, language, *texts)
    index_new(database)


def translate(database: Database, number: int, language: str, *texts: str) -> None:
    with database.transaction() as session:
        found = papers_store.paper_by_ref(session, paper(number).ref)
        assert found is not None
        needs = {need.field: need for need in translation_store.needed(session, [(found.id, language)])}
        made = [accept(needs[field], text) for field, text in zip((Field.TITLE, Field.ABSTRACT), texts, strict=True)]
        translation_store.save(session, made, now=NOW)


def numbers(database: Database, query: str, **options: int) -> list[int]:
    with database.reading() as session:
        page = search(session, asked(query), **{"most": 20, **options})
        papers = papers_store.papers_by_ids(session, page.ids)
    return [int(papers[paper_id].ref[-1]) for paper_id in page.ids]


FOUND = [
    ("扩散模型", [2]),
    ("擴散模型", [2]),
    ("潮汐", [2]),
    ("潮", [2]),
    ("散模", [2]),
    ("扩模", []),
    ('"gaussian splatting"', [1]),
    ("gaussian splatting", [3, 1]),
    ("GAUSSIANS", [3, 1]),
    ("نموذج", [2]),
    ("النموذج", [2]),
    ("部屋", [1]),
    ("ガウシアン", [1]),
    ("가우시안", [1]),
    ("nerf-vo", [1]),
    ("NeRF", [1]),
    ("schrodinger bridge", [2]),
    ("l'hopital", [2]),
    ("3d gaussian", [1]),
    ("rooms tides", []),
    ('"rooms we"', []),
    ("", []),
    ('"', []),
    ("...", []),
]


def test_words_phrases_and_scripts_without_spaces_are_found(database: Database) -> None:
    fill(database)
    assert [(query, numbers(database, query)) for query, _ in FOUND] == FOUND


def test_papers_come_by_pages_the_newest_first(database: Database) -> None:
    fill(database)
    with database.reading() as session:
        first = search(session, asked("gaussian"), most=1)
        second = search(session, asked("gaussian"), most=1, skip=1)
    assert (len(first.ids), first.more, len(second.ids), second.more) == (1, True, 1, False)
    assert numbers(database, "gaussian") == [3, 1]


def test_a_changed_text_and_a_new_translation_are_found_and_the_old_text_is_not(database: Database) -> None:
    fill(database)
    changed = replace(paper(1), version=2, title="Voxels of rooms", abstract=TEXTS[1][1])
    with database.transaction() as session:
        papers_store.store_papers(session, [(changed, [])], now=NOW)
    translate(database, 3, "zh-CN", "泼溅颜料", "这是高斯噪声。")
    assert index_new(database) == 2
    assert numbers(database, "voxel") == [1]
    assert numbers(database, '"gaussian splatting"') == []
    assert numbers(database, "颜料") == [3]
    assert index_new(database) == 0


def test_what_is_removed_is_found_no_more(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        found = papers_store.paper_by_ref(session, paper(2).ref)
        assert found is not None
        session.execute(papers_store.delete(papers_store.PaperRow).where(papers_store.PaperRow.id == found.id))
    assert numbers(database, "潮汐") == numbers(database, "tides") == []
    assert numbers(database, "splatting") == [3, 1]


# What would be found, were it an operator, stands behind.
OPERATORS = {
    "'; DROP TABLE papers; --": [],  # no table
    'gaussian" OR "tides': [],  # [3, 2, 1]
    "gaussian | tides": [],  # [3, 2, 1]
    "NEAR(gaussian splatting)": [],  # [3, 1]
    "title:tides": [],  # [2]
    "gaussian & !splatting <-> rooms:*": [1],  # []
    "gaussian -splatting": [3, 1],  # []
    "^tides": [2],  # [], for no text begins with it
    "tides*": [2],
    "\x00tides": [2],
    "a" * 10_000: [],
    "( ) ' \\": [],
}


@pytest.mark.parametrize("query", OPERATORS, ids=lambda query: repr(query)[:40])
def test_what_looks_like_an_operator_is_text(database: Database, query: str) -> None:
    fill(database)
    assert numbers(database, query) == OPERATORS[query]
    assert numbers(database, "tides") == [2]


@given(st.text(max_size=400))
def test_any_text_makes_terms_of_letters_and_digits_and_few_phrases(text: str) -> None:
    assert set(indexed(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    phrases = asked(text)
    assert len(phrases) <= MOST_PARTS
    assert all(term.isalnum() and term.isascii() for phrase in phrases for term in phrase.terms)


@given(st.text(alphabet="扩散模型的ab cガウ방", min_size=2, max_size=12))
def test_a_piece_of_a_text_is_found_in_it(text: str) -> None:
    terms = f" {indexed(text)} "
    for phrase in asked(text):
        wanted = f" {' '.join(phrase.terms)}"
        assert wanted in terms or all(f" {term}" in terms for term in phrase.terms)


def test_a_rare_word_of_old_papers_is_found_behind_thousands_of_newer_ones(
    database_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(database_url)
    narrow = WINDOWS[0]
    add_papers(services, narrow + 100, now=dt.datetime(2026, 6, 26, 6, 0, tzinfo=dt.UTC))
    with services.database.reading() as session:
        among = windows(session)
        rare = search(session, asked("Method5"), most=20, among=among)
        newest = search(session, asked(f"Method{narrow + 100}"), most=20, among=among)
        pages = [search(session, asked("model"), most=3, skip=skip, among=among) for skip in (0, 3)]
        everywhere = [search(session, asked(query), most=2000) for query in ("model", "Method5")]
        assert everywhere == [search(session, asked(query), most=2000, among=among) for query in ("model", "Method5")]
    assert [(window.since, window.first_text) for window in among] == [(dt.date(2026, 6, 23), 101)], (
        "of the wider one there are too few"
    )
    assert rare == Page((41, 40, 39, 38, 37, 36, 35, 5), more=False)
    assert newest.ids[0] == narrow + 100
    if services.database.engine.dialect.name == "postgresql":
        with services.database.transaction() as session:
            waiting = session.scalar(text("SELECT gin_clean_pending_list('ix_search_texts_words'::regclass)"))
        assert waiting <= 16, "pages of words that wait to be sorted in, all of which each search reads"
    found = [paper_id for page in pages for paper_id in page.ids]
    assert len(set(found)) == 6
    assert found == sorted(found, reverse=True), "the newest first, and on from there"
