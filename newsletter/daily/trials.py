"""One small question to what the service leans on outside of it, with the answer in its own words: an engine, a source of papers.

Nothing is stored but the count of what an engine was asked, which its budget knows of. Mail servers: see `test_mail`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from newsletter.errors import InputError, NewsletterError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE
from newsletter.operating.doctor.findings import Finding, fail, ok, warn
from newsletter.papers.preprints.biorxiv import PostingSource
from newsletter.translation.engines.registry import build_engines
from newsletter.translation.judging import judged_case
from newsletter.translation.store import usage
from newsletter.values.papers import ARXIV
from newsletter.values.translations import Field

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

SENTENCE = "We show that 3D scenes can be rendered in real time from a few photographs."
# A question, not a way to have texts translated.
LONGEST = 300
# "Attention is all you need": it will not go away.
KNOWN_PAPER, KNOWN_CATEGORY = "1706.03762", "cs.CL"
DAYS_BACK = 3
# Names of sources that are no servers of SOURCES; feeds of venues are counted from 1.
ANNOUNCEMENTS, VENUE = "announcements", "venue-"


def try_engine(services: Services, name: str, sentence: str, language: str, *, now: dt.datetime) -> Finding:
    """What the engine ``name`` makes of an English sentence, and whether the gate would publish that.

    Raises InputError for an engine that is not in use, a language that texts are not translated into, or a text that is none.
    """
    text, tongue = " ".join(sentence.split()), BY_CODE.get(language)
    if not text or len(text) > LONGEST:
        raise InputError(f"the sentence has {len(text)} characters: give 1 to {LONGEST}")
    if tongue is None or tongue.code == SOURCE_LANGUAGE:
        raise InputError(f"texts are not translated into {language[:20]!r}: choose another language")
    engine = next((one for one in build_engines(services.settings.engines) if one.name == name), None)
    if engine is None:
        raise InputError(f"{name[:20]!r} is no engine in use: TRANSLATORS names those that are")
    began = time.monotonic()
    try:
        said = engine.translate(text, tongue)
    except NewsletterError as error:
        return fail(name, f"{name}: {error}", "check its address, its key, its quota and the languages that it knows")
    finally:
        with services.database.transaction() as session:
            usage.add(session, {(name, "calls"): 1, (name, "characters"): len(text)}, day=now.date())
    judged = judged_case(text, said, Field.ABSTRACT, tongue, services.glossary(tongue.code))
    told = f"{name} answered after {time.monotonic() - began:.1f} s: {said}"
    if judged.passed:
        return ok(name, told)
    return warn(name, told, f"this answer would not be published ({', '.join(judged.reasons)}): readers would have the original")


def sources_of(services: Services) -> dict[str, str]:
    """What can be asked for a paper: names as `try_source` takes them, and what they are called."""
    settings = services.settings
    servers = {name: name for name in settings.sources}
    feeds = {ANNOUNCEMENTS: "arXiv RSS"} if ARXIV in settings.sources and settings.arxiv_feed_url else {}
    venues = settings.venue_feeds if settings.sources else ()
    return servers | feeds | {f"{VENUE}{number}": one.name or one.url for number, one in enumerate(venues, 1)}


def try_source(services: Services, name: str, *, now: dt.datetime) -> Finding:
    """What one request to a source brings. Raises InputError for a source that is not in use."""
    called = sources_of(services).get(name)
    if called is None:
        raise InputError(f"{name[:20]!r} is no source in use: SOURCES and VENUE_FEEDS name those that are")
    ask = _question(services, name, now=now)
    began = time.monotonic()
    try:
        said = ask()
    except NewsletterError as error:
        return fail(name, f"{called}: {error}", "check its address and the way out of this machine; it is asked again by itself")
    if not said:
        return warn(name, f"{called} answered, and showed no paper", "look again on a working day, and check its address")
    return ok(name, f"{called} answered after {time.monotonic() - began:.1f} s: {said}")


def _question(services: Services, name: str, *, now: dt.datetime) -> Callable[[], str]:
    """What is asked of a source by one request; the answer in words, "" for no paper."""
    if name == ARXIV:
        return lambda: _paper(services)
    if name == ANNOUNCEMENTS:
        return lambda: _announced(services)
    if name.startswith(VENUE):
        return lambda: _shown(services, int(name.removeprefix(VENUE)) - 1)
    return lambda: _posted(services, name, until=now.date())


def _paper(services: Services) -> str:
    with closing(services.clients.arxiv(attempts=1)) as source:
        found = source.paper(KNOWN_PAPER)
    return f"{found.ref}, {found.title}" if found else ""


def _announced(services: Services) -> str:
    feeds = services.clients.feeds(attempts=1)
    if feeds is None:
        return ""
    with closing(feeds):
        shown = feeds.ask(KNOWN_CATEGORY)
    items = shown.items if shown else ()
    return f"{len(items)} papers of {KNOWN_CATEGORY} are announced" if items else ""


def _shown(services: Services, number: int) -> str:
    with closing(services.clients.venue(services.settings.venue_feeds[number], attempts=1)) as feed:
        papers = feed.fetch()
    return f"{len(papers)} papers, the first is {papers[0].title}" if papers else ""


def _posted(services: Services, server: str, *, until: dt.date) -> str:
    source = services.clients.server(server, attempts=1)
    assert isinstance(source, PostingSource), f"{server} is read by postings"
    with closing(source):
        found = source.first(until - dt.timedelta(days=DAYS_BACK), until)
    return f"{found.ref}, {found.title}" if found else ""
