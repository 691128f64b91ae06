"""What a visitor reads when something is not as expected: kind, in their language, with a way on. Never a traceback.

An error page must not need the database: it may be what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from newsletter.errors import InputError, TemporaryError
from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.subscribers.form_limits import TooManyUses
from newsletter.web.page_context import _, services
from newsletter.web.security import guard

log = structlog.get_logger(__name__)

RETRY_SECONDS = 30
# What a guard refused, which no link or form of ours asks for.
REFUSED = (400, 401, 403, 413, 415, 429)


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says."""

    title: str
    text: str


def install(app: Flask) -> None:
    """Registers the pages for all errors that can reach a visitor."""
    app.register_error_handler(TemporaryError, temporary)
    app.register_error_handler(InputError, unusable)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, expected)
    app.register_error_handler(Exception, unexpected)


def temporary(error: TemporaryError) -> Response:
    """503: the same request will succeed later, and nothing of it was done."""
    log.warning("page not served for now", endpoint=request.endpoint, problem=str(error))
    words = Words(
        _("Please try again in a moment"),
        _("The service is busy or being restarted. Nothing was changed; the same step will work again shortly."),
    )
    response = page(503, words)
    response.headers["Retry-After"] = str(max(1, round(error.retry_after or RETRY_SECONDS)))
    return response


def unusable(error: InputError) -> Response:
    """404 or 410 for a link that leads nowhere (any more), 400 for anything else that a person typed."""
    if isinstance(error, LinkError):
        return dead_link(error.fault)
    if isinstance(error, TooManyUses):
        return slower(error)
    return page(400, Words(_("This could not be understood"), _(str(error))))


def slower(error: TooManyUses) -> Response:
    """429: the limit of the hour is reached; says when it ends."""
    response = page(429, Words(_words(429).title, _("Too many forms were sent just now: please try again later.")))
    response.headers["Retry-After"] = str(error.seconds)
    return response


def dead_link(fault: LinkFault) -> Response:
    """404 for a link that was never ours, 410 for one that held once; says how to get a new one."""
    words = {
        LinkFault.BROKEN: _("Part of it seems to be missing. Copy the whole link from the mail, or get a new one."),
        LinkFault.EXPIRED: _("It is too old. Get a new one: it takes a moment."),
        LinkFault.VOID: _("A newer one has taken its place. Use the link in your newest mail, or get a new one."),
        LinkFault.USED: _("It works only once and was used already. If that was you, all is well."),
    }
    unconfirmed = request.path.startswith("/confirm/") and fault is not LinkFault.USED
    return page(
        404 if fault is LinkFault.BROKEN else 410,
        Words(_("This link does not work any more"), words[fault]),
        offer_link=not unconfirmed,
        offer_sign_up=unconfirmed,
    )


def forged(error: CSRFError) -> Response:
    """400: the form came without the token that its page gave; where it can, the page comes back with all that was typed."""
    log.info("form refused", endpoint=request.endpoint, problem=error.description)
    notice = _("Your browser did not send the cookie that goes with this form. Please press the button once more.")
    base_url = services().settings.base_url
    if base_url.startswith("https://") and not request.is_secure:
        # The cookie goes over TLS only: pressing once more would lead here for ever.
        notice = _("This page was opened without encryption, and its forms do not work so. Open it at %(url)s.", url=base_url)
    if request.endpoint == "signup.subscribe":
        from newsletter.web.forms import SignUpForm
        from newsletter.web.public import signup

        return make_response(signup.page(SignUpForm(), notice), 400)
    return page(
        400, Words(_("Please try once more"), notice + " " + _("Go back, load the page again, and allow cookies for it."))
    )


def expected(error: HTTPException) -> Response:
    """The page of any HTTP error, with the headers that belong to it (Allow, Retry-After)."""
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    if code in REFUSED:
        log.info("request refused", endpoint=request.endpoint, method=request.method, status=code)
    response = page(code, _words(code))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def unexpected(error: Exception) -> Response:
    """500: our fault; recorded with its traceback, shown without."""
    log.exception("page failed", endpoint=request.endpoint, problem=type(error).__name__)
    return page(500, _words(500))


def _words(code: int) -> Words:
    known = {
        400: Words(_("This could not be understood"), _("Something in the address or the form is not readable text.")),
        403: Words(_("Not available here"), _("This page can be opened from certain machines only.")),
        404: Words(_("Page not found"), _("The address may be mistyped, or the page is gone.")),
        405: Words(_("That does not work here"), _("This address cannot be used like that. Go back and try again.")),
        413: Words(_("That is too large"), _("What was sent is far larger than any form here takes. Please shorten it.")),
        415: Words(_("This could not be understood"), _("Please send the form with a browser.")),
        429: Words(_("Too many tries"), _("Too many tries came from your network just now. Please wait a minute.")),
        500: Words(
            _("Something broke on our side"), _("The fault is recorded. Please try again later; nothing you chose is lost.")
        ),
        503: Words(_("Please try again in a moment"), _("The service is busy or being restarted.")),
    }
    if code in known:
        return known[code]
    return known[500] if code >= 500 else known[400]


def page(code: int, words: Words, *, offer_link: bool = False, offer_sign_up: bool = False) -> Response:
    """An error page with status ``code`` and a button to what helps."""
    html = render_template(
        "error.html", code=code, title=words.title, words=words.text, offer_link=offer_link, offer_sign_up=offer_sign_up
    )
    return guard(make_response(html, code))
