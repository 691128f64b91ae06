"""The kinds of mail, the states of a delivery, and a finished message on its way to SMTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class MailKind(StrEnum):
    """The kinds of mail, as rows of the ledger name them; each has templates, those of papers (`OF_PAPERS`) share one folder."""

    CONFIRM = "confirm"
    DIGEST = "digest"
    WEEKLY = "weekly"
    READING = "reading"
    PREFERENCES = "preferences"
    GOODBYE = "goodbye"
    ADDRESS = "address"
    MOVED = "moved"
    EDITOR = "editor"
    DATA = "data"
    ERASE = "erase"


# Mails in bulk, which are made of papers and carry the headers of a list.
OF_PAPERS = (MailKind.DIGEST, MailKind.WEEKLY, MailKind.READING)


class DeliveryState(StrEnum):
    """Where a row of the ledger stands. ``unknown``: the final dot was about to be
    sent and no answer came; such a mail is never sent again by itself.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Blame(StrEnum):
    """What a refusal is about: whom it tells something of, and so what follows it.

    ``address``: nobody is there, or nobody any more; ``mailbox``: it takes nothing for now; ``message``: this mail's size or
    content; ``us``: who sends, from where, how much; ``time``: later it may be taken; ``unclear``: the server does not say.
    """

    ADDRESS = "address"
    MAILBOX = "mailbox"
    MESSAGE = "message"
    US = "us"
    TIME = "time"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """The links of one reader that a mail carries, absolute; ``one_click`` is the RFC 8058 target (HTTPS in production).

    ``token`` opens the reader's pages of feedback (25 characters); without one the cards have no links to them. A digest that
    is shown to whoever asks has none of all these. ``unsubscribe_address`` is a mailbox of this reader's that a
    machine reads, "" where there is none.
    """

    preferences: str = ""
    unsubscribe: str = ""
    one_click: str = ""
    view: str = ""
    token: str = ""
    unsubscribe_address: str = ""

    @property
    def pause(self) -> str:
        """The page that offers a week without mail."""
        return f"{self.preferences}/pause" if self.preferences else ""


@dataclass(frozen=True, slots=True)
class Message:
    """A finished mail on its way to SMTP. ``data`` is the RFC 5322 message, CRLF only, neither dot-stuffed nor dotted.

    It is kept in ``pieces``: most of them stand in many mails, so that a morning's mails share them until they are sent.
    ``dotless`` says that no line begins with a dot, as where all parts are base64, so that none is looked for.
    """

    delivery_id: int
    envelope_from: str
    recipient: str
    pieces: tuple[bytes, ...] = field(repr=False)
    dotless: bool = False

    @property
    def data(self) -> bytes:
        """The whole message."""
        return b"".join(self.pieces)
