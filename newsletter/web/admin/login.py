"""Operators log in with name, password and second factor, and keep their own password and factor.

There is no default password: ``newsletter admin create`` makes the first operator on the machine itself, an owner.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from newsletter.errors import InputError
from newsletter.operating import logins
from newsletter.operating.operators import second_factor, store
from newsletter.operating.operators.passwords import fits, hashed
from newsletter.operating.operators.roles import Role
from newsletter.operating.operators.store import OPERATOR, Operator
from newsletter.web import logins as browser_logins
from newsletter.web.admin.guard import LoggedIn, about, least, operator
from newsletter.web.page_context import _, clock, services
from newsletter.web.security import LIMIT_ACCOUNT, LIMIT_LOGIN, client_network, limiter

log = structlog.get_logger(__name__)
pages = Blueprint("login", __name__, url_prefix="/admin")

# The sealed key of a second factor that is being set up, in the session.
ENROLLING = "enrolling"


class LoginForm(FlaskForm):  # type: ignore[misc]
    name = StringField(validators=[DataRequired(), Length(max=64)])
    password = PasswordField(validators=[DataRequired(), Length(max=1024)])
    code = StringField(validators=[Length(max=64)])


class AccountForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField()
    new_password = PasswordField()
    code = StringField()


def _account() -> str:
    """What wrong passwords count against besides the network that they come from: the login that is tried."""
    return "login " + request.form.get("name", "")[:64].casefold()


def _own_account() -> str:
    """The same where somebody is logged in."""
    return "login " + operator().name.casefold()


def _was_wrong(answer: Response) -> bool:
    return answer.status_code in (400, 401)


@pages.get("/login")
def show() -> str:
    return render_template("admin/login.html", form=LoginForm(formdata=None), wrong=False)


@pages.post("/login")
@limiter.limit(LIMIT_LOGIN)
@limiter.limit(LIMIT_ACCOUNT, key_func=_account, deduct_when=_was_wrong)
def enter() -> Response | tuple[str, int]:
    form = LoginForm()
    known = _known(form) if form.validate() else None
    if known is None:
        log.warning("login refused", name=named(form), network=client_network())
        return render_template("admin/login.html", form=form, wrong=True), 401
    g.operator = known
    _let_in(known)
    log.info("operator logged in", operator=known.name, network=client_network())
    return redirect(url_for("today.show"), code=303)


def named(form: LoginForm) -> str:
    """The name that was tried, where it can be one: what else is typed into this field is sometimes the password."""
    text = form.name.data or ""
    return text if logins.NAME.fullmatch(text) else ""


def _known(form: LoginForm) -> Operator | None:
    """The operator whose name, password and code these are, None where they are nobody's."""
    database = services().database
    with database.reading() as reading:
        found = store.operator_by_name(reading, form.name.data or "")
    if not fits(form.password.data or "", found.password_hash if found else None) or found is None:
        return None
    keys = services().settings.secret_keys
    return found if second_factor.fits(database, found, form.code.data or "", keys=keys, now=clock()) else None


def _let_in(known: Operator) -> None:
    browser_logins.begin(OPERATOR, known.id)
    login_user(LoggedIn(known))


@pages.post("/logout")
@least(Role.VIEWER)
def leave() -> Response:
    logout_user()
    browser_logins.end()
    return redirect(url_for("login.show"), code=303)


@pages.get("/account")
def account() -> str:
    return _page(AccountForm(formdata=None))


@pages.post("/account/password")
@least(Role.VIEWER)
@limiter.limit(LIMIT_ACCOUNT, key_func=_own_account, deduct_when=_was_wrong)
def change_password() -> Response | tuple[str, int]:
    """A new password ends all logins but this one."""
    form, own = AccountForm(), operator()
    try:
        _ask_password(form)
        logins.keep(
            services().database,
            own.name,
            hashed(form.new_password.data or "", about=(own.name, services().settings.site_name)),
            now=clock(),
        )
    except InputError as error:
        return _page(form, _(str(error))), 400
    _stay_in(own)
    return redirect(url_for("login.account", done="password"), code=303)


