"""The link in the confirmation mail. Opening it changes nothing: scanners open every link, and some run scripts.

The page posts by itself only in the browser that signed up; anywhere else it shows one button.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from newsletter.daily.welcome import confirm_and_welcome
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import waiting as waiting_store
from newsletter.subscribers import confirm as confirming
from newsletter.subscribers import links
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, prefer_language, services
from newsletter.web.public.inbox import open_here
from newsletter.web.public.signup import typed_here
from newsletter.web.security import client_network

pages = Blueprint("confirming", __name__)


@pages.get("/confirm/<token>")
def show(token: str) -> str:
    with services().database.reading() as session:
        found = confirming.look(session, token, now=clock())
        waits = waiting_store.is_waiting(session, found.subscriber.id)
    prefer_language(found.subscriber.language)
    if found.outcome is confirming.Outcome.ALREADY:
        return _welcome(found, waits=waits)
    return render_template("confirm.html", form=ButtonForm(), at_once=typed_here(found.by))


@pages.post("/confirm/<token>")
def confirm(token: str) -> str:
    done, waits = confirm_and_welcome(services(), token, now=clock(), network=client_network())
    prefer_language(done.subscriber.language)
    return _welcome(done, waits=waits)


def _welcome(done: confirming.Confirmation, *, waits: bool) -> str:
    """The page after the click, also where it is made, or the link opened, once more; ``waits`` while a fetch brings papers.

    Opened once more, it shows no link to the choices: that one stands in the mails and holds for a year, this one does not.
    """
    subscriber = done.subscriber
    new = done.outcome is confirming.Outcome.CONFIRMED
    link = links.signed_link(services().signer, subscriber, LinkPurpose.PREFERENCES, day=clock().date()) if new else ""
    paused = subscriber.paused_until if subscriber.paused_on(clock().date()) else None
    return render_template(
        "welcome.html",
        new=new,
        moved=done.moved,
        waits=waits,
        paused=paused,
        subscriber=subscriber,
        link=link,
        inbox=open_here(),
    )
