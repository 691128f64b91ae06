"""New versions of papers received: told to who asks for it, once, and never as new."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.daily.compose import MessageBuilder
from newsletter.papers.store import papers as papers_store
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, put, refs, rows, settle
from tests.factories import NOW
from tests.papers.paper_builder import match, paper

Make = Callable[..., Services]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def replace(services: Services, *numbers: int, version: int = 2, **changes: object) -> None:
    papers = [paper(number, version=version, title=f"Anew {number}", announced_on=TODAY, **changes) for number in numbers]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one)]) for one in papers], now=NOW)


def a_morning(services: Services, day: int, state: DeliveryState = DeliveryState.SENT) -> None:
    plan.plan(services, now=NOW + day * DAY)
    settle(services, state, now=NOW + day * DAY)


def told(services: Services, reader: int) -> list[list[tuple[str, str]]]:
    """Of each digest that went out or waits: (last digit of the ref, topic)."""
    found = []
    for row in rows(services, reader):
        if row.contents.get("papers"):
            with services.database.reading() as session:
                papers = papers_store.papers_by_ids(session, [paper_id for paper_id, _ in row.contents["papers"]])
            found.append([(papers[paper_id].ref[-1], topic) for paper_id, topic in row.contents["papers"]])
    return found


def test_a_new_version_of_a_paper_received_is_told_once_and_not_as_new(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1, 2)
    a_morning(services, 0)
    replace(services, 1)
    put(services, 3)
    a_morning(services, 1)
    put(services, 4)
    a_morning(services, 2)
    assert told(services, reader)[1:] == [[("3", "nerf"), ("1", ":updated")], [("4", "nerf")]]


def test_who_did_not_ask_hears_nothing_of_new_versions(services: Services) -> None:
    reader = add(services)
    put(services, 1)
    a_morning(services, 0)
    replace(services, 1)
    a_morning(services, 1)
    assert told(services, reader) == [[("1", "nerf")]]


def test_only_papers_received_are_told_and_a_mail_may_hold_nothing_else(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1)
    put(services, 2, topic="llm")
    a_morning(services, 0)
    replace(services, 1, 2)
    a_morning(services, 1)
    assert told(services, reader) == [[("1", "nerf")], [("1", ":updated")]]


def test_a_withdrawal_is_mailed_to_nobody(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1)
    a_morning(services, 0)
    replace(services, 1, withdrawn=True)
    a_morning(services, 1)
    assert told(services, reader) == [[("1", "nerf")]]


def test_what_a_failed_mail_would_have_told_is_told_by_the_next(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1)
    a_morning(services, 0)
    replace(services, 1)
    a_morning(services, 1, DeliveryState.FAILED)
    a_morning(services, 2)
    assert told(services, reader)[1:] == [[("1", ":updated")]] * 2


def test_a_paper_replaced_before_its_first_digest_comes_once_as_new(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1)
    replace(services, 1)
    a_morning(services, 0)
    a_morning(services, 1)
    assert told(services, reader) == [[("1", "nerf")]]


def test_other_metadata_of_the_same_version_are_no_new_version(services: Services) -> None:
    reader = add(services, updates=True)
    put(services, 1)
    a_morning(services, 0)
    replace(services, 1, version=1)
    a_morning(services, 1)
    assert told(services, reader) == [[("1", "nerf")]]


def test_new_versions_stand_under_a_heading_in_the_readers_language(services: Services) -> None:
    add(services, updates=True, language="zh-CN")
    put(services, 1)
    a_morning(services, 0)
    replace(services, 1)
    plan.plan(services, now=NOW + DAY)
    row = rows(services)[-1]
    (group,) = MessageBuilder(services).digest(row).groups
    assert (group.name, group.entries[0].paper.version, refs(services, row)) == ("您收到过的论文的新版本", 2, {"1"})
