"""What a reader says of a paper: more or less like this. A link in the mail opens a page with the button chosen; a POST keeps it.

Opening any of these pages changes nothing, because scanners follow every link of a mail.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.mail.signed_links import LinkPurpose
from newsletter.papers.store import papers as papers_store
from newsletter.ranking import store
from newsletter.ranking.opinions import Say
from newsletter.subscribers import feedback
from newsletter.subscribers.subscriber import SUBSCRIBED
from newsletter.values.papers import Paper
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, page_number, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("feedback", __name__)

# With long titles these stay under 100 kB; what is older stands on the next page.
MOST_LISTED = 80
# The refs of papers have slashes (hep-th/9901001) and colons.
ONE = "/feedback/<token>/<path:ref>"


@pages.get("/feedback/<token>")
def listed(token: str) -> str:
    """All that the reader said, the newest first, page by page."""
    subscriber = subscriber_of(token, LinkPurpose.FEEDBACK)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    with services().database.reading() as session:
        pages_there = max(1, -(-store.count(session, subscriber.id) // MOST_LISTED))
        number = page_number(pages_there)
        said = store.opinions(session, subscriber.id, most=MOST_LISTED, skip=(number - 1) * MOST_LISTED)
    return render_template(
        "feedback.html",
        token=token,
        form=ButtonForm(),
        said=said,
        number=number,
        count=pages_there,
        saved="saved" in request.args,
    )


@pages.get(ONE)
def ask(token: str, ref: str) -> str:
    subscriber, paper = subscriber_of(token, LinkPurpose.FEEDBACK), _paper(ref)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    with services().database.reading() as session:
        said = store.said_of(session, subscriber.id, paper.id)
    chosen = _say(request.args.get("say", "")) or said or Say.MORE
    return render_template(
        "feedback_paper.html",
        token=token,
        form=ButtonForm(),
        paper=paper,
        said=said,
        chosen=chosen,
        saved="saved" in request.args,
    )


@pages.post(ONE)
@limiter.limit(LIMIT_LINK)
def keep(token: str, ref: str) -> Response | str:
    """Keeps what the button says of the paper; the one without a word takes it back."""
    subscriber, paper = subscriber_of(token, LinkPurpose.FEEDBACK), _paper(ref)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    word = request.form.get("say", "")
    say = _say(word)
    if say is None and word:
        abort(400)
    feedback.give(services(), subscriber.id, paper.id, say, now=clock())
    if request.form.get("from") == "list":
        return redirect(url_for("feedback.listed", token=token, saved=1), code=303)
    return redirect(url_for("feedback.ask", token=token, ref=ref, saved=1), code=303)


def _say(word: str) -> Say | None:
    return Say(word) if word in list(Say) else None


def _paper(ref: str) -> Paper:
    with services().database.reading() as session:
        found = papers_store.paper_by_ref(session, ref)
    if found is None:
        abort(404)
    return found
