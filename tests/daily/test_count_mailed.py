"""Where papers stood in readers' digests is counted once a day has ended everywhere, and told only where five readers got it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily.count_mailed import count_mailed, middle
from newsletter.papers.store import mailed as mailed_store
from newsletter.papers.store import papers as papers_store
from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, put
from tests.factories import NOW, a_digest_row, a_subscriber

SENT_ON = NOW.date() - 3 * DAY


@pytest.fixture
def services(database_url: str, make_services: Callable[..., Services]) -> Services:
    return make_services(database_url)


def sent(services: Services, digests: list[list[int]], *, state: DeliveryState = DeliveryState.SENT) -> None:
    with services.database.transaction() as session:
        for number, papers in enumerate(digests):
            reader = a_subscriber(session, email=f"{state}-{number}@example.org")
            row = session.get_one(DeliveryRow, a_digest_row(session, reader, period=SENT_ON.isoformat()))
            row.contents, row.state = {"papers": [[one, "nerf"] for one in papers], "more": 0}, state


def told(services: Services, paper_id: int) -> list[tuple[dt.date, int, int]]:
    with services.database.reading() as session:
        return [(one.day, one.readers, one.place) for one in mailed_store.mailed(session, paper_id, most=5)]


def test_a_day_that_has_ended_is_counted_once_and_few_readers_are_never_told(services: Services) -> None:
    put(services, 1, 2, day=SENT_ON)
    with services.database.reading() as session:
        one, two = (paper.id for paper in papers_store.papers_announced(session, SENT_ON))
    sent(services, [[one], [two, one], [one, two], [one], [7777, two, one], [one, 7777]])
    sent(services, [[two]], state=DeliveryState.FAILED)
    assert SENT_ON not in count_mailed(services, now=NOW - 2 * DAY), "it has not ended everywhere"
    assert SENT_ON in count_mailed(services, now=NOW)
    assert told(services, one) == [(SENT_ON, 6, 1)]
    assert told(services, two) == [], "three readers are too few to be told of"
    assert count_mailed(services, now=NOW) == []


@pytest.mark.parametrize(("counts", "value"), [({3: 1}, 3), ({1: 2, 2: 2}, 1), ({1: 2, 2: 3}, 2), ({1: 1, 5: 1, 9: 7}, 9)])
def test_the_middle_of_what_was_counted(counts: dict[int, int], value: int) -> None:
    assert middle(Counter(counts)) == value
