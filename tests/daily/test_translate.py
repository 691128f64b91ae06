"""Fetching, matching and translating: once for a paper, whatever fails on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from newsletter.bootstrap import Services
from newsletter.collection.store import nodes as collection_store
from newsletter.collection.values import Draft, NodeKind
from newsletter.daily import fetch, ingest, match, plan, send, translate
from newsletter.papers.store import papers as papers_store
from newsletter.tables.subscribers import SubscriberRow
from newsletter.translation.store import translations as translation_store
from newsletter.values.papers import Paper
from tests.daily.ledgers import DAY, add, put, rows, settle
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper, Fault, some_paper
from tests.smtp_sink import Sink
from tests.translation.engines.fake_engines import FakeEngines

NOW = dt.datetime(2026, 6, 26, 8, tzinfo=dt.UTC)
NERF = "NeRF: neural radiance fields of rooms"
Make = Callable[..., Services]


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    fake = FakeArxiv([some_paper(number, title=f"{NERF} {number}") for number in (1, 2, 3)])
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def services(database_url: str, make_services: Make, arxiv: FakeArxiv) -> Services:
    return make_services(database_url, ARXIV_API_URL=arxiv.url)


def run_fetch(services: Services, *, attempts: int = 1) -> fetch.FetchReport:
    return fetch.fetch(services, now=NOW, attempts=attempts)


def stored(services: Services) -> dict[str, Paper]:
    with services.database.reading() as session:
        return {one.ref: one for one in papers_store.papers_after(session, -1_000_000)}


# ---------------------------------------------------------------- fetch


def test_papers_are_stored_once_with_their_matches(services: Services) -> None:
    first, again = run_fetch(services), run_fetch(services)
    assert (first.found, first.new, first.problem) == (3, 3, "")
    assert (again.found, again.new, again.updated) == (3, 0, 0)
    with services.database.reading() as session:
        matches = papers_store.matches_of(session, [one.id for one in stored(services).values()])
    assert all("nerf" in {match.topic for match in found} for found in matches.values())
    assert len(matches) == 3


def test_a_new_version_updates_the_paper_and_is_not_news(services: Services, arxiv: FakeArxiv) -> None:
    run_fetch(services)
    before = stored(services)["2606.00002"]
    second: FakePaper = replace(arxiv.papers[1], version=2, title=f"{NERF}, revised")
    arxiv.papers[1] = second
    report = run_fetch(services)
    after = stored(services)["2606.00002"]
    assert (report.new, report.updated) == (0, 1)
    assert (after.version, after.number, after.announced_on) == (2, before.number, before.announced_on)
    assert after.title.endswith("revised")


def test_what_came_before_a_failure_is_kept_and_told(services: Services, arxiv: FakeArxiv) -> None:
    arxiv.most_in_a_page = 2
    arxiv.faults = [Fault.NONE, Fault.UNAVAILABLE]
    report = run_fetch(services)
    assert (report.found, report.new, report.samples) == (2, 2, 0)
    assert "503" in report.problem
    assert run_fetch(services).new == 1
    with services.database.reading() as session:
        last = papers_store.last_fetch(session)
    assert last is not None


def test_a_refused_query_is_recorded_so_that_it_is_not_asked_at_each_tick(services: Services, arxiv: FakeArxiv) -> None:
    run_fetch(services)
    arxiv.faults = [Fault.BAD_QUERY]
    report = run_fetch(services)
    assert "400" in report.problem
    with services.database.reading() as session:
        last = papers_store.last_fetch(session)
    assert last is not None
    assert "400" in last.error


def test_papers_that_arxiv_counts_and_does_not_give_are_told(services: Services, arxiv: FakeArxiv) -> None:
    arxiv.papers[1] = replace(arxiv.papers[1], broken=True)
    report = run_fetch(services)
    assert (report.found, report.new) == (2, 2)
    assert "1 paper" in report.problem
    assert report.samples == 0


# ---------------------------------------------------------------- samples


def test_samples_stand_in_where_nothing_is_stored_and_arxiv_is_away(services: Services, arxiv: FakeArxiv) -> None:
    arxiv.faults = [Fault.FORBIDDEN]
    report = run_fetch(services)
    assert report.samples >= 40
    assert report.problem
    assert all(one.is_sample for one in stored(services).values())
    assert ingest.load_samples(services, now=NOW) == 0


def test_samples_are_gone_as_soon_as_real_papers_come_and_readers_begin_anew(services: Services, arxiv: FakeArxiv) -> None:
    reader = add(services, "nerf", "llm", confirmed_at=NOW - 2 * DAY)
    arxiv.faults = [Fault.FORBIDDEN]
    run_fetch(services)
    assert plan.plan(services, now=NOW).planned == 1
    settle(services, "sent", now=NOW)  # type: ignore[arg-type]
    run_fetch(services)
    assert set(stored(services)) == {one.ref for one in arxiv.papers}
    with services.database.reading() as session:
        assert session.get_one(SubscriberRow, reader).cursor is None
    assert plan.plan(services, now=NOW + DAY).planned == 1


def test_samples_never_come_beside_real_papers(services: Services, arxiv: FakeArxiv) -> None:
    run_fetch(services)
    arxiv.faults = [Fault.FORBIDDEN]
    assert run_fetch(services).samples == 0
    assert not any(one.is_sample for one in stored(services).values())


def test_the_first_digest_of_samples_needs_no_engine_in_chinese(services: Services) -> None:
    ingest.load_samples(services, now=NOW)
    add(services, "llm", language="zh-CN", confirmed_at=NOW - DAY)
    assert translate.translate(services, now=NOW, dry_run=True).needed == 0


# ---------------------------------------------------------------- matching anew


def test_a_changed_catalogue_is_matched_against_what_is_stored(services: Services) -> None:
    put(services, 1, topic="a-topic-of-before", day=NOW.date(), now=NOW)
    assert match.rematch(services, now=NOW) == 1
    with services.database.reading() as session:
        found = papers_store.matches_of(session, [one.id for one in stored(services).values()])
    assert {match.topic for matches in found.values() for match in matches} == {"cs", "cs.CV", "cs.LG"}, "its categories alone"
    put(services, 2, topic="by-hand", day=NOW.date(), now=NOW)
    assert match.rematch(services, now=NOW) == 0, "the catalogue is the same"


# ---------------------------------------------------------------- translate


@pytest.fixture
def engines() -> Iterator[FakeEngines]:
    with FakeEngines() as fake:
        yield fake


@pytest.fixture
def translating(database_url: str, make_services: Make, arxiv: FakeArxiv, engines: FakeEngines) -> Services:
    made = make_services(database_url, ARXIV_API_URL=arxiv.url, TRANSLATORS="libre", LIBRETRANSLATE_URL=engines.libre_url)
    run_fetch(made)
    return made


def test_each_text_is_translated_once_however_many_read_it(translating: Services, engines: FakeEngines) -> None:
    add(translating, language="ja", confirmed_at=NOW - DAY)
    add(translating, language="zh-CN", confirmed_at=NOW - DAY)
    report = translate.translate(translating, now=NOW)
    assert (report.needed, report.accepted) == (12, 12)
    calls = engines.calls()
    for number in range(1000):
        add(translating, language=("ja", "zh-CN")[number % 2], confirmed_at=NOW - DAY)
    assert translate.translate(translating, now=NOW) == translate.TranslateReport(0, 0)
    assert engines.calls() == calls


def test_a_dry_run_asks_no_engine(translating: Services, engines: FakeEngines) -> None:
    add(translating, language="ja", confirmed_at=NOW - DAY)
    assert translate.translate(translating, now=NOW, dry_run=True).needed == 6
    assert engines.calls() == 0


def test_only_what_somebody_reads_is_translated(translating: Services) -> None:
    add(translating, language="en", confirmed_at=NOW - DAY)
    add(translating, "ocr", language="ja", confirmed_at=NOW - DAY)
    add(translating, language="ja", state="unsubscribed")
    assert translate.translate(translating, now=NOW, dry_run=True).needed == 0


def test_papers_of_the_collection_are_translated_for_who_reads_another_language(translating: Services) -> None:
    add(translating, "ocr", language="ja", confirmed_at=NOW - DAY)
    with translating.database.transaction() as session:
        ref = next(iter(papers_store.papers_after(session, 0))).ref
        draft = Draft(NodeKind.ENTRY, title="Picked", url=f"https://arxiv.org/abs/{ref}")
        collection_store.add(session, draft, parent=None, who="Ada", now=NOW)
    report = translate.translate(translating, now=NOW)
    assert report.needed == report.accepted > 0
    assert translate.translate(translating, now=NOW).needed == 0


def test_a_new_version_with_another_text_is_translated_anew(
    translating: Services, arxiv: FakeArxiv, engines: FakeEngines
) -> None:
    add(translating, language="ja", confirmed_at=NOW - DAY)
    translate.translate(translating, now=NOW)
    calls = engines.calls()
    arxiv.papers[0] = replace(arxiv.papers[0], version=2, title=f"{NERF} seen from above")
    run_fetch(translating)
    assert translate.translate(translating, now=NOW).accepted == 1
    assert engines.calls() == calls + 1


@pytest.mark.parametrize("fault", ["500", "error sentence", "html"])
def test_with_every_engine_dead_the_digest_leaves_on_time_in_the_original_and_says_so(
    database_url: str, make_services: Make, arxiv: FakeArxiv, engines: FakeEngines, fault: str
) -> None:
    engines.behave(fault)
    with Sink() as sink:
        services = make_services(
            database_url,
            ARXIV_API_URL=arxiv.url,
            TRANSLATORS="libre",
            LIBRETRANSLATE_URL=engines.libre_url,
            SMTP_URL=sink.url,
        )
        run_fetch(services)
        add(services, language="ja", confirmed_at=NOW - DAY)
        assert translate.translate(services, now=NOW, patience=5).accepted == 0
        assert plan.plan(services, now=NOW).planned == 1
        send.drain(services, now=lambda: NOW)
    body = sink.taken[0].message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert f"{NERF} 1" in text
    assert "未訳" in text or "原文" in text
    assert "Error" not in text
    assert "<html" not in text
    assert [row.state for row in rows(services)] == ["sent"]


def test_a_translation_of_a_paper_that_is_gone_costs_no_other(translating: Services, engines: FakeEngines) -> None:
    add(translating, language="ja", confirmed_at=NOW - DAY)
    with translating.database.reading() as session:
        pairs = translate.expected_readers(translating, session, now=NOW)
        needs = translation_store.needed(session, list(pairs))
    assert len(needs) == 6
    gone = replace(needs[0], paper_id=999_999)

    class Late:
        """What an engine gives when a paper went while it worked."""

        engines = ()

        def take_refusals(self) -> list[object]:
            return []

        def run(self, needs: object, **_: object) -> Iterator[translation_store.Accepted]:
            for need in (gone, *needs):  # type: ignore[misc]
                yield translation_store.Accepted(need.paper_id, need.version, need.field, "ja", need.source_hash, "訳", "fake")

    translating.__dict__["translator"] = Late()
    assert translate.translate(translating, now=NOW).accepted == 6
