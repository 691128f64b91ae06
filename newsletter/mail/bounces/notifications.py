"""What calls of providers say: Amazon SES, and one form of ours that others are mapped to. Pure.

Who made a call is checked before (`sns` for Amazon, `signed_by` for the other form).
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from newsletter.errors import InputError
from newsletter.mail.blame import blame_of, status_of
from newsletter.mail.bounces.reading import MESSAGE_ID, TOKEN
from newsletter.mail.bounces.report import OF_BLAME, Kind, Report, Returned

# Seconds between the call and its signature, either way.
SIGNATURE_AGE = 300
# https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
_SES_KINDS: Mapping[tuple[str, str], Kind] = {
    ("Permanent", "General"): Kind.HARD,
    ("Permanent", "NoEmail"): Kind.HARD,
    ("Permanent", "Suppressed"): Kind.HARD,
    ("Permanent", "OnAccountSuppressionList"): Kind.HARD,
    ("Transient", "MailboxFull"): Kind.SOFT,
    ("Transient", "General"): Kind.SOFT,
    ("Transient", "MessageTooLarge"): Kind.OURS,
    ("Transient", "ContentRejected"): Kind.OURS,
    ("Transient", "AttachmentRejected"): Kind.OURS,
}


def of_ses(text: str) -> Returned:
    """What a notification of SES says, in either of its two forms. Raises InputError where it is none."""
    told = _object(text)
    kind, mail = str(told.get("notificationType") or told.get("eventType") or ""), _mapping(told.get("mail"))
    if kind == "Bounce":
        reports = _ses_bounce(_mapping(told.get("bounce")))
    elif kind == "Complaint":
        reports = _ses_complaint(_mapping(told.get("complaint")))
    else:
        reports = (Report(Kind.NONE),)
    sources = f"{mail.get('source', '')} {_mapping(mail.get('commonHeaders')).get('returnPath', '')}"
    headers = [one for one in _list(mail.get("headers")) if isinstance(one, Mapping)]
    ids = [str(one.get("value", "")) for one in headers if str(one.get("name", "")).lower() == "message-id"]
    ids.append(str(_mapping(mail.get("commonHeaders")).get("messageId", "")))
    return Returned(reports, _tokens(sources), _message_ids(" ".join(ids)), understood=True)


def _ses_bounce(bounce: Mapping[str, Any]) -> tuple[Report, ...]:
    kinds = str(bounce.get("bounceType", "")), str(bounce.get("bounceSubType", ""))
    found = []
    for one in _list(bounce.get("bouncedRecipients"))[:20]:
        said = _mapping(one)
        words, status = str(said.get("diagnosticCode", ""))[:400], status_of(str(said.get("status", "")))
        by_words = _by_words(words, status)
        kind = _SES_KINDS.get(kinds, Kind.HARD if kinds[0] == "Permanent" else Kind.SOFT)
        # "Permanent, General" is said of any 5xx, about us too.
        kind = by_words if kind is Kind.HARD and by_words in (Kind.OURS, Kind.SOFT) else kind
        found.append(Report(kind, str(said.get("emailAddress", ""))[:320], status, words))
    return tuple(found) or (Report(Kind.NONE),)


def _by_words(words: str, status: str) -> Kind | None:
    code = re.search(r"(?<![\d.])[45]\d\d(?=[ -])", words)
    return OF_BLAME.get(blame_of(int(code.group(0)) if code else 550, words, status=status)) if words else None


def _ses_complaint(complaint: Mapping[str, Any]) -> tuple[Report, ...]:
    feedback = str(complaint.get("complaintFeedbackType") or "abuse")
    kind = Kind.NONE if feedback == "not-spam" else Kind.OURS if feedback == "auth-failure" else Kind.COMPLAINT
    whom = [str(_mapping(one).get("emailAddress", ""))[:320] for one in _list(complaint.get("complainedRecipients"))[:20]]
    return tuple(Report(kind, one, words=f"complaint: {feedback}"[:100]) for one in whom or [""])


def signed_by(header: str, body: bytes, key: str, *, now: int) -> bool:
    """True where ``header`` (``t=SECONDS,v1=HEX``) is the HMAC-SHA256 by ``key`` of ``SECONDS.body``, and new."""
    found = re.fullmatch(r"t=(\d{1,12}),\s*v1=([0-9a-f]{64})", header.strip(), re.ASCII)
    if not found or not key or abs(now - int(found.group(1))) > SIGNATURE_AGE:
        return False
    right = hmac.digest(key.encode(), found.group(1).encode() + b"." + body, "sha256").hex()
    return hmac.compare_digest(right, found.group(2))


def of_any(text: str) -> list[tuple[str, Returned]]:
    """The events of a call in our own form, each with its id: an object, or a list of them. Raises InputError.

    Each has ``id``, ``kind`` (hard, soft, complaint, ours), and ``envelope_from`` or ``message_id`` of the mail; it may have
    ``recipient``, ``status`` and ``words``.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("the body is no JSON: give an object, or a list of objects") from error
    return [_event(one) for one in (told if isinstance(told, list) else [told])[:1000]]


def _event(told: Any) -> tuple[str, Returned]:
    said = {name: str(value)[:400] for name, value in _mapping(told).items() if isinstance(value, str | int)}
    if not said.get("id") or len(said["id"]) > 70:
        raise InputError(
            "an event has no id, or a longer one than 70 characters: give one that stays the same when it is repeated"
        )
    if said.get("kind") not in {kind.value for kind in Kind}:
        raise InputError("an event has no kind: give hard, soft, complaint, ours or none")
    report = Report(Kind(said["kind"]), said.get("recipient", ""), status_of(said.get("status", "")), said.get("words", ""))
    ids = _message_ids(f"<{said.get('message_id', '').strip('<> ')}>")
    return said["id"], Returned((report,), _tokens(said.get("envelope_from", "")), ids, understood=True)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(match.group(2).lower() for match in TOKEN.finditer(text[:2000]) if match.group(1).lower() == "b")


def _message_ids(text: str) -> tuple[str, ...]:
    return tuple(MESSAGE_ID.findall(text[:4000]))


def _object(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("the notification is no JSON") from error
    return _mapping(told)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
