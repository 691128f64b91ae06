"""The list of subscribers page by page, and one person's whole story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.desk.story import as_json, story
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions
from newsletter.subscribers.store import listing
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.listing import Search
from newsletter.subscribers.subscriber import State
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import SuppressionRow
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import add, put, settle
from tests.factories import NOW


def test_the_list_is_searched_narrowed_and_read_page_by_page(database_url: str, make_services: Callable[..., Services]) -> None:
    services = make_services(database_url)
    names = ["ada", "Bob", "c_l", "dora", "emil", "cxl"]
    for name in names:
        add(services, "nerf", "slam" if name == "dora" else "llm", email=f"{name}@Example.org")
    add(services, email="zoe@elsewhere.net", state="bounced", language="ja")
    with services.database.transaction() as session:
        session.add(SuppressionRow(address_key="key-of-zoe@elsewhere.net", reason="bounced", at=NOW))

    def found(**narrowed: Any) -> list[str]:
        search, seen = Search(most=2, **narrowed), list[str]()
        with services.database.reading() as session:
            while True:
                page = listing.page(session, search)
                assert len(page.listed) <= 2
                seen += [one.email for one in page.listed]
                if not page.following:
                    break
                search = Search(most=2, after=page.following, **narrowed)
            assert listing.count(session, search) == len(seen)
        return [email.partition("@")[0] for email in seen]

    assert sorted(found(text="EXAMPLE")) == sorted(names)
    assert found(newest=True)[:3] == ["zoe", "cxl", "emil"]
    assert sorted(found()) == sorted([*names, "zoe"])
    assert found(text="c_l") == ["c_l"], "a sign of patterns is a sign like any other"
    assert found(topic="slam") == ["dora"]
    assert found(state=State.BOUNCED) == found(language="ja") == found(suppressed=True) == ["zoe"]
    assert found(text="nobody") == []


def test_the_story_of_a_reader_holds_all_and_of_nobody_what_there_is(
    sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(sqlite_url)
    put(services, 1)
    reader = add(services, email="r@example.org")
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    with services.database.transaction() as session:
        subscribers_store.add_consent(session, reader, "asked", words="Mail me.", origin="web", now=NOW, network="192.0.2.1")
        opinions.keep(session, reader, session.query(PaperRow.id).scalar(), Say.MORE, now=NOW)
    with services.database.reading() as session:
        told = as_json(story(services, session, "R@example.org", now=NOW))
        nobody = story(services, session, "nobody@example.org", now=NOW)
    assert (told["state"], told["today"]["why"], told["feedback"]["more_like"]) == ("confirmed", "sent", 1)
    assert told["consents"] == [
        {"at": NOW.isoformat(), "action": "asked", "words": "Mail me.", "origin": "web", "network": "192.0.2.1"}
    ]
    (mail,) = told["mails"]
    assert (mail["state"], mail["sent_at"], mail["planned_at"]) == ("sent", NOW.isoformat(), NOW.isoformat())
    assert not nobody.is_known
