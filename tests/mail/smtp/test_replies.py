"""What each reply of a mail server means for a delivery."""

import datetime as dt

import pytest

from newsletter.mail.deliveries import Delivery
from newsletter.mail.smtp.replies import Reply, Stage, outcome_of
from newsletter.values.mail import Blame, DeliveryState, MailKind

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def delivery(
    *,
    kind: MailKind = MailKind.DIGEST,
    attempts: int = 1,
    planned: dt.datetime = NOW,
    number: int = 1,
    email: str = "a@example.org",
    retry_until: dt.datetime | None = None,
) -> Delivery:
    return Delivery(
        number,
        1,
        email,
        "en",
        0,
        kind,
        "2026-11-20",
        DeliveryState.SENDING,
        "",
        attempts,
        "",
        "<1>",
        "",
        {},
        7,
        planned,
        NOW,
        retry_until,
    )


@pytest.mark.parametrize(
    ("stage", "code", "text", "state"),
    [
        (Stage.DOT, 250, "2.0.0 taken", "sent"),
        (Stage.CONNECT, 0, "refused", "retry"),
        (Stage.MAIL, 421, "4.3.2 busy", "retry"),
        (Stage.RCPT, 450, "4.2.0 greylisted", "retry"),
        (Stage.RCPT, 452, "4.2.2 full", "retry"),
        (Stage.RCPT, 550, "5.1.1 no such user", "failed"),
        (Stage.RCPT, 550, "no such user", "failed"),
        (Stage.RCPT, 552, "5.2.2 full", "retry"),
        (Stage.RCPT, 550, "5.7.1 blocked", "retry"),
        (Stage.MAIL, 554, "5.7.1 blocked", "retry"),
        (Stage.DATA, 554, "5.6.0 no", "retry"),
        (Stage.DOT, 554, "5.7.1 spam", "retry"),
        (Stage.DOT, 451, "4.3.0 later", "retry"),
        (Stage.MAIL, 0, "dropped", "retry"),
        (Stage.RCPT, 0, "dropped", "retry"),
        (Stage.DATA, 0, "dropped", "retry"),
        (Stage.DOT, 0, "dropped", "unknown"),
    ],
)
def test_a_reply_puts_a_digest_into_its_state(stage: Stage, code: int, text: str, state: str) -> None:
    assert outcome_of(delivery(), Reply(stage, code, text), now=NOW).state == state


def test_a_confirmation_without_an_answer_to_its_dot_is_sent_again() -> None:
    assert outcome_of(delivery(kind=MailKind.CONFIRM), Reply(Stage.DOT, 0, "dropped"), now=NOW).state is DeliveryState.RETRY


def test_pauses_grow_with_the_tries() -> None:
    dues = [outcome_of(delivery(attempts=n), Reply(Stage.RCPT, 450, "later"), now=NOW).due_at for n in range(1, 12)]
    minutes = [(due - NOW).total_seconds() / 60 for due in dues if due is not None]
    assert minutes == [1, 2, 5, 15, 30, 60, 120, 240, 240, 240, 240], "as docs/delivery.md says"


def test_after_a_day_of_tries_a_delivery_has_failed_and_says_so() -> None:
    outcome = outcome_of(delivery(attempts=9, planned=NOW - dt.timedelta(hours=24)), Reply(Stage.RCPT, 450, "later"), now=NOW)
    assert (outcome.state, outcome.reason) == (DeliveryState.FAILED, "gave up after 9 tries")


def test_a_digest_is_tried_until_its_readers_next_one_is_due() -> None:
    late = delivery(attempts=9, planned=NOW - dt.timedelta(hours=48), retry_until=NOW + dt.timedelta(minutes=1))
    assert outcome_of(late, Reply(Stage.RCPT, 450, "later"), now=NOW).state is DeliveryState.RETRY
    over = delivery(attempts=2, planned=NOW - dt.timedelta(hours=1), retry_until=NOW)
    assert outcome_of(over, Reply(Stage.RCPT, 450, "later"), now=NOW).state is DeliveryState.FAILED


@pytest.mark.parametrize(
    ("stage", "code", "text", "blame"),
    [
        (Stage.DOT, 250, "2.0.0 taken", None),
        (Stage.DOT, 0, "dropped", None),
        (Stage.MAIL, 550, "5.1.1 no such user", Blame.US),
        (Stage.MAIL, 552, "5.3.4 message size exceeds fixed limit", Blame.MESSAGE),
        (Stage.DATA, 554, "5.5.1 no valid recipients", Blame.US),
        (Stage.CONNECT, 535, "5.7.8 authentication failed", Blame.US),
        (Stage.RCPT, 550, "5.1.1 no such user", Blame.ADDRESS),
        (Stage.DOT, 550, "5.1.1 no such user", Blame.ADDRESS),
        (Stage.DOT, 550, "no", Blame.UNCLEAR),
        (Stage.DOT, 451, "4.7.1 later", Blame.TIME),
    ],
)
def test_a_reply_says_whom_it_is_about(stage: Stage, code: int, text: str, blame: Blame | None) -> None:
    assert Reply(stage, code, text).blame is blame
