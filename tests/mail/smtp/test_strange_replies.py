"""What a mail server says is kept as text that any database takes and no terminal obeys; the rows are settled all the same."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.db import Database
from newsletter.mail.deliveries import Outcome
from newsletter.mail.store import leases, ledger
from newsletter.values.mail import DeliveryState
from tests.factories import NOW, a_digest_row, a_subscriber


@pytest.mark.parametrize(
    "said", ["250 ok\x00 queued", "250 \x1b[31m\x07red", "250 \x9b\x85", "250 \udcff", "250 " + "\x00" * 5000]
)
def test_a_reply_with_control_characters_settles_its_row(database: Database, said: str) -> None:
    with database.transaction() as session:
        a_digest_row(session, a_subscriber(session))
    with database.transaction() as session:
        (claimed,) = leases.claim(session, lease="a", until=NOW + dt.timedelta(seconds=30), limit=1, now=NOW)
    with database.transaction() as session:
        outcome = Outcome(claimed.id, DeliveryState.SENT, "dot", said, reason=said)
        assert leases.settle(session, [outcome], lease="a", now=NOW) == 1
    with database.reading() as session:
        (row,) = ledger.deliveries(session)
    assert row.state is DeliveryState.SENT
    assert row.reply.startswith("250")
    assert row.reply.isprintable()
