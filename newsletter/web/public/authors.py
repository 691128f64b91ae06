"""The page of an author's name: all papers here that it stands on, in whichever way they write it. It changes nothing.

Names are not people: whoever shares a name shares the page, and the page says so.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from newsletter.papers.store import authors as authors_store
from newsletter.papers.store import papers as papers_store
from newsletter.text.author_names import author_key, initial_key, may_be_one
from newsletter.topics.saved_queries import author_called, written
from newsletter.web.page_context import paper_language, services
from newsletter.web.public.archive import cut, entries_of

pages = Blueprint("authors", __name__)

# Of so many names with the same initial those are offered that may be another way to write this one.
MOST_NAMES, MOST_OFFERED = 200, 8


@pages.get("/authors/<path:name>")
def author(name: str) -> ResponseReturnValue:
    key = author_key(name)
    with services().database.reading() as session:
        found = authors_store.author_of(session, key)
        if found is None:
            abort(404)
        if name != key:
            return redirect(url_for(".author", name=key, language=paper_language()))
        ids = authors_store.papers_of_author(session, key)
        shown = cut(ids)
        papers = papers_store.papers_by_ids(session, shown.ids)
        entries = entries_of(session, [papers[paper_id] for paper_id in shown.ids if paper_id in papers], tldr=True)
        alike = authors_store.names_with_initials(session, initial_key(key), most=MOST_NAMES)
    return render_template(
        "author.html",
        author=found,
        follow=written(named) if (named := author_called(found.name)) else "",
        alike=[one for one in alike if one.key != key and may_be_one(one.key, key)][:MOST_OFFERED],
        entries=entries,
        slice=shown,
        language=paper_language(),
    )
