"""Search over the archive, in every language that its papers were translated into."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from newsletter.papers import store as papers_store
from newsletter.searching.store import search
from newsletter.searching.words import LONGEST, asked
from newsletter.web.archive import entries_of
from newsletter.web.reading import paper_language, services

pages = Blueprint("searching", __name__)

PAPERS_A_PAGE = 20
MOST_PAGES = 50


@pages.get("/search")
def found() -> Response:
    """The papers in which all words and quoted phrases of ``?q=`` stand, the newest first."""
    query = " ".join(request.args.get("q", "").split())[:LONGEST]
    number = _number(request.args.get("page", "1"))
    with services().database.reading() as session:
        page = search(session, asked(query), most=PAPERS_A_PAGE, skip=(number - 1) * PAPERS_A_PAGE)
        papers = papers_store.papers_by_ids(session, page.ids)
        entries = entries_of(session, [papers[paper_id] for paper_id in page.ids if paper_id in papers])
    more = page.more and number < MOST_PAGES
    shown = render_template("search.html", query=query, entries=entries, number=number, more=more, language=paper_language())
    response = make_response(shown)
    # Any number of such pages can be made up; nobody else's index need hold them.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _number(text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 1
    return min(max(1, wanted), MOST_PAGES)
