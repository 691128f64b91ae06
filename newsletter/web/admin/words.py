"""What states, stages and troubles are called on the operators' pages, and how times are written there."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_skeleton, format_timedelta
from flask import Flask

from newsletter.daily.troubles import Kind
from newsletter.i18n import _l
from newsletter.operating.heartbeats import Stage
from newsletter.subscribers.subscriber import State
from newsletter.values.mail import DeliveryState, MailKind
from newsletter.values.readers import Layout
from newsletter.values.translations import Field
from newsletter.web.page_context import clock, page_language

FIELDS = {Field.TITLE: _l("Title"), Field.ABSTRACT: _l("Abstract"), Field.TLDR: _l("In one sentence")}
# In the order in which bars lie upon each other.
STATES = {
    DeliveryState.SENT: _l("sent"),
    DeliveryState.SENDING: _l("being sent"),
    DeliveryState.QUEUED: _l("waiting"),
    DeliveryState.RETRY: _l("tried again"),
    DeliveryState.UNKNOWN: _l("in doubt"),
    DeliveryState.FAILED: _l("refused"),
    DeliveryState.SKIPPED: _l("left out"),
}
KINDS_OF_MAIL = {
    MailKind.DIGEST: _l("digest"),
    MailKind.WEEKLY: _l("best of the week"),
    MailKind.READING: _l("reading list"),
    MailKind.CONFIRM: _l("confirmation"),
    MailKind.PREFERENCES: _l("link to the choices"),
    MailKind.GOODBYE: _l("goodbye"),
    MailKind.ADDRESS: _l("new address"),
    MailKind.MOVED: _l("note to the old address"),
    MailKind.DATA: _l("link to the data"),
    MailKind.ERASE: _l("link to the erasure"),
    MailKind.EDITOR: _l("invitation of an editor"),
}
STATES_OF_READERS = {
    State.CONFIRMED: _l("reads"),
    State.PENDING: _l("has not confirmed"),
    State.PAUSED: _l("pauses"),
    State.UNSUBSCRIBED: _l("left"),
    State.BOUNCED: _l("bounced"),
    State.COMPLAINED: _l("complained"),
}
GROWTH = {"confirmed": _l("confirmed"), "left": _l("left")}
COUNTED = {"accepted": _l("texts accepted"), "rejected": _l("refused by the gate"), "failed": _l("failed")}
FETCHED = {"new": _l("new papers")}
LAYOUTS = {
    Layout.BRIEF: _l("titles"),
    Layout.STANDARD: _l("cards"),
    Layout.WHOLE: _l("cards with the whole abstract"),
    Layout.BILINGUAL: _l("cards in two languages"),
}
# What is said on somebody's page once an act is done.
DONE = {
    "add": _l("They are entered. Where no consent was typed, a mail asks them to confirm."),
    "edit": _l("It is changed. They can take it back for a day by the link in their mails."),
    "pause": _l("They get no mail of papers until the pause ends."),
    "resume": _l("They get mail again."),
    "link": _l("The mail with their link is on its way."),
    "move": _l("The new address is asked to confirm, and the old one is told."),
    "leave": _l("They have left; one goodbye is mailed, and then nothing more."),
    "suppress": _l("No mail goes there again."),
    "lift": _l("Mail may go there again."),
}
STAGES = {
    Stage.FETCH: _l("Fetching papers"),
    Stage.TRANSLATE: _l("Translating"),
    Stage.PLAN: _l("Planning digests"),
    Stage.SEND: _l("Sending"),
    Stage.PUBLISH: _l("Publishing pages"),
}
KINDS_OF_TROUBLE = {
    Kind.DIGESTS_LATE: _l("Digests are late"),
    Kind.NOTHING_ANNOUNCED: _l("An announcement of papers is missing"),
    Kind.FETCH: _l("Fetching papers fails"),
    Kind.SCHEDULER_SILENT: _l("No scheduler is at work"),
    Kind.WORKER_SILENT: _l("No worker is at work"),
    Kind.STAGE_HANGS: _l("A stage does not end"),
    Kind.STAGE_FAILS: _l("A stage failed"),
    Kind.DISK: _l("The disk is nearly full"),
    Kind.ENGINE_OUT: _l("A translation engine is out"),
    Kind.BOUNCES: _l("Many mails are refused or come back"),
    Kind.COMPLAINTS: _l("Many readers complain"),
    Kind.SENDING_HELD: _l("The mail server refuses us"),
    Kind.OWN_FILES: _l("A file of your own cannot be read"),
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(hour=hour, lasted=lasted)


def hour(time: dt.datetime) -> str:
    """The time of the day (UTC), with the date where that is not today's."""
    time = time.astimezone(dt.UTC)
    day = "" if time.date() == clock().date() else format_skeleton("MMMd", time, locale=page_language().babel) + ", "
    return f"{day}{time:%H:%M}"


def lasted(seconds: float) -> str:
    """How long something took, in the largest unit that fits."""
    return format_timedelta(dt.timedelta(seconds=max(1, round(seconds))), format="short", locale=page_language().babel)
