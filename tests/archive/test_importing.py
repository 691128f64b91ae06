"""A published list becomes papers, topics and translations, once, whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from newsletter.archive.formats.decoding import decode
from newsletter.archive.formats.registry import Incoming, format_of, names
from newsletter.archive.importing import ImportOptions
from newsletter.bootstrap import Services
from newsletter.daily.select import build_candidate_set
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import search
from newsletter.search.terms import asked
from newsletter.subscribers.store import readers as readers_store
from newsletter.tables.base import Base
from newsletter.tables.lists import ListBlockRow, ListRow, ListTopicRow
from newsletter.tables.papers import MatchRow, PaperRow
from newsletter.tables.translations import TranslationRow
from newsletter.translation.store import translations as translation_store
from newsletter.values.list_formats import ListFormat
from newsletter.values.translations import Field
from tests.archive.bringing import NOW, bring
from tests.archive.list_pages import README, STORE, TLDR
from tests.factories import a_subscriber
from tests.papers.paper_builder import paper


def counts(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        tables = {name: table for name, table in Base.metadata.tables.items() if name != "counters"}
        return {name: session.execute(select(func.count()).select_from(table)).scalar_one() for name, table in tables.items()}


def test_every_format_that_can_be_asked_for_is_read_and_written() -> None:
    assert sorted(names()) == sorted(ListFormat)


def test_each_row_is_a_paper_a_topic_and_a_translation_with_its_language(services: Services) -> None:
    report = bring(services, README, "mine")
    told = dict(report.counts)
    assert (report.format, told["topics"], told["rows"], told["papers"], told["papers new"]) == ("jekyll", 2, 4, 3, 3)
    with services.database.reading() as session:
        found = papers_store.papers_by_refs(session, ["2606.10001", "2606.10002", "2606.10003"])
        one, two = found["2606.10001"], found["2606.10002"]
        assert (one.title, one.announced_on, one.announced_estimated) == (
            "Fields of Light: $|x|$ Matters", dt.date(2026, 6, 22), True,
        )  # fmt: skip
        assert [link.url for link in one.links] == ["https://github.com/lights/fields"]
        assert two.version == 2
        texts = {row.paper_id: (row.language, row.engine) for row in session.scalars(select(TranslationRow))}
        assert texts == {one.id: ("zh-CN", "imported"), two.id: ("zh-TW", "imported")}
        assert [row.slug for row in session.scalars(select(ListTopicRow).order_by(ListTopicRow.place))] == ["nerf", ""]
        reasons = {row.topic: row.reason for row in session.scalars(select(MatchRow).where(MatchRow.paper_id == two.id))}
        assert reasons["nerf"] == "list: mine"


def test_an_imported_paper_is_new_to_nobody_and_no_announcement(services: Services) -> None:
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(paper(1, announced_on=dt.date(2026, 6, 20)), [])], now=NOW)
    bring(services, README)
    with services.database.reading() as session:
        found = papers_store.papers_by_refs(session, ["2606.10001", "2606.00001"])
        assert found["2606.10001"].number < 0 < found["2606.00001"].number
        assert papers_store.newest_day(session) == dt.date(2026, 6, 20)
        assert papers_store.number_before(session, dt.date(2026, 6, 21)) == 1
        assert [one.ref for one in papers_store.papers_announced(session, dt.date(2026, 6, 22))] == ["2606.10001"]


def test_an_imported_paper_is_found_by_words_of_its_translation(services: Services) -> None:
    bring(services, README)
    with services.database.reading() as session:
        found = search(session, asked("辐射场"), most=5)
        assert [papers_store.papers_by_ids(session, found.ids)[one].ref for one in found.ids] == ["2606.10001"]


def test_a_stored_paper_is_kept_as_it_is(services: Services) -> None:
    known = paper(1, ref="2606.10001", title="The True Title", abstract="What it says.")
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(known, [])], now=NOW)
        before = papers_store.paper_by_ref(session, "2606.10001")
    bring(services, README)
    with services.database.reading() as session:
        after = papers_store.paper_by_ref(session, "2606.10001")
    assert before is not None and after is not None
    assert (after.title, after.abstract, after.submitted, after.number) == (
        "The True Title", "What it says.", before.submitted, before.number,
    )  # fmt: skip


@pytest.mark.parametrize("text", [README, TLDR, STORE], ids=["tables", "notes", "store"])
def test_a_second_import_changes_nothing(services: Services, text: str) -> None:
    assert not bring(services, text).unchanged
    before = counts(services)
    again = bring(services, text)
    told = dict(again.counts)
    assert (again.unchanged, told["papers new"], told["translations new"], told["links new"]) == (True, 0, 0, 0)
    assert counts(services) == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(services: Services) -> None:
    before = counts(services)
    report = bring(services, README, dry_run=True)
    told = dict(report.counts)
    assert (told["papers new"], told["translations new"]) == (3, 2)
    assert counts(services) == before


def test_an_engine_is_neither_asked_for_an_imported_text_nor_writes_over_it(quick: Services) -> None:
    bring(quick, TLDR)
    with quick.database.transaction() as session:
        one = papers_store.paper_by_ref(session, "2404.00001")
        assert one is not None
        assert translation_store.needed(session, [(one.id, "zh-CN")]) == []
        assert [need.field for need in translation_store.needed(session, [(one.id, "zh-TW")])][:2] == ["title", "abstract"]
        made = translation_store.Accepted(
            one.id, 1, Field.TITLE, "zh-CN", translation_store.source_hash(one.title), "机器的话", "google"
        )
        translation_store.save(session, [made], now=NOW)
        shown = translation_store.translations(session, [one.id], "zh-CN")[one.id][Field.TITLE]
    assert (shown.text, shown.engine) == ("会学习的网格", "imported")


def test_an_imported_text_outlives_a_new_version_of_its_paper(quick: Services) -> None:
    bring(quick, TLDR)
    with quick.database.transaction() as session:
        papers_store.store_papers(session, [(paper(1, ref="2404.00001", version=3, abstract="All new."), [])], now=NOW)
        one = papers_store.paper_by_ref(session, "2404.00001")
        assert one is not None and one.abstract == "All new."
        assert Field.ABSTRACT in translation_store.translations(session, [one.id], "zh-CN")[one.id]


def test_what_a_list_says_of_a_topic_outlives_a_new_version_of_the_paper(quick: Services) -> None:
    bring(quick, README)
    with quick.database.transaction() as session:
        papers_store.store_papers(session, [(paper(1, ref="2606.10002", version=3), [])], now=NOW)
        one = papers_store.paper_by_ref(session, "2606.10002")
        assert one is not None
        assert [found.topic for found in papers_store.matches_of(session, [one.id])[one.id]] == ["nerf"]


def test_readers_get_no_mail_of_what_was_imported(quick: Services) -> None:
    with quick.database.transaction() as session:
        a_subscriber(session, "nerf", cursor=None, confirmed_at=NOW - dt.timedelta(days=3), created_at=NOW)
        papers_store.store_papers(session, [(paper(1, announced_on=dt.date(2026, 6, 24)), [])], now=NOW)
    bring(quick, README)
    with quick.database.reading() as session:
        readers = readers_store.readers(session, on=NOW.date())
        candidate_set = build_candidate_set(quick, session, readers, now=NOW)
    assert "2606.10001" not in str(candidate_set)


def test_another_page_of_the_same_name_replaces_nothing_by_itself(quick: Services) -> None:
    bring(quick, README, "mine")
    other = README.replace("A word of the editors", "Another word")
    with pytest.raises(InputError, match="--replace"):
        bring(quick, other, "mine")
    assert not bring(quick, other, "mine", replace=True).unchanged
    with quick.database.reading() as session:
        assert session.scalars(select(ListRow.name)).all() == ["mine"]
        assert any("Another word" in str(row.pieces) for row in session.scalars(select(ListBlockRow)))


def test_a_broken_file_leaves_nothing_behind(quick: Services) -> None:
    before = counts(quick)
    for text in (README[: README.index("[2606.10003]")], TLDR[:-300], STORE[:-9]):
        with pytest.raises(InputError, match="line"):
            bring(quick, text)
    assert counts(quick) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"# A\n\n|\xff|", "line 3: this is no UTF-8"),
        (b"# A\n\x00\x01", "line 2: this is no text"),
        ("# Ä".encode("utf-16"), "UTF-16"),
        (b" \n", "is empty"),
        (b"x" * 50_000_000, "50 MB"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        decode(data, name="list.md")


def test_a_store_of_two_thousand_rows_is_taken_in_by_few_statements(quick: Services) -> None:
    words = "一种新的方法在许多数据上都优于现有的方法并且更快。" * 4
    store = {
        f"Topic {topic}": {
            ref: f"|**2026-0{1 + number % 5}-11**|**A Paper on Thing {number}**|{words} et.al.|[{ref}](http://arxiv.org/abs/{ref})|null|\n"
            for number in range(topic * 250, (topic + 1) * 250)
            for ref in [f"260{1 + number % 5}.{20000 + number}"]
        }
        for topic in range(8)
    }
    text = json.dumps(store, ensure_ascii=False)
    told: list[tuple[int, int]] = []
    statements: list[str] = []
    event.listen(quick.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    report = format_of(text).import_list(
        quick, Incoming(text, ImportOptions("store"), NOW, lambda done, of: told.append((done, of)))
    )
    assert len(statements) < 200
    counts = dict(report.counts)
    assert (counts["rows"], counts["papers new"], told[-1]) == (2000, 2000, (2000, 2000))


def test_a_real_page_of_tables_and_one_of_notes_end_as_papers(quick: Services, shared_data: Path) -> None:
    tables = bring(quick, (shared_data / "pages" / "readme-table.md").read_text(encoding="utf-8"), "tables")
    notes = bring(quick, (shared_data / "pages" / "tldr-summary.md").read_text(encoding="utf-8"), "notes")
    assert [count for _, count in tables.counts] == [2, 20, 20, 20, 20, 2]
    assert [count for _, count in notes.counts] == [0, 18, 18, 18, 18 + 18 + 17, 0]
    with quick.database.reading() as session:
        assert session.scalars(select(ListTopicRow.slug).order_by(ListTopicRow.place)).all() == ["3d", "mllm"]
        assert session.execute(select(func.count()).select_from(PaperRow)).scalar_one() == 38
