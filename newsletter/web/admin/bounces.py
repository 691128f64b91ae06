"""Operators see what came back, by day, domain and mail, and who gets no mail again; they suppress addresses and lift that."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from newsletter.errors import InputError
from newsletter.operating.operators.roles import Role
from newsletter.subscribers import suppressions
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import suppressions as suppressions_store
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.kept_counts import rates_of_bounces
from newsletter.web.page_context import _, clock, services

pages = Blueprint("bounces", __name__, url_prefix="/admin/bounces")

LISTED = 100


class SuppressionForm(FlaskForm):  # type: ignore[misc]
    email = StringField()
    reason = StringField()


@pages.get("")
def show() -> str:
    return _page(SuppressionForm(formdata=None))


@pages.post("/suppress")
@least(Role.EDITOR)
def suppress() -> Response | tuple[str, int]:
    form = SuppressionForm()
    about(email=form.email.data or "")
    try:
        suppressions.add(services(), form.email.data or "", reason=form.reason.data or "", now=clock())
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("bounces.show"), code=303)


@pages.post("/lift")
@least(Role.EDITOR)
def lift() -> Response | tuple[str, int]:
    form = SuppressionForm()
    about(email=form.email.data or "")
    try:
        suppressions.lift(services(), form.email.data or "", reason=form.reason.data or "", now=clock())
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("bounces.show"), code=303)


def _page(form: SuppressionForm, problem: str = "") -> str:
    by_day, by_domain = rates_of_bounces()
    with services().database.reading() as session:
        return render_template(
            "admin/bounces.html",
            form=form,
            problem=problem,
            rates={
                _("Day"): by_day,
                _("Domain"): by_domain,
            },
            newest=bounces_store.bounces(session, most=LISTED),
            suppressed=list(suppressions_store.suppressions(session, most=LISTED)),
        )
