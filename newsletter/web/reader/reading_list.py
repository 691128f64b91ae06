"""A reader's list of papers to read later, behind their own link: shown, as BibTeX, and emptied one by one.

Opening it changes nothing.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from newsletter.mail.signed_links import LinkPurpose
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.store import reading as reading_store
from newsletter.subscribers import feedback
from newsletter.subscribers.subscriber import Subscriber
from newsletter.text.bibtex import bibtex
from newsletter.values.papers import Paper
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import clock, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import LIMIT_LINK, limiter

pages = Blueprint("reading_list", __name__)

# With long titles these stay under 100 kB.
MOST_SHOWN = 200


@pages.get("/later/<token>")
def show(token: str) -> str:
    found = _papers(subscriber_of(token, LinkPurpose.FEEDBACK), most=MOST_SHOWN)
    return render_template("later.html", token=token, form=ButtonForm(), papers=found)


@pages.post("/later/<token>")
@limiter.limit(LIMIT_LINK)
def take_off(token: str) -> Answer:
    """Takes the paper that is named from the list."""
    subscriber = subscriber_of(token, LinkPurpose.FEEDBACK)
    with services().database.reading() as session:
        paper = papers_store.paper_by_ref(session, request.form.get("ref", ""))
    if paper is not None:
        feedback.read_later(services(), subscriber.id, paper.id, wanted=False, now=clock())
    return redirect(url_for("reading_list.show", token=token), code=303)


@pages.get("/later/<token>/papers.bib")
def as_bibtex(token: str) -> Response:
    text = bibtex(_papers(subscriber_of(token, LinkPurpose.FEEDBACK), most=None))
    headers = {"Content-Disposition": "attachment; filename=papers.bib"}
    return Response(text, content_type="application/x-bibtex; charset=utf-8", headers=headers)


def _papers(subscriber: Subscriber, *, most: int | None) -> list[Paper]:
    with services().database.reading() as session:
        ids = reading_store.for_later(session, subscriber.id, most=most)
        found = papers_store.papers_by_ids(session, ids)
    return [found[paper_id] for paper_id in ids if paper_id in found]
