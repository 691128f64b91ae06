"""Operators invite editors of the collection, and take their access away."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from newsletter.collection import editors
from newsletter.collection.store import editors as editors_store
from newsletter.errors import InputError
from newsletter.web.admin.guard import about, operator
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import _, clock, services
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("inviting", __name__, url_prefix="/admin/editors")


class InviteForm(FlaskForm):  # type: ignore[misc]
    email = StringField()
    name = StringField()
    language = SelectField(validate_choice=False)


@pages.get("")
def show() -> str:
    return _page(InviteForm(formdata=None))


@pages.post("")
@limiter.limit(LIMIT_LINK)
def invite() -> Response | tuple[str, int]:
    form = InviteForm()
    about(email=form.email.data or "")
    try:
        editors.invite(
            services(),
            form.email.data or "",
            name=form.name.data or "",
            now=clock(),
            by=operator().name,
            language=form.language.data or "",
        )
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("inviting.show"), code=303)


@pages.post("/<int:editor_id>/revoke")
def revoke(editor_id: int) -> Response:
    editors.revoke(services(), editor_id, now=clock())
    return redirect(url_for("inviting.show"), code=303)


def _page(form: InviteForm, problem: str = "") -> str:
    with services().database.reading() as session:
        found = editors_store.editors(session)
    return render_template("admin/editors.html", form=form, button=ButtonForm(formdata=None), editors=found, problem=problem)
