"""The first evening as pages: name, mail server, DNS, first reader, owner's login, by the same steps as `newsletter setup`.

Open on this machine alone, to whoever has the token that the start printed, until there is a login. The token in each address is
what no other site knows: it stands in the place of the session, which a new BASE_URL would end in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

from newsletter.daily import test_mail
from newsletter.desk import first_evening
from newsletter.desk.answer import Why
from newsletter.desk.first_evening import HERE, NOTHING, QUESTIONS, UNKNOWN_ADDRESS, Place
from newsletter.desk.why_no_mail import why_no_mail
from newsletter.errors import InputError, PermanentError
from newsletter.i18n import _l
from newsletter.languages import LANGUAGES
from newsletter.operating import runtime, setup_token
from newsletter.operating.doctor.findings import Finding, Level
from newsletter.operating.operators import acts
from newsletter.operating.runtime import DEFAULT_BASE_URL
from newsletter.settings import LOOPBACK, Settings
from newsletter.subscribers.choices import Choices, hour_of
from newsletter.subscribers.faults import ChoicesError, FieldError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.web.page_context import _, clock, page_language, services
from newsletter.web.public.inbox import asked_from_here
from newsletter.web.security import LIMIT_OUTSIDE, csrf, limiter
from newsletter.web.time_zones import cities

pages = Blueprint("setup", __name__, url_prefix="/setup/<token>")
csrf.exempt(pages)

STEPS = {
    "names": _l("Name and sender"),
    "mail": _l("Mail server"),
    "dns": _l("DNS"),
    "reader": _l("First reader"),
    "digest": _l("First digest"),
    "login": _l("Your login"),
}
NAMES = tuple(one for one in QUESTIONS if one.name != "SMTP_URL")
WORDS = {
    "SITE_NAME": _l("What is it called? It stands on pages and in mails."),
    "BASE_URL": _l("Under which address do readers reach its pages? 127.0.0.1 is this machine alone."),
    "MAIL_FROM": _l("Who are the mails from? An address of a domain of yours."),
    "CONTACT_EMAIL": _l("Which address may readers write to? May be empty."),
    "IMPRINT": _l("Who answers for it? Name and postal address in one line; many countries ask for it. May be empty."),
}
NEEDED = frozenset(("SITE_NAME", "BASE_URL", "MAIL_FROM"))
LONGEST = 1000
# Time for all processes to end and begin; the page asks again by itself.
RESTART_SECONDS, LOOK_SECONDS = 15, 5


@pages.url_value_preprocessor
def take_token(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.setup_token = (values or {}).pop("token", "")


@pages.before_request
def close_elsewhere() -> None:
    offer = setup_token.opens(services().settings.data_dir, g.setup_token) if asked_from_here() else None
    # A login may have been made at the shell meanwhile, and an offer must never give it another password.
    if offer is None or first_evening.has_owner(services().database):
        abort(404)
    g.place = first_evening.place_of(offer)


@pages.get("")
def show() -> str:
    """The step that is asked for, else the first that is not done."""
    asked = request.args.get("step", "")
    return _page(asked if asked in STEPS else _next_step())


@pages.post("/names")
def names() -> Response | tuple[str, int]:
    """Takes name, address and sender; each is kept where it is right, whatever the others are."""
    problems: dict[str, str] = {}
    for question in NAMES:
        name, text = question.name, _typed(question.name)
        if name in _place().environment:
            continue
        if not text and name in NEEDED:
            problems[name] = _("Please fill this in.")
            continue
        try:
            first_evening.keep(_place(), name, DEFAULT_BASE_URL if text == _own_address() else text or NOTHING)
        except PermanentError as error:
            problems[name] = str(error)
    return (_page("names", problems), 400) if problems else _on_to("mail")


@pages.post("/mail")
@limiter.limit(LIMIT_OUTSIDE)
def mail() -> Response | str | tuple[str, int]:
    """Takes the mail server and who signs, and sends a test mail; or has mail stay on this machine."""
    try:
        if request.form.get("inbox"):
            first_evening.keep(_place(), "SMTP_URL", NOTHING)
            return _on_to("dns")
        if url := _typed("SMTP_URL"):
            first_evening.keep(_place(), "SMTP_URL", url)
        if not _place().settings().smtp_servers:
            return _page("mail", {"SMTP_URL": _("Please fill this in.")}), 400
        first_evening.sign(_place(), _typed("signed_by") or HERE)
        said = list(test_mail.send(_place().settings(), _typed("email"), now=clock()))
    except FieldError as error:
        return _page("mail", {error.field: error.fault.told(_)}), 400
    except PermanentError as error:
        return _page("mail", {"SMTP_URL": str(error)}), 400
    return _page("mail", said=said)


@pages.post("/dns")
def dns() -> Response | str:
    """Goes on, after a restart where the service runs with other settings than were answered."""
    if not first_evening.needs_restart(_place(), services().settings):
        return _on_to("reader")
    runtime.ask_for_restart(services().settings.data_dir)
    return render_template("admin/setup_restart.html", following=_address("reader"), seconds=RESTART_SECONDS)


@pages.post("/reader")
def reader() -> Response | tuple[str, int]:
    """Enters the first reader, whose digest comes as soon as there are papers."""
    email = _typed("email")
    chosen = Choices(tuple(request.form.getlist("topics")), _typed("language"), _typed("timezone"), hour_of(_typed("hour")))
    try:
        first_evening.add_first_reader(services(), email, chosen, now=clock())
    except ChoicesError as error:
        return _page("reader", {field: fault.told(_) for field, fault in error.faults.items()}), 400
    except FieldError as error:
        return _page("reader", {error.field: error.fault.told(_)}), 400
    except InputError as error:
        return _page("reader", {"email": str(error)}), 400
    return _on_to("digest")


@pages.post("/login")
def login() -> Response | tuple[str, int]:
    """Makes the owner's login, and closes these pages."""
    name, password = _typed("name"), request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _page("login", {"again": _("The two are not the same.")}), 400
    try:
        first_evening.make_owner(services(), name, password, now=clock())
    except InputError as error:
        return _page("login", {"name": _(str(error))}), 400
    acts.note(services().database, name, "operators.add", now=clock(), words=name)
    setup_token.forget(services().settings.data_dir)
    return redirect("/admin/login", code=303)


