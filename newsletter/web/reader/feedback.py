"""What a reader does with a paper of a mail: more or less like this, read later, not about this topic, follow its authors.

A link in the mail opens a page with that button in focus, and one press of it, a POST, does it.

Opening any of these pages changes nothing, because scanners follow every link of a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from newsletter.mail.signed_links import LinkPurpose
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.ranking.store import reading as reading_store
from newsletter.subscribers import feedback, preferences
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.topics.saved_queries import is_named, written
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import Kind
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, page_language, page_number, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("feedback", __name__)

# With long titles these stay under 100 kB; what is older stands on the next page.
MOST_LISTED = 80
# Papers of large collaborations have thousands.
MOST_AUTHORS = 12
# What links of mails ask for.
LINKED = ("more", "less", "later", "off", "follow")
# The refs of papers have slashes (hep-th/9901001) and colons.
ONE = "/feedback/<token>/<path:ref>"


@pages.get("/feedback/<token>")
def listed(token: str) -> str:
    """All that the reader said, the newest first, page by page."""
    subscriber = subscriber_of(token, LinkPurpose.FEEDBACK)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    with services().database.reading() as session:
        pages_there = max(1, -(-opinions_store.count(session, subscriber.id) // MOST_LISTED))
        number = page_number(pages_there)
        said = opinions_store.opinions(session, subscriber.id, most=MOST_LISTED, skip=(number - 1) * MOST_LISTED)
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
    """All that can be done with the paper; the button that the link of the mail was about has the focus."""
    subscriber, paper = subscriber_of(token, LinkPurpose.FEEDBACK), _paper(ref)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    with services().database.reading() as session:
        said = opinions_store.said_of(session, subscriber.id, paper.id)
        listed = paper.id in reading_store.for_later(session, subscriber.id)
        against = reading_store.votes_of(session, subscriber.id, paper.id)
        topics = _topics_of(session, paper)
    word = request.args.get("say", "")
    return render_template(
        "feedback_paper.html",
        token=token,
        form=ButtonForm(),
        paper=paper,
        said=said,
        chosen=word if word in LINKED else said or Say.MORE,
        saved=request.args.get("saved", ""),
        listed=listed,
        topics=[(slug, name, slug in against) for slug, name in topics],
        authors=_authors(subscriber, paper),
    )


@pages.post(ONE)
@limiter.limit(LIMIT_LINK)
def keep(token: str, ref: str) -> Response | str:
    """Does what the button says with the paper: ``say`` (without a word: takes it back), ``later``, ``off`` or ``follow``."""
    subscriber, paper = subscriber_of(token, LinkPurpose.FEEDBACK), _paper(ref)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    done = next((name for name in _DOES if name in request.form), "say")
    _DOES[done](subscriber, paper, request.form.get(done, ""))
    if request.form.get("from") == "list":
        return redirect(url_for("feedback.listed", token=token, saved=1), code=303)
    return redirect(url_for("feedback.ask", token=token, ref=ref, saved=1 if done == "say" else done), code=303)


def _do_say(subscriber: Subscriber, paper: Paper, word: str) -> None:
    say = _say(word)
    if say is None and word:
        abort(400)
    feedback.give(services(), subscriber.id, paper.id, say, now=clock())


def _do_later(subscriber: Subscriber, paper: Paper, word: str) -> None:
    feedback.read_later(services(), subscriber.id, paper.id, wanted=word == "1", now=clock())


def _do_off(subscriber: Subscriber, paper: Paper, word: str) -> None:
    """``word`` is a topic's slug; with a minus before it the vote is taken back."""
    slug = word.removeprefix("-")
    with services().database.reading() as session:
        if slug not in dict(_topics_of(session, paper)):
            abort(400)
    feedback.vote_off_topic(services(), subscriber.id, paper.id, slug, wanted=slug == word, now=clock())


def _do_follow(subscriber: Subscriber, paper: Paper, word: str) -> None:
    if word not in paper.authors:
        abort(400)
    preferences.follow(services(), subscriber.id, word, now=clock())


_DOES: Mapping[str, Callable[[Subscriber, Paper, str], None]] = {
    "later": _do_later,
    "off": _do_off,
    "follow": _do_follow,
    "say": _do_say,
}


def _topics_of(session: Session, paper: Paper) -> list[tuple[str, str]]:
    """(slug, name) of the topics of the catalogue that the paper is shown under, the best first."""
    known, code = services().catalogue.by_slug, page_language().code
    found = sorted(papers_store.matches_of(session, [paper.id]).get(paper.id, ()), key=lambda match: -match.score)
    return [(match.topic, known[match.topic].name(code)) for match in found if match.topic in known]


def _authors(subscriber: Subscriber, paper: Paper) -> list[tuple[str, bool]]:
    """(name, whether the reader follows them) of the first authors."""
    followed = [written(own) for own in subscriber.own if own.kind is Kind.AUTHOR]
    return [(name, any(is_named(name, one) for one in followed)) for name in paper.authors[:MOST_AUTHORS]]


def _say(word: str) -> Say | None:
    return Say(word) if word in list(Say) else None


def _paper(ref: str) -> Paper:
    with services().database.reading() as session:
        found = papers_store.paper_by_ref(session, ref)
    if found is None:
        abort(404)
    return found
