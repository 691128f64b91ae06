"""The arXiv source through the real ``arxiv`` package, against a server that misbehaves the ways arXiv does."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import arxiv
import pytest
import time_machine

from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.retrying import LONGEST_PAUSE, pause_after
from newsletter.papers.arxiv.entries import as_paper, was_withdrawn
from newsletter.papers.arxiv.query_api import ArxivSource
from newsletter.values.papers import Paper
from tests.papers.arxiv.fake_query_api import FIRST, FakeArxiv, FakePaper, Fault, some_paper
from tests.waiting import PATIENCE

DAY = FIRST.date()


@pytest.fixture
def fake() -> Iterator[FakeArxiv]:
    server = FakeArxiv([some_paper(n) for n in range(1, 26)])
    server.start()
    yield server
    server.stop()


class Asked:
    """A source on the fake server that keeps its waits and pauses instead of sleeping."""

    def __init__(self, fake: FakeArxiv, **options: Any) -> None:
        self.waits = 0
        self.pauses: list[float] = []
        options = {"page_size": 10, "sleep": self.pauses.append, "timeouts": (PATIENCE, PATIENCE), **options}
        self.source = ArxivSource(fake.url, "Ann <ann@example.org>", self._wait, **options)

    def _wait(self) -> None:
        self.waits += 1

    def fetch(self, categories: tuple[str, ...] = ("cs.CV",), since: dt.date = DAY, until: dt.date = DAY) -> list[Paper]:
        try:
            return list(self.source.fetch(categories, since, until))
        finally:
            self.source.close()


def refs(papers: list[Paper]) -> list[str]:
    return [paper.ref for paper in papers]


def served(fake: FakeArxiv) -> list[str]:
    return [paper.ref for paper in fake.papers]


def test_all_pages_come_oldest_first_each_paper_once(fake: FakeArxiv) -> None:
    asked = Asked(fake)
    assert refs(asked.fetch()) == served(fake)
    assert asked.source.shortfall == 0
    assert [query["start"] for _, query, _ in fake.requests] == ["0", "10", "20"]


def test_an_entry_becomes_a_paper_in_plain_unicode(fake: FakeArxiv) -> None:
    fake.papers[:] = [
        some_paper(
            7,
            title="Schr\\\"odinger's\n  $E=mc^2$",
            abstract="A line\nbreak. Code: https://github.com/a/b.git.",
            authors=("P\\'al Erd\\H{o}s",),
            categories=("cs.SY", "eess.SY", "cs.RO", "I.2.9"),
            comment="8 pages",
            doi="10.1/x",
            version=3,
            updated=FIRST + dt.timedelta(days=2),
        )
    ]
    (paper,) = Asked(fake).fetch(("eess.SY",))
    assert (paper.ref, paper.version) == ("2606.00007", 3)
    assert paper.title == "Schrödinger's $E=mc^2$"
    assert paper.abstract == "A line break. Code: https://github.com/a/b.git."
    assert paper.authors == ("Pál Erdős",)
    assert paper.categories == ("eess.SY", "cs.RO")
    assert (paper.comment, paper.doi) == ("8 pages", "10.1/x")
    assert paper.submitted == FIRST + dt.timedelta(minutes=7)
    assert paper.updated == FIRST + dt.timedelta(days=2)
    assert paper.announced_on == dt.date(2026, 6, 25)
    assert paper.announced_estimated
    assert [link.url for link in paper.links] == ["https://github.com/a/b"]
    assert not paper.withdrawn


def test_the_query_names_all_names_of_a_category_and_whole_days_in_ascending_order(fake: FakeArxiv) -> None:
    Asked(fake).fetch(("cs.SY", "cs.CV"), dt.date(2026, 6, 20), dt.date(2026, 6, 24))
    _, query, _ = fake.requests[0]
    wanted = "(cat:cs.CV OR cat:cs.SY OR cat:eess.SY) AND submittedDate:[202606200000 TO 202606242359]"
    assert query["search_query"] == wanted
    assert (query["sortBy"], query["sortOrder"]) == ("submittedDate", "ascending")


def test_each_request_says_who_asks_and_waits_its_turn(fake: FakeArxiv) -> None:
    fake.faults = [Fault.UNAVAILABLE]
    asked = Asked(fake)
    asked.fetch()
    assert asked.waits == len(fake.requests) == 4
    for _, _, headers in fake.requests:
        assert "mailto:ann@example.org" in headers["user-agent"]
        assert "atom" in headers["accept"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.UNAVAILABLE,
        Fault.TOO_MANY,
        Fault.FORBIDDEN,
        Fault.NOT_ACCEPTABLE,
        Fault.HTML,
        Fault.EMPTY_BODY,
        Fault.EMPTY_PAGE,
        Fault.ERROR_ENTRY,
        Fault.DROPPED,
        Fault.CUT,
    ],
)
@pytest.mark.parametrize("good_pages", [0, 1, 2])
def test_a_fault_on_any_page_is_tried_again_and_nothing_is_lost(fake: FakeArxiv, fault: Fault, good_pages: int) -> None:
    fake.faults = [Fault.NONE] * good_pages + [fault, fault]
    asked = Asked(fake)
    assert refs(asked.fetch()) == served(fake)
    assert len(asked.pauses) == 2
    assert asked.source.shortfall == 0


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in (Fault.NONE, Fault.BAD_QUERY, Fault.HANG)])
def test_a_lasting_fault_is_a_temporary_error_after_all_attempts_never_an_empty_list(fake: FakeArxiv, fault: Fault) -> None:
    fake.faults = [fault] * 10
    with pytest.raises(TemporaryError, match="arXiv"):
        Asked(fake, attempts=3).fetch()
    assert len(fake.requests) == 3


def test_papers_before_a_lasting_fault_are_handed_over(fake: FakeArxiv) -> None:
    fake.faults = [Fault.NONE, *[Fault.HTML] * 10]
    got: list[str] = []
    source = Asked(fake, attempts=2).source
    with pytest.raises(TemporaryError, match="something else than a feed: arXiv is being mended"):
        got.extend(paper.ref for paper in source.fetch(["cs.CV"], DAY, DAY))
    source.close()
    assert got == served(fake)[:10]


def test_retry_after_is_honoured_as_seconds_and_as_a_date(fake: FakeArxiv) -> None:
    fake.retry_after = "40"
    fake.faults = [Fault.TOO_MANY]
    asked = Asked(fake)
    asked.fetch()
    assert asked.pauses == [40.0]
    fake.retry_after = "Fri, 26 Jun 2026 12:01:40 GMT"
    fake.faults = [Fault.UNAVAILABLE]
    again = Asked(fake)
    with time_machine.travel(dt.datetime(2026, 6, 26, 12, 0, tzinfo=dt.UTC), tick=False):
        again.fetch()
    assert again.pauses == [100.0]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "", "9" * 30])
def test_an_unreadable_retry_after_is_as_good_as_none(fake: FakeArxiv, nonsense: str) -> None:
    fake.retry_after = nonsense
    fake.faults = [Fault.TOO_MANY]
    asked = Asked(fake)
    asked.fetch()
    assert 3 <= asked.pauses[0] < 10


def test_pauses_grow_and_are_capped() -> None:
    assert pause_after(1, None) < pause_after(2, None) < pause_after(3, None) < pause_after(5, None)
    assert pause_after(30, None) == LONGEST_PAUSE
    assert pause_after(1, 86_400) == LONGEST_PAUSE


def test_a_refused_query_is_permanent_and_not_repeated(fake: FakeArxiv) -> None:
    fake.faults = [Fault.BAD_QUERY]
    with pytest.raises(PermanentError, match="brackets do not match"):
        Asked(fake).fetch()
    assert len(fake.requests) == 1


def test_a_hanging_server_is_given_up_after_the_time_allowed(fake: FakeArxiv) -> None:
    fake.faults = [Fault.HANG]
    with pytest.raises(TemporaryError, match="no answer within the time allowed"):
        Asked(fake, attempts=1, timeouts=(PATIENCE, 0.3)).fetch()


def test_a_closed_port_is_told_at_once_with_one_attempt() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pauses: list[float] = []
    source = ArxivSource(f"http://127.0.0.1:{port}/api/query", "", lambda: None, attempts=1, sleep=pauses.append)
    with pytest.raises(TemporaryError, match="arXiv cannot be reached: no connection"):
        list(source.fetch(["cs.CV"], DAY, DAY))
    source.close()
    assert pauses == []


@pytest.mark.parametrize("bad", ["broken", "bad_date"])
@pytest.mark.parametrize("place", [0, 9, 10, 24])
def test_a_malformed_entry_costs_only_itself_and_is_reported(fake: FakeArxiv, bad: str, place: int) -> None:
    fake.papers[place] = some_paper(place + 1, **{bad: True})
    asked = Asked(fake)
    expected = [ref for at, ref in enumerate(served(fake)) if at != place]
    assert refs(asked.fetch()) == expected
    assert asked.source.shortfall == 1
    assert len(fake.requests) == 3
    assert asked.pauses == []


def test_the_shortfall_is_that_of_the_last_fetch(fake: FakeArxiv) -> None:
    fake.papers[3] = some_paper(4, broken=True)
    asked = Asked(fake)
    list(asked.source.fetch(["cs.CV"], DAY, DAY))
    fake.papers[3] = some_paper(4)
    list(asked.source.fetch(["cs.CV"], DAY, DAY))
    asked.source.close()
    assert asked.source.shortfall == 0


def test_a_row_that_stands_on_two_pages_comes_once(fake: FakeArxiv) -> None:
    fake.papers[10] = fake.papers[9]
    asked = Asked(fake)
    assert refs(asked.fetch()) == list(dict.fromkeys(served(fake)))
    assert asked.source.shortfall == 1


def test_a_server_with_smaller_pages_than_asked_for_loses_nothing(fake: FakeArxiv) -> None:
    fake.most_in_a_page = 4
    assert refs(Asked(fake).fetch()) == served(fake)


def test_a_query_with_too_many_results_is_split_in_time(fake: FakeArxiv) -> None:
    asked = Asked(fake, most_results=8)
    assert refs(asked.fetch()) == served(fake)
    assert asked.source.shortfall == 0
    assert all(int(query["start"]) < 8 for _, query, _ in fake.requests)


def test_more_results_in_one_minute_than_arxiv_gives_are_a_shortfall(fake: FakeArxiv) -> None:
    fake.papers[:] = [some_paper(n, submitted=FIRST) for n in range(1, 26)]
    asked = Asked(fake, most_results=20, page_size=10)
    assert len(asked.fetch()) == 20
    assert asked.source.shortfall == 5


def test_many_categories_are_asked_for_in_several_short_queries_and_come_in_one_order(fake: FakeArxiv) -> None:
    names = [f"cs.{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    fake.papers[:] = [some_paper(n, categories=(names[n * 37 % 100], names[n])) for n in range(1, 60)]
    asked = Asked(fake)
    assert refs(asked.fetch(tuple(names))) == served(fake)
    assert len({query["search_query"] for _, query, _ in fake.requests}) == 2


def test_no_categories_ask_nothing(fake: FakeArxiv) -> None:
    assert Asked(fake).fetch(()) == []
    assert fake.requests == []


def test_nothing_new_is_an_empty_list(fake: FakeArxiv) -> None:
    assert Asked(fake).fetch(since=dt.date(2026, 1, 1), until=dt.date(2026, 1, 2)) == []


@pytest.mark.parametrize("bad", ["cs.CV OR all:x", "", "cs.*", 'cs.CV"', "cs.CV\n"])
def test_a_category_that_is_none_is_refused_before_any_request(fake: FakeArxiv, bad: str) -> None:
    with pytest.raises(PermanentError, match="is no arXiv category"):
        Asked(fake).fetch((bad,))
    assert fake.requests == []


@pytest.mark.parametrize("odd", [{"ref": "nonsense"}, {"title": " \u202e "}])
def test_an_entry_without_usable_id_or_title_is_left_out_and_reported(fake: FakeArxiv, odd: dict[str, Any]) -> None:
    fake.papers[2] = some_paper(3, **odd)
    asked = Asked(fake)
    assert len(asked.fetch()) == 24
    assert asked.source.shortfall == 1


def test_a_paper_titled_error_is_a_paper(fake: FakeArxiv) -> None:
    fake.papers[:] = [some_paper(1, title="Error")]
    assert [paper.title for paper in Asked(fake).fetch()] == ["Error"]


@pytest.mark.parametrize(
    ("comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to an error in Eq. 3", True),
        ("Withdrawn for lack of novelty", True),
        ("The authors have withdrawn this submission", True),
        ("This article was withdrawn at the request of the authors", True),
        ("Supersedes arXiv:2601.00001, which has been withdrawn", False),
        ("12 pages, 3 figures", False),
        ("Cash is withdrawn slowly", False),
        ("", False),
    ],
)
def test_a_withdrawal_is_known_by_its_comment(fake: FakeArxiv, comment: str, withdrawn: bool) -> None:
    fake.papers[:] = [some_paper(1, comment=comment)]
    assert [paper.withdrawn for paper in Asked(fake).fetch()] == [withdrawn]


@pytest.mark.parametrize(
    ("abstract", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to a crucial error.", True),
        (f"We count barns. {'Much is said. ' * 10}The paper was withdrawn from another venue.", False),
    ],
)
def test_a_notice_in_the_place_of_the_abstract_is_a_withdrawal(abstract: str, withdrawn: bool) -> None:
    assert was_withdrawn("12 pages", abstract) is withdrawn


def test_a_base_address_with_a_query_or_braces_still_works(fake: FakeArxiv) -> None:
    source = ArxivSource(fake.url + "?key={x}", "", lambda: None)
    assert len(list(source.fetch(["cs.CV"], DAY, DAY))) == 25
    source.close()
    assert fake.requests[0][1]["key"] == "{x}"


def test_some_papers_have_distinct_refs_and_times() -> None:
    papers: list[FakePaper] = [some_paper(n) for n in range(1, 4)]
    assert len({paper.ref for paper in papers}) == len({paper.submitted for paper in papers}) == 3


@pytest.mark.parametrize("year", [1, 1990, 2200, 9999])
def test_an_entry_of_an_impossible_year_is_no_paper_and_spoils_no_other(year: int) -> None:
    impossible = dt.datetime(year, 12, 31, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-12)))
    possible = dt.datetime(2026, 6, 24, 12, tzinfo=dt.UTC)
    for published, updated in ((impossible, possible), (possible, impossible)):
        result = arxiv.Result(
            "http://arxiv.org/abs/2606.00001v1", published=published, updated=updated, title="A title", categories=["cs.CV"]
        )
        assert as_paper(result) is None
    assert (
        as_paper(arxiv.Result("http://arxiv.org/abs/2606.00001v1", published=possible, updated=possible, title="A title"))
        is not None
    )
