"""What each mail says, with links that work, whatever became of its papers and topics since it was planned."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from newsletter.bootstrap import Services
from newsletter.daily import plan, send
from newsletter.daily.compose import MessageBuilder
from newsletter.languages import LANGUAGES
from newsletter.mail import delivery_links
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import ledger
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import links
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind, Message
from tests.daily.ledgers import DAY, add, put, rows
from tests.factories import NOW, a_letter_row, a_subscriber
from tests.smtp_sink import Sink, Taken

Make = Callable[..., Services]
BASE = "https://papers.institute.example.ac.jp"


def sent(services: Services, sink: Sink) -> list[Taken]:
    send.drain(services, now=lambda: NOW)
    return sink.taken


def text_of(taken: Taken, kind: str = "plain") -> str:
    body = taken.message.get_body((kind,))
    assert body is not None
    return body.get_content()


def test_the_links_of_a_digest_name_its_reader_and_fit_into_a_header(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url, BASE_URL=BASE)
        put(services, 1)
        reader = add(services)
        plan.plan(services, now=NOW)
        (taken,) = sent(services, sink)
    target = re.fullmatch(r"<(.+)>", taken.message["List-Unsubscribe"])
    assert target is not None
    assert len(target.group(1)) <= 76
    token = target.group(1).rpartition("/unsubscribe/")[2]
    with services.database.reading() as session:
        assert links.subscriber_by_link(session, services.signer, token, LinkPurpose.UNSUBSCRIBE, now=NOW).id == reader
    assert f"{BASE}/unsubscribe/{token}?choices=" in text_of(taken)
    view = re.search(rf"{BASE}/view/([A-Za-z0-9_-]+)", text_of(taken) + text_of(taken, "html"))
    assert view is not None
    with services.database.reading() as session:
        assert delivery_links.viewed(session, services.signer, view.group(1), now=NOW).id == rows(services)[0].id


@pytest.mark.parametrize("language", [one.code for one in LANGUAGES])
def test_a_digest_is_made_in_every_language_and_direction(sqlite_url: str, make_services: Make, language: str) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        put(services, 1)
        add(services, language=language)
        plan.plan(services, now=NOW)
        (taken,) = sent(services, sink)
    html = text_of(taken, "html")
    direction = next(one.direction for one in LANGUAGES if one.code == language)
    assert re.search(rf'<html[^>]* dir="{direction}"', html)
    assert "Paper 1" in html


def test_a_reader_who_changed_the_language_since_gets_the_new_one(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        put(services, 1)
        reader = add(services, language="en")
        plan.plan(services, now=NOW)
        with services.database.transaction() as session:
            session.get_one(SubscriberRow, reader).language = "ja"
        (taken,) = sent(services, sink)
    assert 'lang="ja"' in text_of(taken, "html")


def test_a_topic_that_the_catalogue_dropped_since_keeps_its_papers(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        put(services, 1)
        add(services)
        plan.plan(services, now=NOW)
        with services.database.transaction() as session:
            (row,) = ledger.deliveries(session)
            contents = {**row.contents, "papers": [[one, "gone"] for one, _ in row.contents["papers"]], "topics": ["gone"]}
            session.execute(update(DeliveryRow).values(contents=contents))
        (taken,) = sent(services, sink)
    assert "Paper 1" in text_of(taken)


@pytest.mark.parametrize("how", ["withdrawn", "deleted"])
def test_papers_that_went_since_are_left_out_and_an_empty_digest_is_not_sent(
    database_url: str, make_services: Make, how: str
) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        put(services, 1)
        put(services, 2, topic="llm")
        both, one = add(services, "nerf", "llm", email="both@example.org"), add(services, "nerf")
        plan.plan(services, now=NOW)
        with services.database.transaction() as session:
            gone = papers_store.paper_by_ref(session, "2606.00001")
            assert gone is not None
            row = session.get_one(PaperRow, gone.id)
            if how == "deleted":
                session.delete(row)
            else:
                row.withdrawn = True
        (taken,) = sent(services, sink)
    assert taken.recipient == "both@example.org"
    assert "Paper 1" not in text_of(taken)
    assert "Paper 2" in text_of(taken)
    assert [(row.state, row.reason) for row in rows(services, one)] == [(DeliveryState.SKIPPED, "its papers are gone")]
    assert [row.state for row in rows(services, both)] == [DeliveryState.SENT]


def test_a_paper_that_went_since_is_not_counted_as_one_more(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        put(services, 1)
        put(services, 2)
        put(services, 3)
        add(services, "nerf")
        plan.plan(services, now=NOW)
        with services.database.transaction() as session:
            session.execute(update(PaperRow).where(PaperRow.ref == "2606.00001").values(withdrawn=True))
        (taken,) = sent(services, sink)
    assert "Paper 3" in text_of(taken)
    assert "Paper 1" not in text_of(taken)
    assert not re.search(r"of 3\b|\b1 more", text_of(taken)), text_of(taken)


def test_a_confirmation_carries_a_link_that_confirms(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        with services.database.transaction() as session:
            reader = a_subscriber(session, "nerf", state="pending")
            a_letter_row(session, reader, MailKind.CONFIRM)
        (taken,) = sent(services, sink)
    raw = re.search(r"/confirm/([A-Za-z0-9_-]+)", text_of(taken))
    assert raw is not None
    with services.database.transaction() as session:
        assert links.use(session, raw.group(1), links.Purpose.CONFIRM, now=NOW).subscriber_id == reader


# ---------------------------------------------------------------- what breaks


@pytest.mark.parametrize(
    ("break_it", "state"),
    [
        (lambda contents: {**contents, "papers": 7}, DeliveryState.RETRY),
        (lambda contents: {**contents, "more": "many"}, DeliveryState.RETRY),
    ],
)
def test_a_mail_that_cannot_be_built_keeps_nobody_elses(
    database_url: str, make_services: Make, break_it: Callable[[dict[str, object]], object], state: DeliveryState
) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        put(services, 1)
        broken, whole = add(services), add(services, email="whole@example.org")
        plan.plan(services, now=NOW)
        with services.database.transaction() as session:
            (row,) = ledger.deliveries(session, subscriber_id=broken)
            session.execute(update(DeliveryRow).where(DeliveryRow.id == row.id).values(contents=break_it(dict(row.contents))))
        assert [taken.recipient for taken in sent(services, sink)] == ["whole@example.org"]
        assert [row.state for row in rows(services, broken)] == [state]
        send.drain(services, now=lambda: NOW + DAY)
    (row,) = rows(services, broken)
    assert (row.state, row.reason[:7]) == (DeliveryState.FAILED, "gave up")
    assert [row.state for row in rows(services, whole)] == [DeliveryState.SENT]


def test_an_address_that_cannot_stand_in_a_header_fails_alone(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        put(services, 1)
        broken = add(services, email="a\r\nBcc: b@example.org")
        add(services, email="whole@example.org")
        plan.plan(services, now=NOW)
        assert [taken.recipient for taken in sent(services, sink)] == ["whole@example.org"]
    assert [row.state for row in rows(services, broken)] == [DeliveryState.FAILED]


def test_messages_are_built_with_a_few_queries_for_all(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url)
    put(services, *range(1, 20))
    for _ in range(30):
        add(services, language="ja")
    plan.plan(services, now=NOW)
    statements: list[str] = []
    from sqlalchemy import event

    event.listen(services.database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    built = MessageBuilder(services).build(rows(services), now=NOW)
    assert all(isinstance(one, Message) for one in built.values())
    assert len([one for one in statements if one.startswith("SELECT")]) <= 8
