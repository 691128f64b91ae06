"""The API of bioRxiv and medRxiv: every version that it has, once, whatever happens on the way."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.errors import PermanentError, TemporaryError
from newsletter.papers.preprints.biorxiv import PostingSource
from newsletter.papers.sources import Source
from newsletter.values.papers import Paper
from tests.papers.preprints.fake_biorxiv import FakeBiorxiv, Fault, doi_of, some_posting
from tests.waiting import PATIENCE

SINCE, UNTIL = dt.date(2026, 6, 22), dt.date(2026, 6, 24)
HEALED = (
    Fault.UNAVAILABLE, Fault.TOO_MANY, Fault.FORBIDDEN, Fault.HTML, Fault.EMPTY_BODY, Fault.NO_TOTAL, Fault.ERROR_STATUS,
    Fault.CUT, Fault.DROPPED,
)  # fmt: skip


class Reading:
    """A source over a fake; ``pauses`` are those between attempts, ``waits`` counts the slots taken."""

    def __init__(self, fake: FakeBiorxiv, *, server: str = "biorxiv", attempts: int = 3, silence: float = PATIENCE) -> None:
        self.pauses: list[float] = []
        self.waits = 0
        self.source: Source = PostingSource(
            server,
            fake.url,
            "op@example.org",
            self.wait,
            attempts=attempts,
            timeouts=(PATIENCE, silence),
            sleep=self.pauses.append,
        )

    def wait(self) -> None:
        self.waits += 1

    def fetch(self) -> list[Paper]:
        try:
            return list(self.source.fetch((), SINCE, UNTIL))
        finally:
            self.source.close()


def many(count: int) -> list[dict[str, object]]:
    return [some_posting(number) for number in range(1, count + 1)]


@pytest.mark.parametrize("page_size", [30, 100])
def test_all_pages_are_read_whatever_a_page_holds(page_size: int) -> None:
    fake = FakeBiorxiv(many(250), page_size=page_size)
    with fake:
        found = Reading(fake).fetch()
    assert sorted(paper.ref for paper in found) == [f"biorxiv:{doi_of(number)}" for number in range(1, 251)]
    assert [cursor for *_, cursor in fake.requests] == list(range(0, 250, page_size))


def test_only_the_days_and_the_server_asked_for_are_given() -> None:
    others = [some_posting(2, date="2026-06-21"), some_posting(3, date="2026-06-25"), some_posting(4, server="medRxiv")]
    fake = FakeBiorxiv([some_posting(1), *others])
    with fake:
        assert [paper.ref for paper in Reading(fake).fetch()] == [f"biorxiv:{doi_of(1)}"]
        assert [paper.ref for paper in Reading(fake, server="medrxiv").fetch()] == [f"medrxiv:{doi_of(4)}"]
    assert fake.requests[0] == ("biorxiv", "2026-06-22", "2026-06-24", 0)


def test_each_version_is_given_oldest_first() -> None:
    fake = FakeBiorxiv([some_posting(1, version=2, date="2026-06-24"), some_posting(2), some_posting(1, date="2026-06-22")])
    with fake:
        found = Reading(fake).fetch()
    assert [(paper.ref[-1], paper.version) for paper in found] == [("1", 1), ("2", 1), ("1", 2)]


def test_days_without_papers_are_no_fault() -> None:
    fake = FakeBiorxiv([])
    with fake:
        reading = Reading(fake)
        assert reading.fetch() == []
    assert (reading.source.shortfall, len(fake.requests)) == (0, 1)


def test_each_request_takes_a_slot_and_says_who_asks() -> None:
    fake = FakeBiorxiv(many(61), faults=[Fault.UNAVAILABLE])
    with fake:
        reading = Reading(fake)
        reading.fetch()
    assert reading.waits == len(fake.requests) == 4
    assert all("op@example.org" in headers["User-Agent"] for headers in fake.headers)


@pytest.mark.parametrize("fault", HEALED, ids=lambda fault: fault.name)
def test_a_fault_is_healed_by_asking_again(fault: Fault) -> None:
    fake = FakeBiorxiv(many(45), faults=[Fault.NONE, fault])
    with fake:
        reading = Reading(fake)
        assert len(reading.fetch()) == 45
    assert len(reading.pauses) == 1


@pytest.mark.parametrize("fault", HEALED, ids=lambda fault: fault.name)
def test_a_fault_that_stays_is_told(fault: Fault) -> None:
    fake = FakeBiorxiv(many(45), faults=[Fault.NONE, *[fault] * 3])
    with fake, pytest.raises(TemporaryError, match="bioRxiv"):
        Reading(fake).fetch()


def test_pauses_grow_and_retry_after_is_honoured() -> None:
    fake = FakeBiorxiv(many(3), faults=[Fault.UNAVAILABLE, Fault.UNAVAILABLE, Fault.TOO_MANY])
    with fake:
        reading = Reading(fake, attempts=4)
        reading.fetch()
    first, second, third = reading.pauses
    assert 3 <= first < second < third
    fake = FakeBiorxiv(many(3), faults=[Fault.TOO_MANY])
    with fake:
        reading = Reading(fake)
        reading.fetch()
    assert reading.pauses == [11.0]


def test_no_answer_is_given_up_in_time() -> None:
    fake = FakeBiorxiv(many(3), faults=[Fault.HANG])
    with fake, pytest.raises(TemporaryError, match="within the time"):
        Reading(fake, attempts=1, silence=0.3).fetch()


def test_a_refusal_is_not_repeated() -> None:
    fake = FakeBiorxiv(many(3), faults=[Fault.NOT_FOUND])
    with fake, pytest.raises(PermanentError):
        Reading(fake).fetch()
    assert len(fake.requests) == 1


def test_papers_that_are_counted_but_not_there_end_the_reading_and_are_told() -> None:
    fake = FakeBiorxiv(many(45), beyond=20)
    with fake:
        reading = Reading(fake)
        assert len(reading.fetch()) == 45
    assert reading.source.shortfall == 20
    assert [cursor for *_, cursor in fake.requests] == [0, 30, 45, 45], "the end is believed when it is said twice"


def test_nothing_found_in_the_middle_is_not_believed_at_once() -> None:
    fake = FakeBiorxiv(many(45), faults=[Fault.NONE, Fault.NO_POSTS])
    with fake:
        assert len(Reading(fake).fetch()) == 45


def test_a_server_that_gives_one_page_for_ever_is_left() -> None:
    fake = FakeBiorxiv(many(500), ignores_cursor=True)
    with fake:
        reading = Reading(fake)
        assert len(reading.fetch()) == 30
    assert len(fake.requests) == 2
    assert reading.source.shortfall > 0


def test_an_unreadable_record_costs_no_other_and_is_counted() -> None:
    fake = FakeBiorxiv([some_posting(1), some_posting(2, doi="not a DOI"), some_posting(3, title=""), some_posting(4)])
    with fake:
        reading = Reading(fake)
        assert [paper.ref[-1] for paper in reading.fetch()] == ["1", "4"]
    assert reading.source.shortfall == 2
