"""The page of a paper, in the visitor's language with the original beside, and the files to cite it by. It changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.i18n.phrases import reason_text
from newsletter.languages import LANGUAGES, SOURCE_LANGUAGE
from newsletter.papers.store import mailed as mailed_store
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import venues as venues_store
from newsletter.search.store import related
from newsletter.text.bibtex import bibtex
from newsletter.text.citing import citation_tags, csl_json, json_ld, ris
from newsletter.text.identifiers import parse_any_ref
from newsletter.text.venue_identifiers import is_venue_ref, venue_abs_url
from newsletter.topics.saved_queries import author_called, written
from newsletter.translation.store import translations as translation_store
from newsletter.values.digests import Entry
from newsletter.values.papers import Paper
from newsletter.web.page_context import page_language, paper_language, search_lexicon, search_windows, services
from newsletter.web.public.archive import entries_of

pages = Blueprint("papers", __name__)

SAMPLE_REF = re.compile(r"sample-[a-z0-9-]{1,50}")
# So many authors stand on the page; the files have all of them.
MOST_AUTHORS = 60
MOST_RELATED = 5
# So many are ticked where somebody would follow the authors of a paper.
MOST_FOLLOWED = 3
# The newest days on which it stood in mails.
MOST_DAYS = 5
FORMS: Mapping[str, tuple[Callable[[Paper], str], str]] = {
    "bib": (lambda paper: bibtex([paper]), "application/x-bibtex"),
    "ris": (ris, "application/x-research-info-systems"),
    "json": (csl_json, "application/vnd.citationstyles.csl+json"),
}


@pages.get("/papers/<path:ref>")
def paper(ref: str) -> ResponseReturnValue:
    base = base_ref(ref)
    with services().database.reading() as session:
        found = papers_store.paper_by_ref(session, base)
        if found is None:
            return redirect(url_for(".paper", ref=_moved(session, base) or abort(404)))
        matches = papers_store.matches_of(session, [found.id])
        [entry] = entries_of(session, [found], tldr=True, matches=matches)
        near = _related(session, found)
        mails = mailed_store.mailed(session, found.id, most=MOST_DAYS)
        codes = {SOURCE_LANGUAGE, *translation_store.languages_of(session, found.id)}
    by_slug = services().catalogue.by_slug
    reasons = [
        (by_slug[match.topic], reason_text(match.reason, page_language().code))
        for match in matches.get(found.id, ())
        if match.topic in by_slug
    ]
    here = f"{services().settings.base_url}/papers/{found.ref}"
    return render_template(
        "paper.html",
        entry=entry,
        paper=found,
        reasons=reasons,
        there=[language for language in LANGUAGES if language.code in codes],
        language=paper_language(),
        related=near,
        mails=mails,
        follow=_following(found),
        most_authors=MOST_AUTHORS,
        bibtex="" if found.is_sample else bibtex([found]),
        tags=[] if found.is_sample else citation_tags(found, here),
        json_ld=None if found.is_sample else json_ld(found, here),
    )


def _following(found: Paper) -> str:
    """The address of a sign-up that follows the first authors; "" where none of them can be followed."""
    named = [written(author) for author in map(author_called, found.authors[:MOST_FOLLOWED]) if author]
    return "/?" + urlencode([("follow", name) for name in named]) if named else ""


def _moved(session: Session, ref: str) -> str:
    """What the paper of a journal is called that has come to arXiv since; "" for none."""
    page = venue_abs_url(ref)
    return venues_store.linked(session, [page]).get(page, "") if page else ""


def _related(session: Session, found: Paper) -> list[Entry]:
    """The papers most like this one, the best first."""
    ids = related(session, found.id, search_lexicon(), most=MOST_RELATED, among=search_windows(session))
    papers = papers_store.papers_by_ids(session, ids)
    return entries_of(session, [papers[paper_id] for paper_id in ids if paper_id in papers], matches={})


@pages.get("/cite/<path:ref>.<any(bib,ris,json):form>")
def citation(ref: str, form: str) -> Response:
    """The paper as a file for programs that cite; a sample has none, for it was never published."""
    base = base_ref(ref)
    with services().database.reading() as session:
        found = papers_store.paper_by_ref(session, base)
    if found is None or found.is_sample:
        abort(404)
    written, kind = FORMS[form]
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", found.ref).strip("-.")
    headers = {"Content-Disposition": f"attachment; filename={name}.{form}", "X-Robots-Tag": "noindex"}
    return Response(written(found), content_type=f"{kind}; charset=utf-8", headers=headers)


def base_ref(text: str) -> str:
    """The base id in an address, with or without version; what can be no id is no page."""
    if SAMPLE_REF.fullmatch(text) or is_venue_ref(text):
        return text
    try:
        return parse_any_ref(text)[0]
    except InputError:
        abort(404)
