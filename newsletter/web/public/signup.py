"""The front page and its form. Whoever signs up reads the same answer, whether the address is new, known or blocked."""

from __future__ import annotations

import datetime as dt
import secrets
from contextlib import suppress
from hashlib import blake2b

from flask import Blueprint, current_app, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from newsletter.daily.preview import Previews, VisitorChoices
from newsletter.errors import InputError, TemporaryError
from newsletter.languages import BY_CODE
from newsletter.subscribers.choices import MAX_PAPERS
from newsletter.subscribers.form_limits import TooManyUses
from newsletter.subscribers.signup import SignUpRequest, ask_to_sign_up, browser_mark
from newsletter.topics.finding import LONGEST
from newsletter.topics.saved_queries import written
from newsletter.values.digests import Digest
from newsletter.values.topics import Topic
from newsletter.web.after_answers import do_what_was_asked
from newsletter.web.compression import takes_gzip
from newsletter.web.forms import SignUpForm, first_values
from newsletter.web.page_context import (
    _,
    clock,
    has_collection,
    is_printable,
    listed,
    page_language,
    papers_a_day,
    services,
)
from newsletter.web.public.front_page_cache import FrontPage, FrontPages
from newsletter.web.public.inbox import open_here
from newsletter.web.reader.saved_query_fields import is_too_wide
from newsletter.web.security import LIMIT_FIND, LIMIT_SIGN_UP, client_is_here, client_network, limiter
from newsletter.web.time_zones import WELL_KNOWN, cities_by_part
from newsletter.web.topic_choices import finding_of, sampled

pages = Blueprint("signup", __name__)

# A browser keeps a random mark, so that it can correct what was typed in it, and the link in the mail confirms there without
# another button. The same for every address that is typed.
BROWSER = "browser"
# Nobody leaves the form open for longer; a form of long ago may be one that was taken to be posted over and over.
FORM_GOOD_FOR = dt.timedelta(days=2)
# A browser that keeps the page gets another one at least so often.
ASKED_ANEW = FORM_GOOD_FOR / 4
# Faster than a person can tick and type; each such form counts for so many.
TOO_FAST, COUNTS_FOR = dt.timedelta(seconds=2), 3
# A field that nobody sees: what fills it in is no person, and is answered like one.
TRAP = "website"
# So many papers of a preview are shown with their abstracts; the whole mail is a link away.
DETAILED = 2


@pages.get("/")
def front() -> str | Response:
    """The form; ``?topics=`` and ``?follow=`` tick topics and authors in it, as links on their pages do."""
    values = first_values()

    def render() -> str:
        return page(SignUpForm(formdata=None, data=values | {name: request.args.getlist(name) for name in ("topics", "follow")}))

    if request.args:
        return render()
    kept: FrontPages = current_app.extensions["front_pages"]
    newest: int = current_app.extensions["newest_paper"].value(services().database)
    looks = services().own_files.looks()
    key = (page_language().code, has_collection(), newest, *values.values(), *papers_a_day().items(), looks)
    token = generate_csrf()
    return _answer(kept.shown(key, token=token, render=render), token)


def _answer(shown: FrontPage, token: str) -> Response:
    """The page with the visitor's token, compressed where they take that; nothing where they have it, with a token still good."""
    is_printable()
    packed = takes_gzip()
    response = make_response(shown.gzipped(token) if packed else shown.plain(token))
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "private, no-cache"
    # The token is signed anew each second over a secret that stays: the form that a browser has is good, until it counts for old.
    secret, while_good = session[current_app.config["WTF_CSRF_FIELD_NAME"]], clock().timestamp() // ASKED_ANEW.total_seconds()
    response.set_etag(blake2b(f"{shown.mark} {secret} {while_good}".encode(), digest_size=16).hexdigest(), weak=True)
    return response.make_conditional(request) if request.if_none_match else response


@pages.get("/find")
@limiter.limit(LIMIT_FIND)
def find() -> str:
    """The topics and categories found, a part of the form, for the script."""
    asked = request.args.get("find", "")[:LONGEST].strip()
    return render_template("_found.html", finding=finding_of(asked, services().offered), daily=papers_a_day())


@pages.post("/find")
@limiter.limit(LIMIT_FIND)
def find_and_show() -> str:
    """The page again, with what was found and all that is typed, for browsers without a script."""
    return _found(SignUpForm())


def _found(form: SignUpForm) -> str:
    form.tick_the_one_found()
    return page(form)


@pages.post("/subscribe")
@limiter.limit(LIMIT_SIGN_UP)
def subscribe() -> Response | tuple[str, int]:
    form = SignUpForm()
    if form.finding.data or (form.find.data and not form.email.data):
        # The button of an archive; and without a script, Enter in the field of search presses the first button of the form.
        return _found(form), 200
    age = _age_of_form()
    if age > FORM_GOOD_FOR:
        return page(form, _("This page was open for very long. Please press the button once more.")), 400
    if not form.validate() or is_too_wide(form.search, form.searches()):
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
    """The front page with what is typed in ``form``, a line above it, and the mail that its choices would bring today.

    Before any are made it is a sample, of the topics that bring most.
    """
    sample: list[Topic] = []
    if not choices and not form.topics.data:
        sample = sampled(form.shown().first, papers_a_day())
        choices = VisitorChoices(tuple(topic.slug for topic in sample), form.language.data)
        digest = _sample(choices)
    return render_template(
        "front.html",
        form=form,
        parts=cities_by_part(page_language().babel, now=clock()),
        well_known=WELL_KNOWN,
        notice=notice,
        daily=papers_a_day(),
        previewed=choices if digest or not sample else None,
        digest=digest,
        sample=listed([topic.name(page_language().code) for topic in sample]),
        summed=summed(form),
        followed=[written(author) for author in form.followed()],
        detailed=DETAILED,
    )


def _sample(choices: VisitorChoices) -> Digest | None:
    """The mail for ``choices``; None where nothing is stored, or the database is away, which must keep nobody from signing up."""
    if choices.language not in BY_CODE:
        return None
    previews: Previews = current_app.extensions["previews"]
    with suppress(TemporaryError, SQLAlchemyError):
        digest = previews.digest(services(), choices, now=clock())
        return digest if digest.count else None
    return None


def summed(form: SignUpForm) -> str:
    """What is chosen so far, in a line: how many topics, searches and authors, and about how many papers a day they bring."""
    chosen, daily = form.chosen_topics(), papers_a_day()
    a_day = sum(daily.get(slug, 0) for slug in chosen)
    own = {"searches": len(form.searches()), "authors": len(form.followed())}
    return render_template("_sum.html", count=len(chosen), **own, a_day=a_day, most=MAX_PAPERS).strip()


def typed_here(mark: str) -> bool:
    """True in the browser in which the wish with this mark was typed."""
    return bool(mark) and mark == browser_mark(str(session.get(BROWSER, "")))
