"""Whom replies of real mail servers are about, by their codes and words."""

from pathlib import Path

import pytest

from newsletter.mail.blame import blame_of, same_words, status_of
from newsletter.values.mail import Blame

REPLIES = [line.split("|", 2) for line in (Path(__file__).parent / "replies.txt").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("blame", "code", "text"), REPLIES)
def test_a_reply_is_about_whom_it_says(blame: str, code: str, text: str) -> None:
    assert blame_of(int(code), text.replace("\\n", "\n")).value == blame


def test_the_code_may_stand_in_the_front_behind_a_sign_or_at_the_end_but_is_no_address_of_a_network() -> None:
    assert status_of("5.1.1 no such user") == "5.1.1"
    assert status_of("#5.1.0 Address rejected") == "5.1.0"
    assert status_of("sorry, no mailbox here by that name. (#5.1.1)") == "5.1.1"
    assert status_of("refused by 5.1.1.12") == ""


def test_two_replies_are_the_same_but_for_the_mailbox_and_the_numbers_of_the_session() -> None:
    one = same_words("5.1.1 <jo@example.org>: jo is unknown here, id a8f7-17", "jo@example.org")
    assert one == same_words("5.1.1 <mia@example.org>: mia is unknown here, id 9c11-42", "mia@example.org")
    assert one != same_words("5.1.1 <jo@example.org>: jo is full, id a8f7-17", "jo@example.org")


def test_a_reply_without_end_is_read_at_once() -> None:
    assert blame_of(550, "5.7.1 " + "mailbox is " * 50_000) is Blame.US
