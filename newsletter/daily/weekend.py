"""The mails of the weekend, for who asked for them: the best of the week on Saturdays, the reader's own list on Sundays.

They are rows of the ledger like digests, in kinds of their own: they move no cursor, so a digest of the same day loses nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.daily.select import build_candidate_set, contents_of
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.due import due_at, is_paused, local_date
from newsletter.digests.selection import LIKED, TO_READ
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.mail.deliveries import DAILY_PRIORITY
from newsletter.mail.store import ledger
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.ranking.store import reading as reading_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.values.batches import batches
from newsletter.values.mail import MailKind
from newsletter.values.readers import Layout, Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

SATURDAY, SUNDAY = 5, 6
WEEK = dt.timedelta(days=7)
# Papers of a week, and how many of them at most stand there because others liked them.
MOST_OF_WEEK, MOST_LIKED = 15, 3
# So many readers have to like a paper before others are told: what fewer like would tell of them.
LEAST_READERS = 5
MOST_TO_READ = 30
BATCH = 200


@dataclass(frozen=True, slots=True)
class _Due:
    reader: Reader
    kind: MailKind
    day: dt.date


def plan_weekend(services: Services, *, now: dt.datetime) -> int:
    """Plans the mails of the weekend that are due; gives how many. Safe to run any number of times: each is one row a week."""
    # It is Saturday or Sunday somewhere from Friday noon to Monday noon, UTC.
    if (now - dt.timedelta(hours=12)).weekday() not in (4, SATURDAY, SUNDAY):
        return 0
    with services.database.reading() as session:
        ids = readers_store.ids_with_extra_mails(session)
        readers = readers_store.readers(session, on=now.date(), ids=ids) if ids else []
        due = [one for reader in readers if (one := _due(reader, now=now)) is not None]
        due = [one for one in due if not _has_it(session, one)]
    planned = 0
    for some in batches(due, BATCH):
        with services.database.transaction() as session:
            planned += _plan(services, session, some, now=now)
    if planned:
        log.info("mails of the weekend planned", planned=planned)
    return planned


def expected_at_weekend(services: Services, session: Session, *, now: dt.datetime) -> Counter[tuple[int, str]]:
    """How many readers are expected for each (paper id, language) in mails of the weekend, today's and tomorrow's.

    Readers of the original are left out. So what these mails hold is translated before they are planned.
    """
    ids = readers_store.ids_with_extra_mails(session)
    readers = readers_store.readers(session, on=now.date(), ids=ids) if ids else []
    days = (now, now + dt.timedelta(days=1))
    near = [
        one
        for reader in readers
        if reader.language != SOURCE_LANGUAGE
        for at in days
        if (one := _mail_of(reader, local_date(reader, at))) is not None
    ]
    expected: Counter[tuple[int, str]] = Counter()
    for one, contents in _chosen(services, session, near, now=now):
        expected.update((paper_id, one.reader.language) for paper_id, _ in contents["papers"])
    return expected


def _due(reader: Reader, *, now: dt.datetime) -> _Due | None:
    day = local_date(reader, now)
    return None if now < due_at(reader, day) else _mail_of(reader, day)


def _mail_of(reader: Reader, day: dt.date) -> _Due | None:
    """The mail that the reader asked for on that day of the week."""
    kinds = {SATURDAY: MailKind.WEEKLY if reader.weekly else None, SUNDAY: MailKind.READING if reader.reading_mail else None}
    kind = kinds.get(day.weekday())
    return None if kind is None or is_paused(reader, day) else _Due(reader, kind, day)


def _has_it(session: Session, one: _Due) -> bool:
    return bool(ledger.deliveries(session, period=one.day.isoformat(), kind=one.kind, subscriber_id=one.reader.id))


def _plan(services: Services, session: Session, due: Sequence[_Due], *, now: dt.datetime) -> int:
    chosen = _chosen(services, session, due, now=now)
    return sum(_write(services, session, one, contents, now=now) is not None for one, contents in chosen if contents["papers"])


def _chosen(
    services: Services, session: Session, due: Sequence[_Due], *, now: dt.datetime
) -> Iterator[tuple[_Due, dict[str, Any]]]:
    """What each of these mails holds."""
    weekly = [_of_week(session, one.reader, now=now) for one in due if one.kind is MailKind.WEEKLY]
    candidate_set = build_candidate_set(services, session, weekly, now=now) if weekly else None
    liked = opinions_store.liked_since(session, now - WEEK, least=LEAST_READERS) if weekly else {}
    by_id = {reader.id: reader for reader in weekly}
    for one in due:
        if candidate_set is not None and one.kind is MailKind.WEEKLY:
            yield one, _best_of_week(by_id[one.reader.id], candidate_set, liked)
        else:
            yield one, _list_of(session, one.reader)


def _of_week(session: Session, reader: Reader, *, now: dt.datetime) -> Reader:
    """The reader as one to whom all of the week is new."""
    after = papers_store.number_before(session, now.date() - WEEK)
    return replace(reader, cursor=after, max_papers=min(reader.max_papers, MOST_OF_WEEK))


def _best_of_week(reader: Reader, candidate_set: CandidateSet, liked: Mapping[int, int]) -> dict[str, Any]:
    """The best papers of the week by topic and, before them, those that several readers liked."""
    contents: dict[str, Any] = contents_of(reader, candidate_set)
    theirs = liked.keys() & _of_their_topics(reader, candidate_set)
    first = sorted(theirs, key=lambda one: (-liked[one], one))[:MOST_LIKED]
    papers = [[paper_id, LIKED] for paper_id in first] + [pair for pair in contents["papers"] if pair[0] not in first]
    added = len(papers) - len(contents["papers"])
    return contents | {"papers": papers, "more": max(0, contents["more"] - added)}


def _of_their_topics(reader: Reader, candidate_set: CandidateSet) -> set[int]:
    """The papers that are new to the reader under anything they chose, but what they keep out."""
    chosen = (candidate_set.by_topic.get(topic, ()) for topic in (*reader.topics, *reader.queries))
    new = (candidate for group in chosen for candidate in group if candidate.number > (reader.cursor or 0))
    return {candidate.id for candidate in new if not candidate.scores.keys() & set(reader.excluded)}


def _list_of(session: Session, reader: Reader) -> dict[str, Any]:
    listed = reading_store.for_later(session, reader.id)
    papers = [[paper_id, TO_READ] for paper_id in listed[:MOST_TO_READ]]
    layout = {} if reader.layout is Layout.STANDARD else {"layout": reader.layout.value}
    return {"papers": papers, "more": len(listed) - len(papers), "topics": list(reader.topics)} | layout


def _write(services: Services, session: Session, one: _Due, contents: Mapping[str, Any], *, now: dt.datetime) -> int | None:
    return ledger.plan_mail(
        session,
        subscriber_id=one.reader.id,
        kind=one.kind,
        period=one.day.isoformat(),
        priority=DAILY_PRIORITY,
        due_at=now,
        domain=services.mail_domain,
        contents=contents,
        now=now,
    )
