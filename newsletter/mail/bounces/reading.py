"""Reads a message that came to the envelope sender of a mail: a bounce, a complaint, an answer of a machine, or a letter. Pure.

Delivery reports (RFC 3464) are read by the standard library, those in other forms by flufl.bounce, complaints by
`feedback_reports`. Whatever stands in a message, it is read to the end without an error. Nothing here knows the ledger.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Any

from flufl.bounce import all_failures

from newsletter.mail.blame import blame_of, status_of
from newsletter.mail.bounces.feedback_reports import complaint_in
from newsletter.mail.bounces.message_parts import Part, text_of, walk
from newsletter.mail.bounces.report import OF_BLAME, Kind, Report, Returned
from newsletter.text.characters import one_line
from newsletter.values.mail import Blame

# Its detectors break on what strangers send, each with a traceback for whoever reads along; that is looked after here.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
# The sender of a message that names none.
NOBODY = "nobody@sender.invalid"
# Larger ones are no bounces: a server that returns a whole mail returns one of ours.
MOST_BYTES = 5_000_000
# Of lines where nothing but patterns over each finds a bounce; one that returns a whole mail of ours has two thousand.
MOST_LINES = 10_000
MOST_REPORTS = 20
MOST_WORDS = 400
# So much of a text is read for words; what stands below the line that introduces the returned mail is not.
MOST_TEXT = 4_000
TOKEN = re.compile(r"(?<![\w.+-])([bu])-([a-z2-7]{26,40})@", re.IGNORECASE)
MESSAGE_ID = re.compile(r"<[a-z]{1,16}\.[0-9a-f]{32}@[^<>\s]{1,200}>")
# Where the reader's server says to whom a message was addressed on its way here.
ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "resent-to")
RETURNED = (
    *("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"),
    *("message/feedback-report", "message/global", "message/global-headers"),
)
STATUS = ("message/delivery-status", "message/global-delivery-status")
_BELOW = re.compile(
    r"(?im)^.{0,60}(?:original (?:message|mail)"
    r"|(?:copy|header\w*|text|beginning|content\w*) of (?:the|your) (?:\w+ )?(?:message|mail)"
    r"|(?:returned|unsent|undelivered) message|below this line|message (?:header|text|follows)|forwarded message).{0,60}$"
    r"|^(?:return-path|received|message-id|mime-version):"
)
# Of a warning that a mail waits: nothing was given up yet.
_DELAYED = re.compile(
    r"(?i)^(?:warning|delayed)\b|\bdelayed \d+ (?:hours?|minutes?|days?)|not yet been delivered|still being retried"
    r"|will (?:be retried|keep trying|continue to (?:try|be)|retry)"
    r"|no action is required|noch nicht zugestellt|wird weiterhin versucht"
)
_ANY_ADDRESS = re.compile(r"[^\s<>@(),;:\"]{1,64}@[^\s<>@(),;:\"）（]{1,200}\.[a-zA-Z]{2,20}")
_AUTOMATIC = re.compile(
    r"(?i)out of (?:the )?office|auto(?:matic)?[ -]?(?:reply|response|responder|antwort)|autoreply|abwesenheit|vacation"
    r"|r[eé]ponse automatique|absence du bureau|respuesta autom|risposta automatica|fuera de la oficina"
    r"|自动回复|自動回覆|不在|on (?:annual )?leave|away from"
)


def read(data: bytes, *, envelope_to: str = "") -> Returned:
    """What the message ``data`` says; ``envelope_to`` is the recipient of its envelope, "" where it is not known."""
    try:
        message = email.message_from_bytes(data[:MOST_BYTES], Part)
        parts = [part for part in walk(message, 0) if isinstance(part, Message)]
        return _read(message, parts, envelope_to)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        # The library's parser is lazy: a header or an encoding that it cannot take shows when it is asked for.
        return Returned(tokens=_tokens("b", [envelope_to]), leaving=_tokens("u", [envelope_to]))


def _read(message: Message[Any, Any], parts: Sequence[Message[Any, Any]], envelope_to: str) -> Returned:
    outer = [envelope_to, *(str(value) for name in ADDRESSED for value in message.get_all(name, ()))]
    complaint = complaint_in(message, parts)
    reports = (complaint,) if complaint else tuple(_reports(message, parts))[:MOST_REPORTS]
    if all(report.kind is Kind.NONE for report in reports) and (leaving := _tokens("u", outer)):
        return Returned(leaving=leaving, understood=True)
    inner = _returned_texts(message, parts)
    return Returned(
        reports=reports or (Report(Kind.NONE),),
        tokens=_tokens("b", [*outer, *inner]),
        message_ids=_message_ids(inner),
        understood=bool(reports) or _is_automatic(message),
    )


def _returned_texts(message: Message[Any, Any], parts: Sequence[Message[Any, Any]]) -> list[str]:
    """What a message returns of the mail; all its texts, where no part says that it is that."""
    returned = [text_of(part) for part in parts if part is not message and part.get_content_type() in RETURNED]
    return returned or [text_of(part) for part in parts if not part.is_multipart()]


def _message_ids(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for text in texts for found in MESSAGE_ID.findall(text[:65_536])))[:5]


def _tokens(letter: str, texts: Iterable[str]) -> tuple[str, ...]:
    found = (match for text in texts for match in TOKEN.finditer(text[:65_536]))
    return tuple(dict.fromkeys(match.group(2).lower() for match in found if match.group(1).lower() == letter))[:5]


def _reports(message: Message[Any, Any], parts: Sequence[Message[Any, Any]]) -> Iterator[Report]:
    statuses = [part for part in parts if part.get_content_type() in STATUS]
    said = [report for part in statuses for report in _delivery_status(part)]
    if said:
        yield from said
        return
    if _is_automatic(message) and not statuses:
        yield Report(Kind.NONE)
        return
    yield from _without_form(message, parts)


def _without_form(message: Message[Any, Any], parts: Sequence[Message[Any, Any]]) -> Iterator[Report]:
    """What a bounce tells that has no fields for it."""
    if sum(text.count("\n") for part in parts if isinstance(text := part.get_payload(), str)) > MOST_LINES:
        return
    words = _explanation(parts)
    temporary, permanent = _failures(message, words)
    if not temporary and not permanent and _is_of_daemon(message):
        yield from _in_any_words(words)
    yield from (_in_words(recipient, words) for recipient in permanent)
    yield from (Report(Kind.SOFT, one, status_of(words), one_line(words, MOST_WORDS), delayed=True) for one in temporary)


def _delivery_status(part: Message[Any, Any]) -> Iterator[Report]:
    """What each block of fields about a recipient says (RFC 3464 2.3)."""
    yield from (_of_recipient(block) for block in _blocks(part) if str(block.get("action", "")).strip())


def _blocks(part: Message[Any, Any]) -> list[Message[Any, Any]]:
    """The blocks of fields; the library reads none where they are encoded, or of the form for addresses in Unicode (RFC 6533)."""
    payload = part.get_payload()
    found = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    if any("action" in block for block in found):
        return found
    encoded = "\n\n".join(str(block.get_payload()) for block in found)
    return _fields_in(_decoded(encoded, part) if encoded.strip() else text_of(part))


def _fields_in(text: str) -> list[Message[Any, Any]]:
    blocks = re.split(r"\r?\n[ \t]*\r?\n", text)[:MOST_REPORTS]
    return [email.message_from_string(block, Part) for block in blocks if ":" in block]


def _decoded(text: str, part: Message[Any, Any]) -> str:
    """``text`` out of the encoding that its part says it has."""
    coded = Part()
    coded["Content-Transfer-Encoding"] = str(part.get("content-transfer-encoding", ""))
    coded.set_payload(text)
    return text_of(coded)


def _of_recipient(block: Message[Any, Any]) -> Report:
    action, recipient = str(block["action"]).strip().lower(), _recipient(block)
    said = str(block.get("diagnostic-code", ""))
    words = one_line(said.partition(";")[2] or said, MOST_WORDS)
    status = status_of(str(block.get("status", ""))) or status_of(words)
    if action.startswith("delay"):
        return Report(Kind.SOFT, recipient, status, words, delayed=True)
    if action.startswith(("fail", "error")):
        return Report(_kind_of_failure(status, words), recipient, status_of(words) or status, words)
    return Report(Kind.NONE, recipient, status, words)


def _recipient(block: Message[Any, Any]) -> str:
    """Whom the mail was for: as we wrote it where that is said, else as the last server knew it."""
    for name in ("original-recipient", "final-recipient"):
        value = str(block.get(name, ""))
        address = parseaddr(value.partition(";")[2] if ";" in value else value)[1]
        if "@" in address:
            return address[:320]
    return ""


def _kind_of_failure(status: str, words: str) -> Kind:
    """The kind of a failure for good, of a server that gave up: so a code of a pause is a mailbox that took none for days."""
    said = re.search(r"(?<![\d.])[45]\d\d(?=[ -])", words)
    code = int(said.group(0)) if said else 550
    detail = status_of(words)
    # The server that was asked knows best: a relay's own code is often a general one.
    specific = detail if detail and not detail.endswith(".0.0") else status
    if code < 500 or specific.startswith("4"):
        return Kind.SOFT
    blame = blame_of(code, words, status=specific)
    return OF_BLAME.get(blame, Kind.SOFT if words else Kind.HARD)


def _in_words(recipient: str, words: str) -> Report:
    """A bounce that tells in words only: taken for a hard one, as its detector means it, where the words do not say better."""
    words = _said_of(recipient, words)
    blame = blame_of(550, words)
    kind = Kind.HARD if blame in (Blame.UNCLEAR, Blame.TIME) else OF_BLAME[blame]
    if status_of(words).startswith("4"):
        kind = Kind.SOFT  # given up after days
    return Report(kind, recipient, status_of(words), one_line(words, MOST_WORDS))


def _failures(message: Message[Any, Any], words: str) -> tuple[list[str], list[str]]:
    """The recipients that fail for now, and for good; a warning names those too to whom the mail may still go."""
    temporary, permanent = _by_flufl(message)
    if permanent and _DELAYED.search(f"{message.get('subject', '')}\n{words}"):
        return [*temporary, *permanent], []
    return temporary, permanent


def _in_any_words(words: str) -> Iterator[Report]:
    """What a mail server says in a form that nobody knows: by the reply that it quotes, where that is plain."""
    quoted = re.search(r"(?<![\d.])5\d\d[ -][\s\S]{8,300}", words)
    blame = blame_of(int(quoted.group(0)[:3]), quoted.group(0)) if quoted else Blame.UNCLEAR
    if quoted and blame in OF_BLAME:
        named = _ANY_ADDRESS.search(words)
        yield Report(
            OF_BLAME[blame],
            named.group(0)[:320] if named else "",
            status_of(quoted.group(0)),
            one_line(quoted.group(0), MOST_WORDS),
        )


def _is_of_daemon(message: Message[Any, Any]) -> bool:
    """True for a message of a mail server: nobody can answer it, or its sender has the name of one."""
    nobody = str(message.get("return-path", "")).strip() == "<>"
    return nobody or re.search(r"(?i)mailer-?daemon|postmaster", str(message.get("from", ""))) is not None


def _said_of(recipient: str, words: str) -> str:
    """What a text says of this recipient: the reply that it quotes, else what follows the address."""
    _, _, after = words.partition(recipient)
    after = after if len(after.strip(" \r\n<>:.")) > 10 else words
    quoted = re.search(r"(?<![\d.])[45]\d\d[ -][\s\S]{8}", after)
    return after[quoted.start() :] if quoted else after


def _explanation(parts: Sequence[Message[Any, Any]]) -> str:
    """The words of a bounce without a form, up to where the mail that it returns begins."""
    text = next((text_of(part) for part in parts if part.get_content_maintype() == "text"), "")[:MOST_TEXT]
    text = re.sub(r"(?s)<(?:!|/?[a-zA-Z][^@>]{0,300})>", " ", text)
    below = _BELOW.search(text)
    return text[: below.start()] if below else text


def _by_flufl(message: Message[Any, Any]) -> tuple[list[str], list[str]]:
    """The recipients that fail for now, and for good, as flufl.bounce finds them."""
    if not getaddresses([str(message.get("from", ""))]):
        # One of its detectors breaks where nobody sent the message, and with it all that the others find.
        del message["from"]
        message["From"] = NOBODY
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors are regular expressions over what strangers send; what breaks one is no bounce to it
        return [], []
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: Iterable[bytes]) -> list[str]:
    return sorted(address.decode("ascii", "replace")[:320] for address in found if b"@" in address)


def _is_automatic(message: Message[Any, Any]) -> bool:
    """True for an answer that a machine gives for a person: an out-of-office, a vacation note."""
    if message.get_content_type() == "multipart/report":
        return False
    submitted = str(message.get("auto-submitted", "")).strip().lower()
    marks = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "x-vacation")
    replied = submitted.startswith("auto-replied") or str(message.get("precedence", "")).lower().startswith("auto_reply")
    bounced = re.search(r"(?i)mailer-daemon|postmaster|deliver", str(message.get("from", "")))
    subject = _AUTOMATIC.search(str(message.get("subject", ""))) is not None
    return not bounced and (replied or subject or any(mark in message for mark in marks))
