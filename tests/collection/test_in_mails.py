"""New entries of the collection in the mails of those who asked for them: first, once, with who picked them and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from newsletter.bootstrap import Services
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Node
from newsletter.daily import plan
from newsletter.daily.compose import MessageBuilder
from newsletter.mail.deliveries import Delivery
from newsletter.mail.rendering.encoding import Rendered
from newsletter.values.mail import DeliveryState
from tests.collection.making import a_note, an_entry
from tests.daily.ledgers import DAY, add, put, rows, settle
from tests.factories import NOW

Make = Callable[..., Services]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def pick(services: Services, title: str, note: str = "", **changes: object) -> Node:
    pieces = (a_note(note),) if note else ()
    with services.database.transaction() as session:
        draft = an_entry(title, pieces=pieces, picked_by="Ada", **changes)
        return nodes_store.add(session, draft, parent=None, who="Ada", now=NOW)


def a_morning(services: Services, day: int, state: DeliveryState = DeliveryState.SENT) -> None:
    plan.plan(services, now=NOW + day * DAY)
    settle(services, state, now=NOW + day * DAY)


def picked(services: Services, reader: int) -> list[list[str]]:
    """The titles of the entries of each digest that held any."""
    letters = MessageBuilder(services)
    digests = [letters.digest(row) for row in rows(services, reader) if row.contents.get("picked")]
    return [[one.title for one in digest.picks] for digest in digests]


def rendered(services: Services, row: Delivery) -> Rendered:
    letters = MessageBuilder(services)
    return letters.render(row, reader_links=letters.links_of(row, now=NOW))


def test_each_entry_comes_once_the_newest_first_and_only_to_who_asked(services: Services) -> None:
    reader, other = add(services, "nerf", "collection"), add(services, "nerf")
    put(services, 1)
    a_morning(services, 0)
    pick(services, "first")
    pick(services, "second")
    a_morning(services, 1)
    put(services, 2)
    a_morning(services, 2)
    pick(services, "third")
    put(services, 3)
    a_morning(services, 3)
    assert picked(services, reader) == [["second", "first"], ["third"]]
    assert picked(services, other) == []


def test_entries_alone_make_a_mail(services: Services) -> None:
    reader = add(services, "collection")
    put(services, 1)
    a_morning(services, 0)
    pick(services, "alone", note="Read *this*.")
    a_morning(services, 1)
    row = rows(services, reader)[-1]
    assert (row.state, row.contents["papers"]) == (DeliveryState.SENT, [])
    mail = rendered(services, row)
    assert mail.subject.startswith("1 new entry in the collection")
    assert all(words in mail.html and words in mail.text for words in ("alone", "picked by Ada", "Read this."))
    assert "None of the newest papers" not in mail.text


def test_what_a_failed_mail_would_have_shown_comes_with_the_next(services: Services) -> None:
    reader = add(services, "nerf", "collection")
    put(services, 1)
    a_morning(services, 0)
    pick(services, "held")
    a_morning(services, 1, DeliveryState.FAILED)
    pick(services, "later")
    a_morning(services, 2)
    a_morning(services, 3)
    assert picked(services, reader) == [["held"], ["later", "held"]]


def test_entries_stand_before_the_papers(services: Services) -> None:
    reader = add(services, "nerf", "collection")
    put(services, 1)
    pick(services, "Above all", url="https://example.org/data")
    plan.plan(services, now=NOW)
    mail = rendered(services, rows(services, reader)[-1])
    for part in (mail.html, mail.text):
        assert 0 < part.index("Above all") < part.index("In this mail")
        assert "https://example.org/data" in part


def test_ten_entries_at_most_stand_in_a_mail_and_the_rest_is_counted(services: Services) -> None:
    reader = add(services, "collection")
    for number in range(13):
        pick(services, f"entry {number}")
    plan.plan(services, now=NOW)
    row = rows(services, reader)[-1]
    assert [len(one) for one in picked(services, reader)] == [10]
    assert "and 3 more entries in the collection" in rendered(services, row).text


def test_what_was_imported_is_news_to_nobody_and_what_was_removed_is_mailed_to_nobody(services: Services) -> None:
    reader = add(services, "nerf", "collection")
    put(services, 1)
    a_morning(services, 0)
    gone = pick(services, "gone")
    pick(services, "stays")
    plan.plan(services, now=NOW + DAY)
    with services.database.transaction() as session:
        nodes_store.remove(session, gone.id, who="Ada", now=NOW + DAY)
    assert picked(services, reader) == [["stays"]]


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "{{ 7*7 }}", "[x](javascript:alert(1))", "\u202etxt", "a" * 10_000]
)
def test_nothing_that_an_editor_writes_is_active_in_a_mail(services: Services, hostile: str) -> None:
    reader = add(services, "collection")
    pick(services, f"Title {hostile}", note=f"Note {hostile}", url="javascript:alert(1)", dated=hostile)
    plan.plan(services, now=NOW)
    mail = rendered(services, rows(services, reader)[-1])
    page = BeautifulSoup(mail.html, "html.parser")
    assert page.find_all("script") == []
    assert [link["href"] for link in page.find_all("a") if str(link.get("href", "")).startswith("javascript")] == []
    # Of the words alone: the tokens of links hold any letters.
    picked = mail.html.partition("New in the collection")[2].partition("Change topics")[0]
    assert "49" not in BeautifulSoup(picked, "html.parser").get_text()
    assert "\u202e" not in mail.html
    assert len(mail.html) < 40_000
