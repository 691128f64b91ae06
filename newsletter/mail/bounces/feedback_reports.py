"""Complaints that mailbox providers pass on: the Abuse Reporting Format (RFC 5965), and Outlook.com's form without it. Pure.

Addresses are often blacked out in them (RFC 6590): who complains is told by the mail that they return.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from typing import Any

from newsletter.mail.bounces.report import Kind, Report

# https://www.rfc-editor.org/rfc/rfc5965#section-7.3 and RFC 6430: what says that somebody does not want the mail.
COMPLAINTS = ("abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "unsubscribe", "miscategorized", "")
# Outlook.com's programme wraps the mail alone, with whom it was sent to in a field of its own.
OUTLOOK = ("x-hmxmroriginalrecipient", "x-jmr-original-recipient")


def complaint_in(message: Message[Any, Any], parts: Sequence[Message[Any, Any]]) -> Report | None:
    """The complaint that a message is, or what other report of this form (``none``, ``ours``); None where it is none."""
    told = [part for part in parts if part.get_content_type() == "message/feedback-report"]
    if told:
        return _as_report(_fields(told[0]))
    if message.get_content_type() == "multipart/report" and message.get_param("report-type") == "feedback-report":
        return Report(Kind.COMPLAINT, words="feedback report without its fields")
    return _of_outlook(parts)


def _of_outlook(parts: Sequence[Message[Any, Any]]) -> Report | None:
    named = [str(part[name]) for part in parts for name in OUTLOOK if name in part]
    wrapped = any(part.get_content_type() == "message/rfc822" for part in parts)
    return Report(Kind.COMPLAINT, named[0].strip("<> ")[:320]) if named and wrapped else None


def _as_report(fields: dict[str, str]) -> Report:
    kind = fields.get("feedback-type", "").lower()
    recipient = fields.get("original-rcpt-to", "").strip("<> ")[:320]
    words = f"feedback report: {kind or 'abuse'}"
    if kind in COMPLAINTS:
        return Report(Kind.COMPLAINT, recipient, words=words)
    # "not-spam" takes a complaint back; "auth-failure" (RFC 6591) is about our signatures and servers.
    return Report(Kind.OURS if kind == "auth-failure" else Kind.NONE, recipient, words=words)


def _fields(part: Message[Any, Any]) -> dict[str, str]:
    """The fields of the report; the library reads them as a message within, or as plain text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return {
            name.lower(): str(value).strip() for inner in payload if isinstance(inner, Message) for name, value in inner.items()
        }
    lines = (line.partition(":") for line in str(payload).splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}
