"""Engines, sources and relays: their state, what they said last, thirty days of them, and a mail to try the relays with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request

from newsletter.daily import leaned_on, test_mail
from newsletter.daily.leaned_on import DAYS
from newsletter.errors import InputError
from newsletter.operating.doctor.findings import Finding
from newsletter.operating.operators.roles import Role
from newsletter.subscribers.faults import FieldError
from newsletter.web.admin.charts import Chart, Column, stacked
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.words import COUNTED, FETCHED, STATES
from newsletter.web.page_context import _, clock, services
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("outside", __name__, url_prefix="/admin/outside")


@pages.get("")
def show() -> str:
    return _page()


@pages.post("/test")
@least(Role.EDITOR)
@limiter.limit(LIMIT_LINK)
def test() -> str | tuple[str, int]:
    """Sends one short mail by each relay, and shows what each said."""
    email = request.form.get("email", "")[:320]
    about(email=email.strip())
    try:
        said = list(test_mail.send(services().settings, email, now=clock()))
    except InputError as error:
        return _page(problem=error.fault.told(_) if isinstance(error, FieldError) else _(str(error)), email=email), 400
    return _page(said=said, email=email)


def _page(*, said: Sequence[Finding] = (), problem: str = "", email: str = "") -> str:
    now = clock()
    found = leaned_on.look(services(), now=now)
    days = [now.date() - dt.timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
    return render_template(
        "admin/outside.html",
        outside=found,
        engines=[(engine, _chart(days, engine.days, list(COUNTED))) for engine in found.engines],
        fetched=_chart(days, {day: {"new": count} for day, count in found.fetched.items()}, list(FETCHED)),
        counted=COUNTED,
        states=STATES,
        fetched_names=FETCHED,
        said=said,
        problem=problem,
        email=email,
    )


def _chart(days: Sequence[dt.date], counts: Mapping[dt.date, Mapping[str, int]], kinds: Sequence[str]) -> Chart:
    return stacked([Column(day.isoformat(), {kind: counts.get(day, {}).get(kind, 0) for kind in kinds}) for day in days], kinds)
