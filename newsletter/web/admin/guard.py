"""Who may see and do what under /admin: the role of each route is looked at before any of them runs, and each act is noted.

A page wants a viewer, an act an owner, unless its view says something else by `least`: a route that says nothing is closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as Answer

from newsletter.i18n import _l
from newsletter.operating.operators import acts, store
from newsletter.operating.operators.roles import Role
from newsletter.operating.operators.store import OPERATOR, Operator
from newsletter.subscribers.addresses import address_key
from newsletter.web import errors
from newsletter.web import logins as browser_logins
from newsletter.web.admin.act_names import ROLES
from newsletter.web.page_context import _, clock, services

manager = LoginManager()
manager.login_view = "login.show"
manager.login_message = ""
manager.session_protection = "basic"

FACTOR_FIRST = _l("Here each login needs a second factor: set it up, and the other pages open.")
# Whoever has no login can see these.
OPEN = ("login.show", "login.enter")
V = TypeVar("V", bound=Callable[..., Any])


class LoggedIn(UserMixin):  # type: ignore[misc]
    """An operator in a session. The id changes with the password, so that a new one ends all sessions."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator

    def get_id(self) -> str:
        mark = hashlib.sha256(self.operator.password_hash.encode()).hexdigest()[:16]
        return f"{self.operator.id}-{mark}"


def least(role: Role, *, is_act: bool = True) -> Callable[[V], V]:
    """Says which role a view needs at least, and whether a POST to it is an act that is noted."""

    def marked(view: V) -> V:
        view.least_role, view.is_act = role, is_act  # type: ignore[attr-defined]
        return view

    return marked


def install(app: Flask) -> None:
    manager.init_app(app)
    # Nobody is remembered beyond their session: to look for that in each answer made files and feeds depend on cookies too.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.before_request(_check)
    app.after_request(_note)
    app.context_processor(
        lambda: {"may": may, "operator": here(), "role_names": ROLES, "factor_first": FACTOR_FIRST if _lacks_a_factor() else ""}
    )


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


def here() -> Operator | None:
    """Who operates in this browser; None where nobody does, and on pages that are not operators'."""
    found: Operator | None = g.get("operator")
    return found


def operator() -> Operator:
    """The same, in a view that nobody else reaches."""
    found = here()
    assert found is not None, "a view of operators was reached without one"
    return found


def may(role: str) -> bool:
    """True where whoever operates here may do what needs ``role``."""
    found = here()
    return found is not None and found.role.may(Role(role))


def least_of(endpoint: str, method: str) -> Role:
    """The role that a route needs."""
    closed = Role.VIEWER if method in ("GET", "HEAD", "OPTIONS") else Role.OWNER
    role: Role = getattr(current_app.view_functions[endpoint], "least_role", closed)
    return role


def about(*, email: str = "", words: str = "") -> None:
    """What the note of this act says beside its name: whom it is about, kept as a keyed hash, and words that name nobody."""
    if email:
        g.act_key = address_key(email, services().settings.suppression_key)
    g.act_words = words


def _lacks_a_factor() -> bool:
    """True where whoever operates here has to set up a second factor before anything else."""
    found = here()
    return found is not None and not found.sealed and services().settings.second_factor == "required"


def _check() -> Answer | None:
    endpoint = request.endpoint
    g.act_key = g.act_words = ""
    if not request.path.startswith("/admin") or endpoint is None or endpoint in OPEN:
        return None
    if not current_user.is_authenticated:
        unauthorized: Answer = manager.unauthorized()
        return unauthorized
    g.operator = current_user.operator
    if _lacks_a_factor() and request.blueprint != "login":
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("login.account"), code=303)
        return errors.page(403, errors.Words(_("Second factor"), _(FACTOR_FIRST)))
    needed = least_of(endpoint, request.method)
    if g.operator.role.may(needed):
        return None
    title = _("Your role does not go so far")
    return errors.page(
        403, errors.Words(title, _("This needs the role “%(role)s”. An owner can give it to you.", role=_(ROLES[needed])))
    )


def _note(response: Response) -> Response:
    """Notes an act that was done."""
    who, endpoint = here(), request.endpoint
    if request.method != "POST" or response.status_code >= 400 or who is None or endpoint is None:
        return response
    if getattr(current_app.view_functions[endpoint], "is_act", True):
        acts.note(services().database, who.name, endpoint, now=clock(), address_key=g.act_key, words=g.act_words)
    return response
