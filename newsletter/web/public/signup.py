"""The front page and its form. Whoever signs up reads the same answer, whether the address is new, known or blocked."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from newsletter.daily.preview import VisitorChoices
from newsletter.errors import InputError
from newsletter.subscribers.form_limits import TooManyUses
from newsletter.subscribers.signup import SignUpRequest, ask_to_sign_up, browser_mark
from newsletter.values.digests import Digest
from newsletter.web.after_answers import do_what_was_asked
from newsletter.web.forms import SignUpForm, first_values, zones, zones_by_area
from newsletter.web.page_context import _, clock, has_collection, page_language, papers_a_day, services
from newsletter.web.public.front_page_cache import FrontPages
from newsletter.web.public.inbox import open_here
from newsletter.web.security import LIMIT_SIGN_UP, client_is_here, client_network, limiter

pages = Blueprint("signup", __name__)

# A browser keeps a random mark, so that it can correct what was typed in it, and the link in the mail confirms there without
# another button. The same for every address that is typed.
BROWSER = "browser"
# Nobody leaves the form open for longer; a form of long ago may be one that was taken to be posted over and over.
FORM_GOOD_FOR = dt.timedelta(days=2)
# Faster than a person can tick and type; each such form counts for so many.
TOO_FAST, COUNTS_FOR = dt.timedelta(seconds=2), 3
# A field that nobody sees: what fills it in is no person, and is answered like one.
TRAP = "website"
# So many papers of a preview are shown with their abstracts; the whole mail is a link away.
DETAILED = 2


@pages.get("/")
def front() -> str:
    values = first_values()

    def render() -> str:
        return page(SignUpForm(services().catalogue, formdata=None, data=values))

    if request.args:
        return render()
    kept: FrontPages = current_app.extensions["front_pages"]
    key = (page_language().code, has_collection(), *values.values(), *papers_a_day().items())
    return kept.shown(key, token=generate_csrf(), render=render)


@pages.post("/subscribe")
@limiter.limit(LIMIT_SIGN_UP)
def subscribe() -> Response | tuple[str, int]:
    form = SignUpForm(services().catalogue)
    age = _age_of_form()
    if age > FORM_GOOD_FOR:
        return page(form, _("This page was open for very long. Please press the button once more.")), 400
    if not form.validate():
        return page(form), 400
    if not request.form.get(TRAP):
        try:
            _sign_up(form, weight=_weight(age))
        except TooManyUses:
            raise
        except InputError as error:
            form.email.errors = [_(str(error))]
            return page(form), 400
    return redirect(url_for("signup.check_your_mail"), code=303)


def _age_of_form() -> dt.timedelta:
    """How long ago the page with the form was made, by the signed time in its CSRF token; none where that is not checked."""
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return FORM_GOOD_FOR
    signed = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
    try:
        made_at: dt.datetime = signed.loads(request.form.get("csrf_token", ""), return_timestamp=True)[1]
    except BadData:
        return FORM_GOOD_FOR
    return clock() - made_at


def _weight(age: dt.timedelta) -> int:
    """A machine's own scripts may be quick."""
    return COUNTS_FOR if age < TOO_FAST and not client_is_here() else 1


@pages.get("/subscribe")
def check_your_mail() -> str:
    """What comes next; also where somebody lands who reloads."""
    return render_template("signed_up.html", inbox=open_here())


def _sign_up(form: SignUpForm, *, weight: int) -> None:
    """Keeps the sign-up, which is done after the answer. Raises InputError for an unusable address, TooManyUses."""
    if not isinstance(session.get(BROWSER), str):
        session[BROWSER] = secrets.token_hex(16)
    ask_to_sign_up(
        services(),
        SignUpRequest(form.email.data or "", form.choices()),
        network=client_network(),
        now=clock(),
        known=form.offered,
        browser=session[BROWSER],
        weight=weight,
    )
    do_what_was_asked()


def page(form: SignUpForm, notice: str = "", *, choices: VisitorChoices | None = None, digest: Digest | None = None) -> str:
    """The front page with what is typed in ``form``, a line above it, and the mail that its choices would bring today."""
    return render_template(
        "front.html",
        form=form,
        tree=services().catalogue.tree(),
        areas=zones_by_area(),
        zones=zones(),
        notice=notice,
        daily=papers_a_day(),
        previewed=choices,
        digest=digest,
        detailed=DETAILED,
    )


def typed_here(mark: str) -> bool:
    """True in the browser in which the wish with this mark was typed."""
    return bool(mark) and mark == browser_mark(str(session.get(BROWSER, "")))
