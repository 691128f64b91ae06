"""Papers from before categories were topics come under theirs, some at each fetch, and nothing else changes for them."""

from __future__ import annotations

from collections.abc import Callable

from newsletter.bootstrap import Services
from newsletter.daily.old_categories import add_old_categories
from newsletter.operating import state
from newsletter.papers.store import papers as papers_store
from newsletter.values.topics import Match
from tests.daily.test_topic_marks import NOW, put
from tests.topics.making import paper


def topics_of(services: Services) -> list[set[str]]:
    """Of each paper, by number."""
    with services.database.reading() as session:
        ids = [one.id for one in papers_store.papers_after(session, 0)]
        found = papers_store.matches_of(session, ids)
    return [{match.topic for match in found.get(one, ())} for one in ids]


def test_old_papers_come_under_their_categories_in_slices_that_go_on_where_they_ended(
    sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(sqlite_url)
    put(services, *(paper(f"Case {number}", ref=f"2606.{number:05}") for number in range(5)))
    whole = topics_of(services)
    assert all({"cs.CV", "cs"} <= one for one in whole)
    with services.database.transaction() as session:
        for one in papers_store.papers_after(session, 0):
            papers_store.replace_matches(session, {one.id: [Match(one.ref, "llm", 3.0, "mine")]})
    assert add_old_categories(services, now=NOW, slices=1, size=2) == 2
    old = {"llm"}
    assert topics_of(services) == [old, old, old, *({*old, "cs.CV", "cs"} for _ in range(2))]
    # Where it was done before, nothing is put twice.
    with services.database.transaction() as session:
        state.CATEGORIES_DOWN_TO.write(session, 5, now=NOW)
    assert add_old_categories(services, now=NOW, size=2) == 4
    assert topics_of(services) == [{*old, "cs.CV", "cs"}] * 5
    assert add_old_categories(services, now=NOW) == 0


def test_a_new_installation_has_none(sqlite_url: str, make_services: Callable[..., Services]) -> None:
    services = make_services(sqlite_url)
    assert add_old_categories(services, now=NOW) == 0
    with services.database.reading() as session:
        assert state.CATEGORIES_DOWN_TO.read(session) == 0
