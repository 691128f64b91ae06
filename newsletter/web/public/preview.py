"""Today's mail for the topics ticked on the front page: a part of that page, and the whole mail as it would be sent.

It asks for topics and a language only; the address that may stand in the form beside them is not read here.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from newsletter.daily.preview import Previews, VisitorChoices, whole_mail
from newsletter.errors import InputError
from newsletter.values.digests import Digest
from newsletter.web.forms import SignUpForm
from newsletter.web.page_context import clock, services
from newsletter.web.public.signup import DETAILED, page, summed
from newsletter.web.security import LIMIT_PREVIEW, MAIL_POLICY, limiter

pages = Blueprint("previewing", __name__)


@pages.post("/preview")
@limiter.limit(LIMIT_PREVIEW)
def show() -> str | tuple[str, int]:
    """The front page with today's mail in it, or that part alone for the script; nothing is kept."""
    form, part = SignUpForm(), request.headers.get("X-Part") == "preview"
    choices = VisitorChoices(form.chosen_topics(), form.language.data) if form.has_valid_choices() else None
    digest = _digest(choices) if choices else None
    if part:
        shown = {"previewed": choices, "digest": digest, "sample": "", "detailed": DETAILED, "summed": summed(form)}
        return render_template("_preview.html", form=form, **shown)
    return page(form, choices=choices, digest=digest), 200 if choices else 400


@pages.get("/preview/mail")
@limiter.limit(LIMIT_PREVIEW)
def mail() -> Response:
    """The mail itself, in its own layout and styles."""
    form = SignUpForm(formdata=request.args)
    if not form.has_valid_choices():
        raise InputError((form.topics.errors or form.language.errors)[0])
    choices = VisitorChoices(form.chosen_topics(), form.language.data)
    response = Response(whole_mail(services(), choices, _digest(choices)).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY + "; frame-ancestors 'none'"
    # As many such pages can be made up as there are choices of topics.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _digest(choices: VisitorChoices) -> Digest:
    previews: Previews = current_app.extensions["previews"]
    return previews.digest(services(), choices, now=clock())
