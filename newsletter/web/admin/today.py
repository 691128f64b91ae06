"""The first page of operators: is the day in order, what is wrong, and the switches that stop sending to all or to one domain."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from newsletter.daily import sending_state, today
from newsletter.errors import InputError
from newsletter.operating.operators.roles import Role
from newsletter.web import proxies
from newsletter.web.admin.charts import Column, stacked
from newsletter.web.admin.guard import about, least, operator
from newsletter.web.admin.words import KINDS_OF_TROUBLE, STAGES, STATES
from newsletter.web.page_context import _, clock, services
from newsletter.web.public.archive import parse_day

pages = Blueprint("today", __name__, url_prefix="/admin")

# For how long sending to a domain can be stopped, in hours.
HOURS = (1, 4, 24, 24 * 7)
DAY = dt.timedelta(days=1)
MOST_COLUMNS = 72


class DomainForm(FlaskForm):  # type: ignore[misc]
    domain = StringField()
    hours = StringField()


@pages.get("")
def show() -> str:
    return _page(DomainForm(formdata=None))


@pages.post("/pause")
@least(Role.EDITOR)
def pause() -> Response:
    sending_state.pause(services(), now=clock())
    return redirect(url_for("today.show"), code=303)


@pages.post("/resume")
@least(Role.EDITOR)
def resume() -> Response:
    sending_state.resume(services(), now=clock())
    return redirect(url_for("today.show"), code=303)


@pages.post("/pause/domain")
@least(Role.EDITOR)
def pause_domain() -> Response | tuple[str, int]:
    form, now = DomainForm(), clock()
    try:
        hours = next((hours for hours in HOURS if str(hours) == form.hours.data), None)
        if hours is None:
            raise InputError(_("Say for how long."))
        until, why = now + dt.timedelta(hours=hours), f"stopped by {operator().name}"
        about(words=sending_state.pause_domain(services(), form.domain.data or "", until=until, why=why, now=now))
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("today.show"), code=303)


@pages.post("/resume/domain")
@least(Role.EDITOR)
def resume_domain() -> Response | tuple[str, int]:
    form = DomainForm()
    try:
        about(words=sending_state.resume_domain(services(), form.domain.data or ""))
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("today.show"), code=303)


def _page(form: DomainForm, problem: str = "") -> str:
    now = clock()
    day = parse_day(request.args["date"]) if request.args.get("date") else now.date()
    found = today.look(services(), day, now=now)
    return render_template(
        "admin/dashboard.html",
        form=form,
        problem=problem,
        day=found,
        before=day - DAY,
        after=day + DAY if day < now.date() + DAY else None,
        is_today=day == now.date(),
        chart=stacked(_columns(found), list(STATES)),
        kinds=KINDS_OF_TROUBLE,
        states=STATES,
        stage_names=STAGES,
        hours=HOURS,
        proxies_doubted=bool(request.environ.get(proxies.DOUBT)),
    )


def _columns(day: today.Today) -> list[Column]:
    """A column for each hour of the day, and of those before and after with any mail; of days on end only hours with mail."""
    if not day.hours:
        return []
    begin = min(*day.hours, dt.datetime.combine(day.date, dt.time(), dt.UTC))
    end = max(*day.hours, dt.datetime.combine(day.date, dt.time(23), dt.UTC))
    count = int((end - begin).total_seconds() // 3600) + 1
    times = [begin + dt.timedelta(hours=number) for number in range(count)] if count <= MOST_COLUMNS else sorted(day.hours)
    return [Column(f"{time:%H:%M}", {str(state): n for state, n in day.hours.get(time, {}).items()}) for time in times]
