"""The ledger for operators: who got what, or did not, and why; one mail as it was; what failed sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from newsletter.daily import mailed, sending_state
from newsletter.errors import InputError, NewsletterError
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import lookup
from newsletter.mail.store.lookup import Question
from newsletter.operating.operators.roles import Role
from newsletter.subscribers.addresses import normalise
from newsletter.values.mail import DeliveryState, MailKind
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.words import KINDS_OF_MAIL, STATES
from newsletter.web.page_context import _, clock, number_asked, services
from newsletter.web.security import MAIL_POLICY, SANDBOX

pages = Blueprint("deliveries", __name__, url_prefix="/admin/deliveries")

LISTED = 50
LONGEST = 200
Choice = TypeVar("Choice", bound=StrEnum)


def _asked(fields: Mapping[str, str]) -> Question:
    """What the fields of the filter ask for; of no person, reply or one day given it is today. Raises InputError.

    Words of a reply are looked for on one day, of a person, or else among all that was not taken: what was sent is too much.
    """
    email, reply, domain = (fields.get(name, "").strip()[:LONGEST] for name in ("email", "reply", "domain"))
    state = _one_of(DeliveryState, fields.get("state", ""))
    date = _day(fields.get("date"), needed=not (email or (reply and state is not DeliveryState.SENT)))
    return Question(
        date=date,
        state=state,
        kind=_one_of(MailKind, fields.get("kind", "")),
        email_key=normalise(email).key if email else "",
        reply=reply,
        refused=bool(reply) and not (date or email),
        domain=domain.lower().removeprefix("@"),
    )


def _day(text: str | None, *, needed: bool) -> dt.date | None:
    if not text:
        return clock().date() if needed else None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(_("There is no such day: give one as 2026-11-30.")) from error


def _one_of(kind: type[Choice], text: str) -> Choice | None:
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise InputError(_("This filter is not known: choose one of the list.")) from error


@pages.get("")
def show() -> str | tuple[str, int]:
    try:
        question = _asked(request.args)
    except InputError as error:
        return _page(Question(date=clock().date()), [], _(str(error))), 400
    with services().database.reading() as session:
        found = lookup.newest(session, question, most=LISTED + 1, before=number_asked("before"))
    return _page(question, found)


@pages.post("/resend")
@least(Role.EDITOR)
def resend() -> Answer | tuple[str, int]:
    """Has all that the filter finds sent again: its fields come along."""
    try:
        question = _asked(request.form)
        count = sending_state.resend_found(services(), question, now=clock())
    except InputError as error:
        return _page(Question(date=clock().date()), [], _(str(error))), 400
    kept = {name: request.form[name] for name in FILTER if request.form.get(name)}
    about(words=f"{question.state} {question.date or ''}: {count}")
    return redirect(f"{url_for('deliveries.show')}?{urlencode({**kept, 'again': count, 'state': ''})}", code=303)


@pages.get("/<int:delivery_id>")
def one(delivery_id: int) -> str | tuple[str, int]:
    return _one(mailed.read(services(), delivery_id))


@pages.get("/<int:delivery_id>/html")
def html(delivery_id: int) -> Response:
    """The mail's own HTML, for a frame that runs nothing and reaches nothing."""
    found = mailed.show(services(), mailed.read(services(), delivery_id), now=clock())
    response = Response(found.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{MAIL_POLICY}; frame-ancestors 'self'; {SANDBOX}"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@pages.post("/<int:delivery_id>/resend")
@least(Role.EDITOR)
def resend_one(delivery_id: int) -> Answer | tuple[str, int]:
    found = mailed.read(services(), delivery_id)
    about(email=found.email, words=f"{found.kind} {found.period}")
    try:
        count = sending_state.resend_found(services(), Question(state=found.state, id=found.id), now=clock())
        if not count:
            raise InputError(_("It is not sent again: a later digest has shown its papers, or somebody else was quicker."))
    except InputError as error:
        return _one(found, _(str(error))), 400
    return redirect(url_for("deliveries.one", delivery_id=delivery_id), code=303)


FILTER = ("date", "state", "kind", "email", "domain", "reply")


def _page(question: Question, found: list[Delivery], problem: str = "") -> str:
    values = {name: request.values.get(name, "")[:LONGEST] for name in FILTER}
    shown = {**values, "date": question.date.isoformat() if question.date else values["date"]}
    return render_template(
        "admin/deliveries.html",
        problem=problem,
        mails=found[:LISTED],
        older=urlencode({**shown, "before": found[LISTED - 1].id}) if len(found) > LISTED else "",
        filter=shown,
        refused_only=question.refused,
        states=STATES,
        kinds=KINDS_OF_MAIL,
        again=number_asked("again"),
        resendable=question.state in sending_state.RESENDABLE,
    )


def _one(delivery: Delivery, problem: str = "") -> str:
    try:
        shown = mailed.show(services(), delivery, now=clock())
    except NewsletterError as error:
        shown, problem = None, problem or str(error)
    return render_template(
        "admin/delivery.html",
        problem=problem,
        mail=delivery,
        shown=shown,
        states=STATES,
        kinds=KINDS_OF_MAIL,
        resendable=delivery.state in sending_state.RESENDABLE,
    )
