"""The days that stored papers stand under, announced or posted, and their places in the order of storing. It reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from newsletter.tables.papers import MatchRow, PaperRow
from newsletter.values.papers import UNANNOUNCED
from newsletter.values.standing import LISTED

# What a published list brought tells nothing of announcements.
_OURS = PaperRow.number > LISTED
_ANNOUNCED = and_(PaperRow.source.not_in(UNANNOUNCED), _OURS)


def newest_day(session: Session) -> dt.date | None:
    """The newest announcement day that has papers; None in an empty store.

    Where nothing was announced and papers were posted, it is the newest day with any.
    """
    newest = select(func.max(PaperRow.announced_on)).where(_OURS)
    return session.execute(newest.where(_ANNOUNCED)).scalar_one() or session.execute(newest).scalar_one()


def announcement_days(session: Session, *, limit: int) -> list[tuple[dt.date, int]]:
    """The newest ``limit`` days with an announcement, newest first, with the count of its papers; what was posted is left out."""
    statement = select(PaperRow.announced_on, func.count()).where(_ANNOUNCED).group_by(PaperRow.announced_on)
    return [(day, count) for day, count in session.execute(statement.order_by(PaperRow.announced_on.desc()).limit(limit))]


def days_with_papers(session: Session, *, limit: int | None = None) -> list[tuple[dt.date, int]]:
    """The newest ``limit`` days (else all) that papers stand under, newest first, with the count of papers."""
    statement = select(PaperRow.announced_on, func.count()).group_by(PaperRow.announced_on)
    return [(day, count) for day, count in session.execute(statement.order_by(PaperRow.announced_on.desc()).limit(limit))]


def refs_by_day(session: Session, *, days: int) -> dict[dt.date, list[tuple[str, dt.datetime]]]:
    """The refs of the papers of the newest ``days`` days with when each was updated, by day, the newest first."""
    newest = [day for day, _ in days_with_papers(session, limit=days)]
    found: dict[dt.date, list[tuple[str, dt.datetime]]] = {day: [] for day in newest}
    statement = select(PaperRow.announced_on, PaperRow.ref, PaperRow.updated_at).where(PaperRow.announced_on.in_(newest))
    for day, ref, updated in session.execute(statement.order_by(PaperRow.number)):
        found[day].append((ref, updated))
    return found


def newest_posting(session: Session, server: str) -> dt.date | None:
    """The newest day on which a stored paper was first posted on ``server``; None where none is stored."""
    return session.execute(select(func.max(PaperRow.announced_on)).where(PaperRow.source == server)).scalar_one()


def typical_day(session: Session, *, days: int) -> dict[str, int]:
    """How many papers an announcement brings by topic, as the mean of the newest ``days``; topics below one half are left out."""
    newest = [day for day, _ in announcement_days(session, limit=days)]
    if not newest:
        return {}
    statement = select(MatchRow.topic, func.count()).join(PaperRow, PaperRow.id == MatchRow.paper_id)
    statement = statement.where(PaperRow.announced_on.in_(newest), _ANNOUNCED)
    counted = session.execute(statement.group_by(MatchRow.topic))
    return {topic: round(count / len(newest)) for topic, count in counted if 2 * count >= len(newest)}


def highest_number(session: Session, *, upto: int | None = None) -> int:
    """The number of the paper or new version stored last, or last of those up to ``upto``; 0 where there is none."""
    highest = 0
    for column in (PaperRow.number, PaperRow.replaced_number):
        stored = select(func.max(column))
        highest = max(highest, session.scalar(stored if upto is None else stored.where(column <= upto)) or 0)
    return highest


def number_before(session: Session, day: dt.date) -> int:
    """The number under all papers announced on ``day`` or later; the highest one where no paper is that young."""
    lowest = session.execute(select(func.min(PaperRow.number)).where(PaperRow.announced_on >= day, _OURS)).scalar_one()
    return highest_number(session) if lowest is None else lowest - 1


def ids_of_day(session: Session, day: dt.date, *, conditions: Sequence[ColumnElement[bool]] = ()) -> list[int]:
    """The ids of the papers that stand under ``day`` and fulfil ``conditions``, in the order of storing."""
    return list(session.scalars(select(PaperRow.id).where(PaperRow.announced_on == day, *conditions).order_by(PaperRow.number)))


def papers_of_day(session: Session, day: dt.date) -> dict[int, str]:
    """The first category of each paper that stands under ``day`` by its id, in the order of storing; "" for one without any."""
    statement = select(PaperRow.id, PaperRow.categories[0].as_string()).where(PaperRow.announced_on == day)
    return {paper_id: category or "" for paper_id, category in session.execute(statement.order_by(PaperRow.number))}


def ids_of_topic(session: Session, topic: str, *, most: int, among: Sequence[dt.date] = ()) -> list[int]:
    """The ids of the newest papers of a topic: the newest day first, of each day the best match first.

    They are looked for since the days ``among`` first, the newest before older ones: a wide topic has enough there.
    """
    statement = select(PaperRow.id).join(MatchRow, MatchRow.paper_id == PaperRow.id)
    ordered = statement.order_by(PaperRow.announced_on.desc(), MatchRow.score.desc(), PaperRow.number).limit(most)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    # SQLite would read all papers of the topic by its index; for an expression there is none, and it reads those of the days.
    of_topic = (MatchRow.topic + "" if is_sqlite else MatchRow.topic) == topic
    narrowed = [ordered.where(PaperRow.announced_on >= since, of_topic) for since in among]
    ids: list[int] = []
    for some in (*narrowed, ordered.where(MatchRow.topic == topic)):
        ids = list(session.scalars(some))
        if len(ids) == most:
            break
    return ids


def topics_since(session: Session, day: dt.date) -> dict[str, int]:
    """How many papers that stand under ``day`` or a later one each topic has; topics without any are left out."""
    statement = select(MatchRow.topic, func.count()).join(PaperRow, PaperRow.id == MatchRow.paper_id)
    counted = session.execute(statement.where(PaperRow.announced_on >= day).group_by(MatchRow.topic))
    return {topic: count for topic, count in counted}  # noqa: C416 - dict() does not see that a row is a pair


def scores_of_day(session: Session, day: dt.date, ids: Collection[int]) -> dict[int, dict[str, float]]:
    """The scores by topic of the papers ``ids``, all that stand under ``day``, by paper id; papers of no topic are left out."""
    statement = select(MatchRow.paper_id, MatchRow.topic, MatchRow.score).join(PaperRow, PaperRow.id == MatchRow.paper_id)
    # A day's papers were mostly stored together: without these bounds PostgreSQL reads the matches of all days.
    near = MatchRow.paper_id.between(min(ids, default=0), max(ids, default=0))
    found: dict[int, dict[str, float]] = {}
    for paper_id, topic, score in session.execute(statement.where(PaperRow.announced_on == day, near)):
        found.setdefault(paper_id, {})[topic] = score
    return found


def papers_a_week(session: Session, *, weeks: int, until: dt.date) -> dict[str, dict[dt.date, int]]:
    """How many papers each topic had in the last ``weeks`` weeks, by the Monday of the week; weeks without any are left out."""
    monday = until - dt.timedelta(days=until.weekday())
    statement = select(MatchRow.topic, PaperRow.announced_on, func.count()).join(PaperRow, PaperRow.id == MatchRow.paper_id)
    since = PaperRow.announced_on >= monday - dt.timedelta(weeks=weeks - 1)
    found: dict[str, dict[dt.date, int]] = {}
    for topic, day, count in session.execute(statement.where(since).group_by(MatchRow.topic, PaperRow.announced_on)):
        week = day - dt.timedelta(days=day.weekday())
        of_topic = found.setdefault(topic, {})
        of_topic[week] = of_topic.get(week, 0) + count
    return found
