"""Today's mail for a visitor who is no reader yet, and drafts of mails that are in no ledger. Nothing is written or sent.

Visitors ask for the same few choices again and again while they tick boxes: the candidates of a day are read once, and digests
are kept for some minutes.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache
from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as collection_store
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.select import contents_of
from newsletter.digests.candidates import CandidateSet, index_candidates
from newsletter.digests.sections import section_name
from newsletter.digests.selection import COLLECTION
from newsletter.digests.store import candidates
from newsletter.mail.deliveries import Delivery
from newsletter.papers.store import papers as papers_store
from newsletter.topics.categories import category_topics
from newsletter.values.digests import Digest
from newsletter.values.mail import DeliveryState, MailKind, ReaderLinks
from newsletter.values.readers import Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.mail.rendering.encoding import Rendered

# Translations come in all morning; a preview may miss those of the last minutes.
KEPT_SECONDS = 5 * 60
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class VisitorChoices:
    """What a visitor ticked so far: slugs in the order of the catalogue (the collection first), and the code of a language."""

    topics: tuple[str, ...]
    language: str

    @property
    def are_categories(self) -> bool:
        """Whether all of it are categories, whose papers may not be here before somebody reads them."""
        return category_topics().keys() >= set(self.topics)


class Previews:
    """Digests of the newest papers by a visitor's choices; one object per process, safe for many threads."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._candidate_set: CandidateSet | None = None
        self._digests: TTLCache[tuple[VisitorChoices, int, dt.date], Digest] = TTLCache(MOST_KEPT, KEPT_SECONDS, timer)

    def digest(self, services: Services, choices: VisitorChoices, *, now: dt.datetime) -> Digest:
        """The digest that a new reader would get now; without groups where nothing fits, or nothing is stored yet."""
        with services.database.reading() as session:
            covers_to = max(papers_store.highest_number(session), collection_store.highest_number(session))
            key = (choices, covers_to, now.date())
            with self._lock:
                found = self._digests.get(key)
            if found is not None:
                return found
            candidate_set = self._candidate_set_of(services, session, covers_to)
        found = MessageBuilder(services).digest(_delivery(choices, candidate_set, now=now))
        with self._lock:
            self._digests[key] = found
        return found

    def _candidate_set_of(self, services: Services, session: Session, covers_to: int) -> CandidateSet:
        with self._lock:
            candidate_set = self._candidate_set
        if candidate_set is None or candidate_set.covers_to != covers_to:
            candidate_set = _newest(session, list(services.topics), covers_to=covers_to)
            with self._lock:
                self._candidate_set = candidate_set
        # A candidate set remembers each selection made from it, and visitors can make very many: each starts from an empty
        # memory.
        return replace(candidate_set, selections={})


def _newest(session: Session, slugs: Sequence[str], *, covers_to: int) -> CandidateSet:
    """The papers of the newest announcement, those posted since, and what the collection took in since."""
    newest = papers_store.newest_day(session)
    after = 0 if newest is None else papers_store.number_before(session, newest)
    return index_candidates(
        candidates(session, after=after, upto=covers_to),
        order={slug: place for place, slug in enumerate(slugs)},
        newest_day=newest,
        covers_to=covers_to,
        picks=collection_store.entries_between(session, after=after, upto=covers_to),
        newest_after=after,
    )


def _delivery(choices: VisitorChoices, candidate_set: CandidateSet, *, now: dt.datetime) -> Delivery:
    reader = Reader(0, choices.language, "UTC", 0, choices.topics)
    return draft(contents_of(reader, candidate_set), language=choices.language, date=now.date(), now=now)


def whole_mail(services: Services, choices: VisitorChoices, digest: Digest) -> Rendered:
    """``digest`` as it would be mailed to a reader with these choices."""
    known, code = services.topics, choices.language
    names = tuple(known[slug].name(code) if slug in known else section_name(COLLECTION, code) for slug in choices.topics)
    base = services.settings.base_url
    # There is no subscription yet for these links to change: they lead to the form of sign-up.
    begin = f"{base}/?from=preview"
    links = ReaderLinks(preferences=begin, unsubscribe=begin, one_click=begin)
    return services.renderer.digest(digest, links, topics=names)


def draft(
    contents: Mapping[str, Any], *, language: str, date: dt.date, now: dt.datetime, email: str = "", subscriber_id: int = 0
) -> Delivery:
    """A digest of ``contents`` as a row of the ledger would hold it, which is in no ledger (id 0)."""
    return Delivery(
        id=0,
        subscriber_id=subscriber_id,
        email=email,
        language=language,
        token_version=0,
        kind=MailKind.DIGEST,
        period=date.isoformat(),
        state=DeliveryState.QUEUED,
        reason="",
        attempts=0,
        stage="",
        message_id="",
        reply="",
        contents=contents,
        covers_to=None,
        planned_at=now,
        due_at=now,
    )
