"""The operators' pages: what is going on, and the switch that stops all sending. Every route but the login needs a login.

There is no default password: ``newsletter admin create`` makes the first operator on the machine itself.
"""

from __future__ import annotations

import hashlib

import structlog
from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from newsletter.daily import restored, sending_state
from newsletter.mail.store import ledger
from newsletter.operating import logins, state
from newsletter.operating.store import OPERATOR
from newsletter.papers.alarms import alarms
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.bounce_alarms import bounce_alarms
from newsletter.subscribers.store import subscribers
from newsletter.values.mail import DeliveryState
from newsletter.web import logins as browser_logins
from newsletter.web import proxies
from newsletter.web.admin import store
from newsletter.web.admin.passwords import fits
from newsletter.web.forms import ButtonForm, LoginForm
from newsletter.web.page_context import clock, services
from newsletter.web.public.archive import parse_day
from newsletter.web.security import LIMIT_ACCOUNT, LIMIT_LOGIN, client_network, limiter

log = structlog.get_logger(__name__)
pages = Blueprint("admin", __name__, url_prefix="/admin")
manager = LoginManager()
manager.login_view = "admin.login"
manager.login_message = ""
manager.session_protection = "basic"

LISTED = 100


class LoggedIn(UserMixin):  # type: ignore[misc]
    """An operator in a session. The id changes with the password, so that a new one ends all sessions."""

    def __init__(self, operator: store.Operator) -> None:
        self.operator = operator

    def get_id(self) -> str:
        mark = hashlib.sha256(self.operator.password_hash.encode()).hexdigest()[:16]
        return f"{self.operator.id}-{mark}"


def install(app: Flask) -> None:
    manager.init_app(app)


@manager.user_loader  # type: ignore[untyped-decorator]
def load(session_id: str) -> LoggedIn | None:
    """The operator of a session; None where the account or its password is gone."""
    operator_id = session_id.partition("-")[0]
    if not operator_id.isdecimal():
        return None
    with services().database.reading() as reading:
        operator = store.operator_by_id(reading, int(operator_id))
    found = operator and LoggedIn(operator)
    return found if found and found.get_id() == session_id and browser_logins.holds(OPERATOR, found.operator.id) else None


def _account() -> str:
    """What wrong passwords count against besides the network that they come from: the login that is tried."""
    return "login " + request.form.get("name", "")[:64].casefold()


@pages.get("/login")
def login() -> str:
    return render_template("login.html", form=LoginForm(formdata=None), wrong=False)


@pages.post("/login")
@limiter.limit(LIMIT_LOGIN)
@limiter.limit(LIMIT_ACCOUNT, key_func=_account, deduct_when=lambda answer: answer.status_code == 401)
def enter() -> Response | tuple[str, int]:
    form = LoginForm()
    operator = _known(form) if form.validate() else None
    if operator is None:
        log.warning("login refused", name=named(form), network=client_network())
        return render_template("login.html", form=form, wrong=True), 401
    browser_logins.begin(OPERATOR, operator.id)
    login_user(LoggedIn(operator))
    log.info("operator logged in", operator=operator.name, network=client_network())
    return redirect(url_for("admin.dashboard"), code=303)


def named(form: LoginForm) -> str:
    """The name that was tried, where it can be one: what else is typed into this field is sometimes the password."""
    text = form.name.data or ""
    return text if logins.NAME.fullmatch(text) else ""


def _known(form: LoginForm) -> store.Operator | None:
    """The operator whose name and password these are, None where they are nobody's."""
    with services().database.reading() as reading:
        operator = store.operator_by_name(reading, form.name.data or "")
    return operator if fits(form.password.data or "", operator.password_hash if operator else None) else None


@pages.post("/logout")
@login_required  # type: ignore[untyped-decorator]
def leave() -> Response:
    logout_user()
    browser_logins.end()
    return redirect(url_for("admin.login"), code=303)


@pages.get("")
@login_required  # type: ignore[untyped-decorator]
def dashboard() -> str:
    the, now = services(), clock()
    day = parse_day(request.args["date"]) if request.args.get("date") else now.date()
    with the.database.reading() as reading:
        today = ledger.counts_by_state(reading, period=day.isoformat())
        unsent = store.not_sent(reading, day.isoformat(), most=LISTED)
        return render_template(
            "admin.html",
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
@login_required  # type: ignore[untyped-decorator]
def pause() -> Response:
    sending_state.pause(services(), now=clock())
    return redirect(url_for("admin.dashboard"), code=303)


@pages.post("/resume")
@login_required  # type: ignore[untyped-decorator]
def resume() -> Response:
    sending_state.resume(services(), now=clock())
    return redirect(url_for("admin.dashboard"), code=303)
