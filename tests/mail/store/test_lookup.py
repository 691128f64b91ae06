"""What an operator asks of the ledger, on both databases."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import pytest
from sqlalchemy import text

from newsletter.db import Database
from newsletter.mail.deliveries import Outcome
from newsletter.mail.store import leases, lookup
from newsletter.mail.store.lookup import Question
from newsletter.values.mail import DeliveryState, MailKind
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber

SOON = NOW + dt.timedelta(minutes=1)
REPLIES = ("250 2.0.0 Ok: queued as 550AB", "550 5.1.1 No such user", "452 4.2.2 Mailbox full", "550 5.7.1 100% spam_score")
STATES = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.RETRY, DeliveryState.FAILED)


@pytest.fixture
def asked(database: Database) -> Database:
    """Four digests, each with its reply, and three letters; ``reader2`` has moved from ``old@example.org``."""
    with database.transaction() as session:
        readers = [a_subscriber(session, email=f"Reader{number}@example.org") for number in range(4)]
        for number, reader in enumerate(readers):
            session.execute(text("UPDATE subscribers SET email_key = lower(email) WHERE id = :id"), {"id": reader})
            a_digest_row(session, reader, period=f"2026-11-{17 + number}")
        ids = [row.id for row in leases.claim(session, lease="x", until=SOON, limit=9, now=NOW)]
        pairs = zip(ids, STATES, REPLIES, strict=True)
        leases.settle(session, [Outcome(one, state, "dot", said, due_at=SOON) for one, state, said in pairs], lease="x", now=SOON)
        for kind in (MailKind.PREFERENCES, MailKind.MOVED):
            a_letter_row(session, readers[2], kind)
        session.execute(text("""UPDATE deliveries SET contents = '{"to": "Old@example.org"}' WHERE kind = 'moved'"""))
    return database


def periods(database: Database, question: Question) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.kind, row.date) for row in lookup.found(session, question)]


DIGESTS = [("digest", f"2026-11-{day}") for day in (17, 18, 19, 20)]
LETTERS = [("preferences", "2026-11-20"), ("moved", "2026-11-20")]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (Question(), DIGESTS + LETTERS),
        (Question(limit=3), [DIGESTS[3], *LETTERS]),
        (Question(state=DeliveryState.SENT), DIGESTS[:1]),
        (Question(state=DeliveryState.FAILED, limit=1), DIGESTS[3:]),
        (Question(kind=MailKind.MOVED), LETTERS[1:]),
        (Question(date=NOW.date()), [DIGESTS[3], *LETTERS]),
        (Question(date=NOW.date() - dt.timedelta(days=1)), DIGESTS[2:3]),
        (Question(email_key="reader2@example.org"), [DIGESTS[2], *LETTERS]),
        (Question(email_key="old@example.org"), LETTERS[1:]),
        (Question(email_key="nobody@example.org"), []),
        (Question(reply="550"), [DIGESTS[1], DIGESTS[3]]),
        (Question(reply="5.7.1"), DIGESTS[3:]),
        (Question(reply="550AB"), DIGESTS[:1]),
        (Question(reply="mailbox FULL"), DIGESTS[2:3]),
        (Question(reply="%"), DIGESTS[3:]),
        (Question(reply="_"), DIGESTS[3:]),
        (Question(reply="550", date=NOW.date()), DIGESTS[3:]),
    ],
)
def test_the_ledger_answers(asked: Database, question: Question, rows: list[tuple[str, str]]) -> None:
    assert periods(asked, question) == rows


def test_a_page_of_the_newest_has_what_the_ledger_answers_however_it_is_narrowed(asked: Database) -> None:
    day = NOW.date()
    narrowed = [{}, {"domain": "example.org"}, {"domain": "xample.org"}, {"domain": "example.org", "reply": "5"}]
    narrowed += [{"email_key": "reader2@example.org"}, {"reply": "55", "refused": True}]
    days, kinds, states = [{}, {"date": day}], [{}, {"kind": MailKind.DIGEST}], [{}, {"state": DeliveryState.FAILED}]
    counts = Counter[int]()
    with asked.reading() as session:
        for parts in itertools.product(narrowed, days, kinds, states):
            question = Question(**{name: value for part in parts for name, value in part.items()})
            ids = [row.id for row in lookup.found(session, question)]
            assert [one.id for one in lookup.newest(session, question, most=9)] == ids[::-1], question
            assert [one.id for one in lookup.newest(session, question, most=1, before=ids[-1] if ids else None)] == ids[:-1][-1:]
            counts[len(ids)] += 1
    assert len(counts) > 3, "questions that find nothing show little"


def test_a_row_says_when_it_was_planned_and_sent_and_to_which_address(asked: Database) -> None:
    with asked.reading() as session:
        sent, failed, *_, moved = lookup.found(session, Question())
    assert (sent.planned_at, sent.sent_at) == (NOW, SOON)
    assert failed.sent_at is None
    assert (sent.email, moved.email) == ("Reader0@example.org", "Old@example.org")


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (Question(date=NOW.date()), "ix_deliveries_planned_at"),
        (Question(reply="550"), "ix_deliveries_reply"),
        (Question(email_key="a@example.org"), "sqlite_autoindex_deliveries_1"),
        (Question(state=DeliveryState.FAILED), "ix_deliveries_state_priority_due_at"),
        (Question(state=DeliveryState.SENT, limit=5), ""),
    ],
)
def test_an_index_answers_each_question_and_none_makes_the_usual_rows_be_sorted(
    sqlite_url: str, question: Question, index: str
) -> None:
    from newsletter.db import connect

    database = connect(sqlite_url)
    with database.reading() as session:
        chosen = str(lookup.statement_of(question).compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {chosen}".replace(":", "\\:"))))
    database.close()
    assert index in plan
    if not index:
        assert "ix_deliveries_state" not in plan
