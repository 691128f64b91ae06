"""Papers of bioRxiv and medRxiv on their whole way: read, stored once, put into digests, found again; nothing where they are off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import fetch, plan
from newsletter.daily.compose import MessageBuilder
from newsletter.operating import state
from newsletter.papers.store import papers as papers_store
from newsletter.scheduler import fetch_is_due
from newsletter.values.mail import DeliveryState
from newsletter.values.papers import Paper
from tests.daily.ledgers import DAY, add, rows, settle
from tests.mail.samples import LINKS
from tests.papers.arxiv.fake_query_api import FakeArxiv, some_paper
from tests.papers.preprints.fake_biorxiv import FakeBiorxiv, Fault, doi_of, some_posting

# A Friday; the newest announcement is that of the evening before.
NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
NERF = "NeRF: neural radiance fields of cells"
HOUR = dt.timedelta(hours=1)
Make = Callable[..., Services]


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    fake = FakeArxiv([some_paper(1, title="NeRF: neural radiance fields", submitted=NOW - DAY)])
    with fake:
        yield fake


@pytest.fixture
def biorxiv() -> Iterator[FakeBiorxiv]:
    fake = FakeBiorxiv([some_posting(1, title=NERF, date="2026-11-20"), some_posting(2, date="2026-11-19")])
    with fake:
        yield fake


@pytest.fixture
def services(database_url: str, make_services: Make, arxiv: FakeArxiv, biorxiv: FakeBiorxiv) -> Services:
    return make_services(database_url, ARXIV_API_URL=arxiv.url, BIORXIV_URL=biorxiv.url, SOURCES="arxiv,biorxiv")


def run_fetch(services: Services, *, now: dt.datetime = NOW, **options: object) -> fetch.FetchReport:
    return fetch.fetch(services, now=now, attempts=1, **options)  # type: ignore[arg-type]


def stored(services: Services) -> dict[str, Paper]:
    """The papers of the posting servers by DOI."""
    with services.database.reading() as session:
        found = papers_store.papers_after(session, -1_000_000)
    return {one.ref.partition(":")[2]: one for one in found if one.source != "arxiv"}


def reading_of(services: Services) -> state.ReadingProgress | None:
    with services.database.reading() as session:
        return state.READ_OF_SERVER["biorxiv"].read(session)


# ---------------------------------------------------------------- reading


def test_papers_are_stored_once_under_the_day_they_were_posted(services: Services) -> None:
    first, again = run_fetch(services), run_fetch(services)
    assert (first.found, first.new, first.problem) == (3, 3, "")
    assert (again.new, again.updated, again.problem) == (0, 0, "")
    assert {doi: paper.announced_on.day for doi, paper in stored(services).items()} == {doi_of(1): 20, doi_of(2): 19}


def test_where_they_are_off_nothing_is_asked(
    sqlite_url: str, make_services: Make, arxiv: FakeArxiv, biorxiv: FakeBiorxiv
) -> None:
    services = make_services(sqlite_url, ARXIV_API_URL=arxiv.url, BIORXIV_URL=biorxiv.url)
    assert run_fetch(services).found == 1
    assert (biorxiv.requests, stored(services)) == ([], {})


def test_without_arxiv_it_is_not_asked(sqlite_url: str, make_services: Make, arxiv: FakeArxiv, biorxiv: FakeBiorxiv) -> None:
    biorxiv.records.append(some_posting(3, server="medRxiv", date="2026-11-20"))
    services = make_services(sqlite_url, ARXIV_API_URL=arxiv.url, BIORXIV_URL=biorxiv.url, SOURCES="medrxiv")
    report = run_fetch(services)
    assert (report.found, report.problem, arxiv.requests) == (1, "", [])
    assert [paper.source for paper in stored(services).values()] == ["medrxiv"]


def test_the_first_reading_begins_with_yesterday_because_what_is_older_is_new_to_nobody(
    services: Services, biorxiv: FakeBiorxiv
) -> None:
    biorxiv.records.append(some_posting(3, date="2026-11-18"))
    run_fetch(services)
    assert biorxiv.requests[0][1:3] == ("2026-11-19", "2026-11-20")
    assert doi_of(3) not in stored(services)


@pytest.mark.parametrize("days", [1, 5, 30])
def test_after_downtime_all_that_was_missed_is_read_in_order(services: Services, biorxiv: FakeBiorxiv, days: int) -> None:
    run_fetch(services)
    missed = {number: (NOW + number * DAY).date() for number in range(1, days + 1)}
    biorxiv.records += [some_posting(100 + number, date=day.isoformat()) for number, day in missed.items()]
    run_fetch(services, now=NOW + days * DAY)
    found = stored(services)
    late = [found[doi_of(100 + number)] for number in missed]
    assert [paper.announced_on for paper in late] == list(missed.values())
    assert [paper.number for paper in late] == sorted(paper.number for paper in late)


def test_a_longer_downtime_is_read_as_far_back_as_digests_reach_and_told(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    biorxiv.requests.clear()
    report = run_fetch(services, now=NOW + 90 * DAY)
    assert min(since for _, since, _, _ in biorxiv.requests) == (NOW + 44 * DAY).date().isoformat()
    assert any("newsletter fetch --since 2026-11-18" in note for note in report.notes)


def test_what_appears_late_is_found_by_the_overlap(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    biorxiv.records.append(some_posting(3, date="2026-11-19"))
    run_fetch(services, now=NOW + DAY)
    assert doi_of(3) in stored(services)


def test_a_reading_that_breaks_off_goes_on_where_it_was(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    later = NOW + 20 * DAY
    biorxiv.records += [some_posting(100 + number, date=(NOW + number * DAY).date().isoformat()) for number in range(1, 21)]
    biorxiv.faults += [Fault.NONE, Fault.NONE, Fault.UNAVAILABLE]
    report = run_fetch(services, now=later)
    assert "bioRxiv" in report.problem
    progress = reading_of(services)
    assert progress is not None
    assert progress.through == dt.date(2026, 11, 23)
    assert doi_of(103) in stored(services), "what came before the fault is kept"
    biorxiv.requests.clear()
    assert run_fetch(services, now=later + HOUR, routine=True).problem == ""
    assert biorxiv.requests[0][1] == "2026-11-21"
    assert all(doi_of(100 + number) in stored(services) for number in range(1, 21))


def test_a_routine_fetch_reads_it_every_six_hours(services: Services, biorxiv: FakeBiorxiv) -> None:
    asked = []
    for hours in range(13):
        biorxiv.requests.clear()
        run_fetch(services, now=NOW + hours * HOUR, routine=True)
        asked.append(bool(biorxiv.requests))
    assert [hours for hours, was in enumerate(asked) if was] == [0, 6, 12]


def test_one_server_that_fails_keeps_no_other_from_being_read(
    sqlite_url: str, make_services: Make, arxiv: FakeArxiv, biorxiv: FakeBiorxiv
) -> None:
    biorxiv.records.append(some_posting(3, server="medRxiv", date="2026-11-20"))
    biorxiv.faults.append(Fault.FORBIDDEN)
    services = make_services(sqlite_url, ARXIV_API_URL=arxiv.url, BIORXIV_URL=biorxiv.url, SOURCES="arxiv,biorxiv,medrxiv")
    report = run_fetch(services)
    assert "bioRxiv answers 403" in report.problem
    assert (report.new, list(stored(services))) == (2, [doi_of(3)])


def test_where_arxiv_is_away_the_others_come_and_no_samples(sqlite_url: str, make_services: Make, biorxiv: FakeBiorxiv) -> None:
    services = make_services(sqlite_url, BIORXIV_URL=biorxiv.url, SOURCES="arxiv,biorxiv")
    report = run_fetch(services)
    assert report.problem
    assert (report.samples, len(stored(services))) == (0, 2)


def test_a_server_that_brings_nothing_for_days_raises_an_alarm(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    assert not any("bioRxiv" in note for note in run_fetch(services, now=NOW + 5 * DAY).notes)
    assert "bioRxiv has brought no new paper since 2026-11-20" in run_fetch(services, now=NOW + 6 * DAY).notes


def test_what_the_server_counts_but_does_not_give_is_told(services: Services, biorxiv: FakeBiorxiv) -> None:
    biorxiv.beyond = 4
    report = run_fetch(services)
    assert report.problem == ""
    assert any("bioRxiv counted 4 versions more than it gave" in note for note in report.notes)


# ---------------------------------------------------------------- what arXiv's papers need is as before


def test_papers_posted_on_a_weekend_hide_no_missing_announcement(services: Services, biorxiv: FakeBiorxiv) -> None:
    tuesday = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    run_fetch(services)
    biorxiv.records.append(some_posting(3, date="2026-11-24"))
    report = run_fetch(services, now=tuesday)
    assert any("announcement of 2026-11-24 has brought nothing" in note for note in report.notes)
    assert fetch_is_due(services, now=tuesday + HOUR / 2 + HOUR / 60), "the announcement is asked for again"


def test_the_first_digest_reaches_back_to_the_last_announcement(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    biorxiv.records.append(some_posting(3, title=f"{NERF} again", date="2026-11-21"))
    saturday = NOW + DAY
    run_fetch(services, now=saturday)
    add(services, "nerf")
    plan.plan(services, now=saturday)
    (row,) = rows(services)
    with services.database.reading() as session:
        found = papers_store.papers_by_ids(session, [paper_id for paper_id, _ in row.contents["papers"]])
    assert {paper.source for paper in found.values()} == {"arxiv", "biorxiv"}
    assert len(found) == 3


# ---------------------------------------------------------------- into digests


def planned(services: Services, *, now: dt.datetime) -> list[str]:
    """The refs of the digest planned now, none where none is; it is settled as sent."""
    before = {row.id for row in rows(services)}
    plan.plan(services, now=now)
    chosen = [paper_id for row in rows(services) if row.id not in before for paper_id, _ in row.contents.get("papers", [])]
    with services.database.reading() as session:
        found = papers_store.papers_by_ids(session, chosen)
    settle(services, DeliveryState.SENT, now=now)
    return sorted(paper.ref for paper in found.values())


def test_a_posted_paper_goes_the_whole_way_into_a_digest(services: Services) -> None:
    run_fetch(services)
    add(services, "nerf")
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    digest = MessageBuilder(services).digest(row)
    (entry,) = [entry for group in digest.groups for entry in group.entries if entry.paper.source == "biorxiv"]
    assert (entry.paper.title, entry.reason) == (NERF, "title: NeRF")
    mail = services.renderer.digest(digest, LINKS, topics=("NeRF",))
    for part in (mail.html, mail.text):
        assert f"https://doi.org/{doi_of(1)}" in part
    # The text part names one address a paper.
    assert f"https://www.biorxiv.org/content/{doi_of(1)}v1.full.pdf" in mail.html


def test_a_new_version_never_comes_as_new(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    add(services, "nerf")
    assert planned(services, now=NOW) == ["2606.00001", f"biorxiv:{doi_of(1)}"]
    biorxiv.records.append(some_posting(1, title=f"{NERF}, revised", version=2, date="2026-11-21"))
    biorxiv.records.append(some_posting(9, title=NERF, version=3, date="2026-11-21"))
    report = run_fetch(services, now=NOW + DAY)
    assert (report.new, report.updated) == (0, 1)
    assert planned(services, now=NOW + DAY) == []
    assert (stored(services)[doi_of(1)].version, stored(services)[doi_of(1)].announced_on.day) == (2, 20)
    assert doi_of(9) not in stored(services)


def test_a_withdrawn_paper_is_marked_and_never_mailed(services: Services, biorxiv: FakeBiorxiv) -> None:
    biorxiv.records.append(some_posting(1, title=f"WITHDRAWN: {NERF}", version=2, date="2026-11-20"))
    run_fetch(services)
    add(services, "nerf")
    assert planned(services, now=NOW) == ["2606.00001"]
    assert stored(services)[doi_of(1)].withdrawn


def test_days_asked_for_by_hand_before_the_first_one_here_are_new_to_nobody(services: Services, biorxiv: FakeBiorxiv) -> None:
    run_fetch(services)
    add(services, "nerf")
    planned(services, now=NOW)
    biorxiv.records.append(some_posting(3, title=f"{NERF}, long ago", date="2026-11-14"))
    before = reading_of(services)
    run_fetch(services, now=NOW + DAY, since=dt.date(2026, 11, 13), until=dt.date(2026, 11, 16))
    assert doi_of(3) in stored(services)
    assert reading_of(services) == before, "the days by hand move no memory of the daily reading"
    assert planned(services, now=NOW + DAY) == []
