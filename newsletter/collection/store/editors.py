"""The SQL of editors: kept, found, taken away. Who is mailed what stands in ``inviting``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from newsletter.tables.collection import EditorRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.text.characters import looks


@dataclass(frozen=True, slots=True)
class Editor:
    """``name`` is what stands at entries and changes; a session that knows another ``version`` is over."""

    id: int
    name: str
    email: str = field(repr=False)
    version: int
    invited_at: dt.datetime
    revoked_at: dt.datetime | None


def editors(session: Session) -> list[Editor]:
    """All editors by name, those whose access was taken away too."""
    return [_as_editor(*row) for row in session.execute(_statement().order_by(EditorRow.name))]


def editor(session: Session, editor_id: int) -> Editor | None:
    """The editor with this id, also one whose access was taken away; None where there is none."""
    row = session.execute(_statement().where(EditorRow.subscriber_id == editor_id)).one_or_none()
    return None if row is None else _as_editor(*row)


def editor_named(session: Session, name: str) -> Editor | None:
    """The editor of this name, however its letters are written; None where there is none."""
    return next((one for one in editors(session) if one.name.casefold() == name.casefold()), None)


def editors_like(session: Session, name: str) -> list[Editor]:
    """The editors whose names a reader would take for ``name``."""
    return [one for one in editors(session) if looks(one.name) == looks(name)]


def keep(session: Session, editor_id: int, name: str, *, by: str, now: dt.datetime) -> None:
    """Lets this person edit under ``name``; whose access was taken away has it again, and no old session with it."""
    row = session.get(EditorRow, editor_id)
    if row is None:
        row = EditorRow(subscriber_id=editor_id, name=name, version=1, invited_at=now, invited_by=by, revoked_at=None)
        session.add(row)
    row.name, row.invited_by, row.revoked_at = name, by, None
    session.flush()


def revoke(session: Session, editor_id: int, *, now: dt.datetime) -> bool:
    """Takes access away and ends all sessions; False where there was none."""
    row = session.get(EditorRow, editor_id)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    row.version += 1
    session.flush()
    return True


def _statement() -> Select[EditorRow, str]:
    return select(EditorRow, SubscriberRow.email).join(SubscriberRow, SubscriberRow.id == EditorRow.subscriber_id)


def _as_editor(row: EditorRow, email: str) -> Editor:
    return Editor(row.subscriber_id, row.name, email, row.version, row.invited_at, row.revoked_at)