@pages.post("/account/code/new")
@least(Role.VIEWER, is_act=False)
@limiter.limit(LIMIT_ACCOUNT, key_func=_own_account, deduct_when=_was_wrong)
def begin_code() -> Response | tuple[str, int]:
    form = AccountForm()
    try:
        _ask_password(form)
    except InputError as error:
        return _page(form, _(str(error))), 400
    session[ENROLLING] = second_factor.new_key(services().settings.secret_keys)
    return redirect(url_for("login.account"), code=303)


@pages.post("/account/code")
@least(Role.VIEWER)
@limiter.limit(LIMIT_ACCOUNT, key_func=_own_account, deduct_when=_was_wrong)
def confirm_code() -> str | tuple[str, int]:
    """Shows the recovery codes once, in the answer to this press alone."""
    form, own, the = AccountForm(), operator(), services()
    keys = the.settings.secret_keys
    try:
        sealed = str(session.get(ENROLLING, ""))
        codes = second_factor.enrol(the.database, own, sealed, form.code.data or "", keys=keys, now=clock())
    except InputError as error:
        return _page(form, _(str(error))), 400
    _stay_in(own)
    return _page(AccountForm(formdata=None), codes=codes)


@pages.post("/account/code/off")
@least(Role.VIEWER)
@limiter.limit(LIMIT_ACCOUNT, key_func=_own_account, deduct_when=_was_wrong)
def take_code_away() -> Response | tuple[str, int]:
    form, own = AccountForm(), operator()
    try:
        _ask_password(form)
        second_factor.take_away(services().database, own.name)
    except InputError as error:
        return _page(form, _(str(error))), 400
    _stay_in(own)
    return redirect(url_for("login.account", done="off"), code=303)


@pages.post("/account/logins/end")
@least(Role.VIEWER)
@limiter.limit(LIMIT_ACCOUNT, key_func=_own_account, deduct_when=_was_wrong)
def end_logins() -> Response | tuple[str, int]:
    """Ends the logins that are ticked, this one too where it is among them."""
    form = AccountForm()
    try:
        _ask_password(form)
        if not logins.end_some(services().database, OPERATOR, operator().id, request.form.getlist("login")):
            raise InputError(_("Tick the logins that shall end."))
    except InputError as error:
        return _page(form, _(str(error))), 400
    return redirect(url_for("login.account", done="logins"), code=303)


def _ask_password(form: AccountForm) -> None:
    """Whoever finds a browser open shall not take the login over. Raises InputError."""
    about(words="")
    if not fits(form.password.data or "", operator().password_hash):
        raise InputError(_("The password that you have now is not this one."))


def _stay_in(own: Operator) -> None:
    """All logins of ``own`` have ended; this browser gets a new one."""
    with services().database.reading() as reading:
        changed = store.operator_by_id(reading, own.id)
    if changed is not None:
        g.operator = changed
        _let_in(changed)


def _page(form: AccountForm, problem: str = "", *, codes: list[str] | None = None) -> str:
    the, own = services(), operator()
    keys, sealed = the.settings.secret_keys, str(session.get(ENROLLING, ""))
    picture = key = ""
    if sealed and codes is None:
        picture = second_factor.picture(sealed, keys, name=own.name, site=the.settings.site_name)
        key = second_factor.key_to_type(sealed, keys)
    with the.database.reading() as reading:
        standing = logins.standing(reading, OPERATOR, own.id, now=clock())
    return render_template(
        "admin/account.html",
        form=form,
        problem=problem,
        done=request.args.get("done", ""),
        codes=codes or [],
        standing=standing,
        here=browser_logins.key_here(),
        # Drawn by us of letters that a QR code holds as squares.
        picture=Markup(picture),  # noqa: S704
        key=" ".join(key[at : at + 4] for at in range(0, len(key), 4)),
    )
