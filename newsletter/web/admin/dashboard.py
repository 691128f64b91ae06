"""The first page of operators: how the service is doing, and the switch that stops all sending."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.daily import restored, sending_state
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.operating.operators.roles import Role
from newsletter.papers.alarms import alarms
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.bounce_alarms import bounce_alarms
from newsletter.subscribers.store import subscribers
from newsletter.values.mail import DeliveryState
from newsletter.web import proxies
from newsletter.web.admin import store
from newsletter.web.admin.guard import least
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.public.archive import parse_day

pages = Blueprint("admin", __name__, url_prefix="/admin")

LISTED = 100


@pages.get("")
def dashboard() -> str:
    the, now = services(), clock()
    day = parse_day(request.args["date"]) if request.args.get("date") else now.date()
    with the.database.reading() as reading:
        today = ledger.counts_by_state(reading, period=day.isoformat())
        unsent = store.not_sent(reading, day.isoformat(), most=LISTED)
        return render_template(
            "admin/dashboard.html",
            form=ButtonForm(formdata=None),
            day=day,
            today=today,
            unsent=unsent,
            more=sum(count for state, count in today.items() if state != DeliveryState.SENT) - len(unsent),
            deliveries=ledger.counts_by_state(reading),
            subscribers=subscribers.counts_by_state(reading),
            due=ledger.due_count(reading, now=now),
            fetch=papers_store.last_fetch(reading),
            alarms=[*alarms(reading, now=now), *bounce_alarms(reading, now=now)],
            paused=state.paused(reading),
            proxies_doubted=bool(request.environ.get(proxies.DOUBT)),
            restored=restored.lines(state.RESTORED.read(reading)),
        )


@pages.post("/pause")
@least(Role.EDITOR)
def pause() -> Response:
    sending_state.pause(services(), now=clock())
    return redirect(url_for("admin.dashboard"), code=303)


@pages.post("/resume")
@least(Role.EDITOR)
def resume() -> Response:
    sending_state.resume(services(), now=clock())
    return redirect(url_for("admin.dashboard"), code=303)
