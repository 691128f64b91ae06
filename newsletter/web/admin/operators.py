"""Owners give logins and roles, and see what was done by whom."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from newsletter.errors import InputError
from newsletter.operating import logins
from newsletter.operating.operators import second_factor, store
from newsletter.operating.operators.passwords import hashed
from newsletter.operating.operators.roles import Role, role_of
from newsletter.web.admin.act_names import ACTS
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.store import addresses_of
from newsletter.web.page_context import _, clock, number_asked, services

pages = Blueprint("operators", __name__, url_prefix="/admin")

ACTS_LISTED = 50


class OperatorForm(FlaskForm):  # type: ignore[misc]
    name = StringField()
    password = PasswordField()
    role = StringField()


@pages.get("/operators")
@least(Role.OWNER)
def show() -> str:
    return _page(OperatorForm(formdata=None))


@pages.post("/operators")
@least(Role.OWNER)
def add() -> Response | tuple[str, int]:
    def made(form: OperatorForm, name: str) -> None:
        with services().database.reading() as reading:
            if store.operator_by_name(reading, name):
                raise InputError(_("There is a login of this name: change it in the list."))
        logins.keep(
            services().database, name, _hashed(name, form.password.data or ""), now=clock(), role=role_of(form.role.data or "")
        )

    return _done(made)


@pages.post("/operators/change")
@least(Role.OWNER)
def change() -> Response | tuple[str, int]:
    """Another role, and a new password where one is typed."""

    def changed(form: OperatorForm, name: str) -> None:
        role = role_of(form.role.data or "")
        if form.password.data:
            logins.keep(services().database, name, _hashed(name, form.password.data), now=clock(), role=role)
        else:
            logins.set_role(services().database, name, role)

    return _done(changed)


@pages.post("/operators/code")
@least(Role.OWNER)
def take_code_away() -> Response | tuple[str, int]:
    return _done(lambda _form, name: second_factor.take_away(services().database, name))


@pages.post("/operators/remove")
@least(Role.OWNER)
def remove() -> Response | tuple[str, int]:
    return _done(lambda _form, name: logins.remove(services().database, name, an_owner_stays=True))


@pages.get("/acts")
@least(Role.OWNER)
def acts() -> str:
    who, what = request.args.get("who", "")[:64], request.args.get("what", "")[:64]
    with services().database.reading() as reading:
        found = store.acts(reading, most=ACTS_LISTED + 1, before=number_asked("before"), who=who, what=what)
        people = addresses_of(reading, {act.address_key for act in found if act.address_key})
        names = [one.name for one in store.operators(reading)]
    shown = {"acts": found[:ACTS_LISTED], "more": len(found) > ACTS_LISTED, "who": who, "what": what}
    return render_template("admin/acts.html", **shown, people=people, names=names, act_names=ACTS)


def _hashed(name: str, password: str) -> str:
    return hashed(password, about=(name, services().settings.site_name))


def _done(act: Callable[[OperatorForm, str], None]) -> Response | tuple[str, int]:
    form = OperatorForm()
    name = form.name.data or ""
    try:
        about(words=f"{logins.checked_name(name)} {form.role.data or ''}".strip()[:200])
        act(form, name)
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("operators.show"), code=303)


def _page(form: OperatorForm, problem: str = "") -> str:
    with services().database.reading() as reading:
        found = store.operators(reading)
    return render_template("admin/operators.html", form=form, operators=found, roles=list(Role), problem=problem)