def _page(step: str, problems: Mapping[str, str] | None = None, *, said: Sequence[Finding] = ()) -> str:
    """The page of a step, with what was typed where that is a mistake; ``said`` is what became of a test mail."""
    config = _place().settings()
    return render_template(
        "admin/setup.html",
        steps=STEPS,
        step=step,
        address=_address,
        problems=problems or {},
        said=said,
        well=bool(said) and all(one.level is not Level.FAIL for one in said),
        email=_email(config),
        seconds=LOOK_SECONDS,
        **SHOWN[step](config),
    )


def _of_names(_config: Settings) -> dict[str, Any]:
    return {"questions": NAMES, "words": WORDS, "needed": NEEDED, "fixed": _place().environment, "values": _values()}


def _of_mail(config: Settings) -> dict[str, Any]:
    return {"servers": [f"{one.host}:{one.port}" for one in config.smtp_servers], "signed_by": _typed("signed_by") or HERE}


def _of_dns(config: Settings) -> dict[str, Any]:
    if config.local_inbox:
        return {"stays_here": True, "records": (), "seen": (), "unknown": ""}
    seen = first_evening.seen_in_dns(config) if request.args.get("look") else ()
    return {"stays_here": False, "records": list(first_evening.records(config)), "seen": seen, "unknown": UNKNOWN_ADDRESS}


def _of_reader(_config: Settings) -> dict[str, Any]:
    return {
        "topics": {one.slug: one.name(page_language().code) for one in services().catalogue.choices},
        "offered": LANGUAGES,
        "cities": sorted(cities()),
        "typed": {name: _typed(name) for name in ("timezone", "hour", "language")},
        "ticked": request.form.getlist("topics"),
    }


def _values() -> dict[str, str]:
    """What stands in the fields of names: what was typed, else what stands in the file, else what is proposed."""
    standing = _place().standing()
    proposed = {one.name: standing.get(one.name) or first_evening.example_of(one, standing) for one in NAMES}
    shown = {name: request.form.get(name, text) for name, text in proposed.items()}
    instead = {NOTHING: "", DEFAULT_BASE_URL: _own_address()}
    return {name: instead.get(text, text) for name, text in shown.items()}


def _own_address() -> str:
    """Where the pages are on this machine, whatever its port is today; the usual address where they have one that was given."""
    running = services().settings.base_url
    return running if urlsplit(running).hostname in LOOPBACK else DEFAULT_BASE_URL


def _of_digest(config: Settings) -> dict[str, Any]:
    here = config.local_inbox
    with services().database.reading() as session:
        try:
            told = why_no_mail(services(), session, _typed("email"), now=clock())
        except InputError as error:
            return {"told": str(error), "is_sent": False, "here": here}
    return {"told": told.sentence.told(_), "is_sent": told.why is Why.SENT, "here": here}


def _of_login(_config: Settings) -> dict[str, Any]:
    return {"name": _typed("name") or "owner"}


# What the page of each step shows besides what all show.
SHOWN: Mapping[str, Callable[[Settings], dict[str, Any]]] = {
    "names": _of_names,
    "mail": _of_mail,
    "dns": _of_dns,
    "reader": _of_reader,
    "digest": _of_digest,
    "login": _of_login,
}


def _next_step() -> str:
    """The first step that is not done."""
    try:
        if not all(first_evening.stands(_place(), one.name) for one in NAMES):
            return "names"
        if not first_evening.stands(_place(), "SMTP_URL"):
            return "mail"
    except PermanentError:
        return "names"
    config = _place().settings()
    if not config.local_inbox and not first_evening.is_signing_decided(_place()):
        return "mail"
    with services().database.reading() as session:
        there = subscribers_store.counts_by_state(session)
    return "login" if there else "dns"


def _email(config: Settings) -> str:
    """The address that was typed, also on a step before; else the one that readers may write to."""
    return _typed("email") or config.contact_email


def _typed(name: str) -> str:
    return (request.form.get(name) or request.args.get(name) or "").strip()[:LONGEST]


def _place() -> Place:
    found: Place = g.place
    return found


def _address(step: str, more: str = "") -> str:
    """The address of a step, with what was typed as one's own address."""
    return f"/setup/{g.setup_token}?step={step}&email={quote(_typed('email'))}{more}"


def _on_to(step: str) -> Response:
    return redirect(_address(step), code=303)
