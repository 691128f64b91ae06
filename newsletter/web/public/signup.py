"""The front page and its form. Whoever signs up reads the same answer, whether the address is new, known or blocked."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from newsletter.daily.preview import VisitorChoices
from newsletter.errors import InputError
from newsletter.subscribers import addresses
from newsletter.subscribers.signup import SignUpRequest, sign_up
from newsletter.values.digests import Digest
from newsletter.web.forms import SignUpForm, first_values, zones, zones_by_area
from newsletter.web.page_context import _, clock, has_collection, page_language, papers_a_day, services
from newsletter.web.public.front_page_cache import FrontPages
from newsletter.web.public.inbox import open_here
from newsletter.web.security import LIMIT_SIGN_UP, limiter

pages = Blueprint("signup", __name__)

# A browser remembers the sign-ups made in it, so that the link in the mail confirms there without another button.
REMEMBERED = "signed_up"
REMEMBER_LAST = 5
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
    if not form.validate():
        return page(form), 400
    try:
        key = _sign_up(form)
    except InputError as error:
        form.email.errors = [_(str(error))]
        return page(form), 400
    session[REMEMBERED] = [*[k for k in session.get(REMEMBERED, []) if k != key], key][-REMEMBER_LAST:]
    return redirect(url_for("signup.check_your_mail"), code=303)


@pages.get("/subscribe")
def check_your_mail() -> str:
    """What comes next; also where somebody lands who reloads."""
    return render_template("signed_up.html", inbox=open_here())


def _sign_up(form: SignUpForm) -> str:
    """Signs up and gives the key that this browser is remembered by. Raises InputError for an unusable address."""
    the = services()
    address = addresses.normalise(form.email.data or "")
    request = SignUpRequest(address.email, form.choices())
    sign_up(the, request, now=clock(), origin="web", known=form.offered)
    return addresses.address_key(address.email, the.settings.suppression_key)


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


def signed_up_here(address_key: str) -> bool:
    """True in the browser in which the subscriber with this key signed up."""
    return address_key in session.get(REMEMBERED, [])
