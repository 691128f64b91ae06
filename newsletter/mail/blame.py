"""Whom a refusal of a mail server is about. Pure.

The enhanced status code (RFC 3463) is read first, then the words, which decide where the code is a general one or says
something else than they do; who else got the same reply is weighed by `smtp.same_replies`. In doubt it is about us: no reader is
lost by that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsletter.mail.blame_words import AUTHENTICATION, FULL, GREETING, LISTED, ORDER, RELAY, SENDER
from newsletter.values.mail import Blame

# Longer replies are cut: what matters stands in the beginning.
MOST_LETTERS = 1000
# Subject and detail of codes that say enough. RFC 3463, RFC 5248 and the registry of
# https://www.iana.org/assignments/smtp-enhanced-status-codes
CODES: Mapping[str, Blame] = (
    dict.fromkeys(("1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "7.17", "7.18"), Blame.ADDRESS)
    | {"2.2": Blame.MAILBOX}
    # Exchange: who is there takes mail of their own people only, which is neither ours to mend nor anybody's absence.
    | dict.fromkeys(("7.124", "7.129", "7.133", "7.134", "7.135", "7.136"), Blame.UNCLEAR)
    | dict.fromkeys(("2.3", "3.4"), Blame.MESSAGE)
    | dict.fromkeys(("1.7", "1.8", "5.2", "5.4"), Blame.US)
)
# Replies without an enhanced code whose number says something.
NUMBERS: Mapping[int, Blame] = {
    **dict.fromkeys((500, 501, 502, 503, 504, 521, 523, 530, 534, 535, 538, 555), Blame.US),
    **dict.fromkeys((551, 556), Blame.ADDRESS),
    552: Blame.MAILBOX,
}
# What is said this plainly is believed against a code that blames the address.
_PLAINLY_US = (AUTHENTICATION, RELAY, GREETING, SENDER, LISTED)
_CODE = re.compile(r"(?<![\d.])[245]\.(\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_AT_A_LINE_START = re.compile(r"(?m)^[ \t]*(?:[245]\d\d[ -])?#?(?:[245]\.\d{1,3}\.\d{1,3}\b)?[ \t:;-]*")
# What stands between angle brackets, and links, say nothing; nor do names of domains and addresses.
_QUOTED = re.compile(r"https?:\S+|<[^<>\s]*>|\S+@\S+")


def blame_of(code: int, text: str, *, status: str = "") -> Blame:
    """Whom a reply of ``code`` (400 to 599) and ``text`` is about; ``status`` is its enhanced code where it is known already."""
    said, detail = words_of(text), (status or status_of(text)).partition(".")[2]
    if code < 500:
        return Blame.MAILBOX if detail == "2.2" or FULL.search(said) else Blame.TIME
    if code == 521:  # the host takes no mail (RFC 7504); AOL says so with a code of mailboxes
        return Blame.US
    by_words = next((blame for words, blame in ORDER if words.search(said)), None)
    by_code = CODES.get(detail)
    if by_code is not None:
        return _by_code(by_code, by_words, said, detail)
    if detail.startswith("4.1") and "access denied" in said:
        return Blame.ADDRESS  # how Exchange Online says that it knows no such recipient
    return by_words or _by_subject(detail.partition(".")[0]) or (Blame.UNCLEAR if detail else NUMBERS.get(code, Blame.UNCLEAR))


def _by_code(by_code: Blame, by_words: Blame | None, said: str, detail: str) -> Blame:
    if by_code is not Blame.ADDRESS:
        # A machine that greets in the wrong way gets a code of syntax, as does an address in the wrong form.
        return by_words or by_code if detail.startswith("5.") else by_code
    if by_words is Blame.MAILBOX or (by_words is Blame.TIME and detail.startswith("2.")):
        return by_words
    return Blame.US if any(words.search(said) for words in _PLAINLY_US) else Blame.ADDRESS


def _by_subject(subject: str) -> Blame | None:
    return {"3": Blame.TIME, "4": Blame.TIME, "6": Blame.MESSAGE, "7": Blame.US}.get(subject)


def status_of(text: str) -> str:
    """The enhanced code of a reply's text such as ``5.1.1``, "" where there is none; qmail writes it at the end."""
    found = _CODE.search(text[:MOST_LETTERS])
    return found.group(0) if found else ""


def words_of(text: str) -> str:
    """The words of a reply: small letters, one line, without codes, addresses and links."""
    plain = _QUOTED.sub(" ", _AT_A_LINE_START.sub(" ", text[:MOST_LETTERS]))
    return " ".join(plain.lower().split())


def same_words(text: str, recipient: str) -> str:
    """A reply without what differs from mailbox to mailbox, so that two that say the same are equal."""
    local = re.escape(recipient.rpartition("@")[0].lower())
    return re.sub(rf"\S*\d\S*|\b{local}\b", "#", words_of(text)) if local else words_of(text)
