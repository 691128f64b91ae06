"""Search over the archive, in every language that its papers were translated into; the words found are marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from newsletter.languages import BY_CODE, SOURCE_LANGUAGE, language_of
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.filters import conditions, with_venue
from newsletter.search.highlighting import Piece, excerpt, marked
from newsletter.search.meant import meant
from newsletter.search.store import Page, languages_found, search, titles_first, with_letters
from newsletter.search.terms import LONGEST, Phrase, asked
from newsletter.text.formulas import plain
from newsletter.topics.finding import found as topics_named
from newsletter.values.digests import Entry
from newsletter.values.paper_filter import PaperFilter
from newsletter.values.papers import Paper
from newsletter.values.topics import Topic
from newsletter.web.page_context import page_number, paper_language, search_lexicon, search_windows, services
from newsletter.web.public.archive import entries_of
from newsletter.web.public.paper_filters import asked_filter, kept_fields

pages = Blueprint("searching", __name__)

PAPERS_A_PAGE = 20
MOST_PAGES = 50
# So many papers are sorted by where the words stand, and counted; whole pages.
SORTED = 200
# With fewer papers than this a word may have been a slip.
FEW = 3
# Characters of an abstract; a hanzi says about as much as three letters.
EXCERPT, DENSE_EXCERPT = 300, 120
MOST_TOPICS = 6


@dataclass(frozen=True, slots=True)
class Found:
    """A paper with the words that were asked for marked in its title, original title and an excerpt of its abstract.

    ``in_original``: the excerpt is of the original abstract, the only place where the words stand.
    """

    entry: Entry
    title: Sequence[Piece]
    original: Sequence[Piece]
    gist: Sequence[Piece]
    in_original: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """The papers of one page of a search; ``count`` is how many there are, or that there are ``more`` than so many."""

    ids: Sequence[int]
    count: int
    more: bool
    has_next: bool


@pages.get("/search")
def found() -> Response:
    """The papers in which all words and quoted phrases of ``?q=`` stand, by ``?sort=``, narrowed by the fields of filters.

    Those with the words in the title come first, or with ``date`` simply the newest.
    """
    query = " ".join(request.args.get("q", "").split())[:LONGEST]
    number, phrases, asked_for = page_number(MOST_PAGES), asked(query), asked_filter()
    by_date = request.args.get("sort") == "date"
    with services().database.reading() as session:
        hits = _hits(session, phrases, asked_for, number=number, by_date=by_date)
        entries = _entries(session, Page(tuple(hits.ids), more=hits.has_next), phrases)
    kept = [("language", paper_language()), *kept_fields()]
    shown = render_template(
        "search.html",
        query=query,
        found=[_found(entry, phrases) for entry in entries],
        hits=hits,
        asked=asked_for,
        by_date=by_date,
        offered=[(topic, 0) for topic in services().catalogue.topics],
        meant=meant(phrases, search_lexicon()) if query and hits.count < FEW else "",
        address=f"/search?{urlencode([*kept, ('q', query)])}",
        topics=_topics(query) if query and not entries else [],
        number=number,
        language=paper_language(),
    )
    response = make_response(shown)
    # Any number of such pages can be made up; nobody else's index need hold them.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _hits(session: Session, phrases: Sequence[Phrase], wanted: PaperFilter, *, number: int, by_date: bool) -> Hits:
    """The page ``number`` of the search: the newest ``SORTED`` papers found are sorted, and older ones follow by date."""
    narrowed, skip = conditions(session, wanted), (number - 1) * PAPERS_A_PAGE
    newest = search(session, phrases, most=SORTED, conditions=narrowed, among=search_windows(session))
    ids = with_venue(session, newest.ids) if wanted.venue else newest.ids
    ids = with_letters(session, phrases, ids)
    ordered = ids if by_date else titles_first(session, phrases, ids)
    if skip < SORTED:
        has_next = len(ordered) > skip + PAPERS_A_PAGE or (newest.more and len(ordered) == SORTED)
        return Hits(ordered[skip : skip + PAPERS_A_PAGE], len(ids), newest.more, has_next and number < MOST_PAGES)
    older = search(session, phrases, most=PAPERS_A_PAGE, skip=skip, conditions=narrowed, among=search_windows(session))
    found = with_letters(session, phrases, with_venue(session, older.ids) if wanted.venue else older.ids)
    return Hits(found, len(ids), newest.more, older.more and number < MOST_PAGES)


def _entries(session: Session, page: Page, phrases: Sequence[Phrase]) -> list[Entry]:
    """The papers of the page, each in the language chosen, or in one in which the words stand where they do not in that."""
    papers = papers_store.papers_by_ids(session, page.ids)
    there = languages_found(session, phrases, page.ids)
    of_language: defaultdict[str, list[Paper]] = defaultdict(list)
    for paper_id in page.ids:
        if paper_id in papers:
            of_language[_language_for(there.get(paper_id, ()))].append(papers[paper_id])
    shown = {
        entry.paper.id: entry for code, of_code in of_language.items() for entry in entries_of(session, of_code, language=code)
    }
    return [shown[paper_id] for paper_id in page.ids if paper_id in shown]


def _language_for(found_in: Sequence[str]) -> str:
    """The language that a paper is shown in whose words were found in these."""
    codes = [code for code in found_in if code in BY_CODE]
    # The original stands beside any translation, so what is found there needs no other language.
    if not codes or {paper_language(), SOURCE_LANGUAGE} & set(codes):
        return paper_language()
    return codes[0]


def _found(entry: Entry, phrases: Sequence[Phrase]) -> Found:
    title = marked(plain(entry.title), phrases)
    original = title if entry.title == entry.paper.title else marked(plain(entry.paper.title), phrases)
    dense = language_of(entry.written_in).spaceless
    gist = excerpt(plain(entry.abstract), phrases, length=DENSE_EXCERPT if dense else EXCERPT)
    in_original = not any(piece.found for piece in (*title, *original, *gist))
    if in_original:
        gist = excerpt(plain(entry.paper.abstract), phrases, length=EXCERPT)
    return Found(entry, title, original, gist, in_original)


def _topics(query: str) -> list[Topic]:
    """Topics whose name in any language has one of the words, as a way on for who found nothing."""
    words = [word for word in query.replace('"', " ").split() if len(word) > 1]
    offered = {topic.slug: topic for topic in services().catalogue.topics}
    named = {topic.slug: topic for word in words for topic in topics_named(word, offered)}
    return list(named.values())[:MOST_TOPICS]
