"""Moving to another address: a link is mailed to the present one, and only who reads mail there can name a new one."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from newsletter.errors import InputError
from newsletter.mail.signed_links import LinkError
from newsletter.subscribers import form_limits, rights
from newsletter.subscribers.addresses import masked, normalise
from newsletter.subscribers.form_limits import TooManyUses
from newsletter.web.forms import ButtonForm, LinkForm
from newsletter.web.page_context import _, clock, prefer_language, services
from newsletter.web.public.inbox import open_here
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, client_network, limiter

pages = Blueprint("moving", __name__)


@pages.get("/preferences/<token>/address")
def ask(token: str) -> str:
    subscriber = subscriber_of(token)
    return _page("ask", ButtonForm(), address=masked(subscriber.email), action=f"/preferences/{token}/address")


@pages.post("/preferences/<token>/address")
@limiter.limit(LIMIT_LINK)
def send(token: str) -> str:
    """Mails the one-time link to the present address: who holds a forwarded mail cannot take the subscription along."""
    subscriber = subscriber_of(token)
    form_limits.take(services(), network=client_network(), reader=subscriber.link_key, now=clock())
    rights.request_move(services(), subscriber.id, now=clock())
    return _page("sent", ButtonForm(), address=masked(subscriber.email))


@pages.get("/address/<token>")
def show(token: str) -> str:
    with services().database.reading() as session:
        found = rights.subscriber_to_move(session, token, now=clock())
    prefer_language(found.language)
    return _page("change", LinkForm(formdata=None), address=masked(found.email), action=f"/address/{token}")


@pages.post("/address/<token>")
@limiter.limit(LIMIT_LINK)
def change(token: str) -> Response | str | tuple[str, int]:
    """Moves the subscription; the page says the same whether the new address is known here or not."""
    the, now = services(), clock()
    with the.database.reading() as session:
        found = rights.subscriber_to_move(session, token, now=now)
    prefer_language(found.language)
    form, email = LinkForm(), ""
    if form.validate():
        email = form.email.data or ""
        try:
            form_limits.take(the, network=client_network(), email=normalise(email, international=True).email, now=now)
            rights.move(the, token, email, now=now, origin="link", network=client_network())
        except (LinkError, TooManyUses):
            raise
        except InputError as error:
            form.email.errors = [_(str(error))]
    if form.errors or form.email.errors:
        return _page("change", form, address=masked(found.email), action=f"/address/{token}"), 400
    return _page("moved", ButtonForm(), address=masked(email.strip()))


def _page(step: str, form: ButtonForm | LinkForm, *, address: str, action: str = "") -> str:
    return render_template("moving.html", step=step, form=form, address=address, action=action, inbox=open_here())
