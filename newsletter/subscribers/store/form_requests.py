"""The SQL of what was asked by a form and is not done yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from newsletter.tables.subscribers import FormRequestRow


class Form(StrEnum):
    """A form that mails whom an address belongs to. The values stand in the database."""

    SIGN_UP = "sign_up"
    READERS_LINK = "link"
    EDITORS_LINK = "editor"


@dataclass(frozen=True, slots=True)
class FormRequest:
    """What somebody typed into a form: an address that can be mailed, and what else the form asks for."""

    form: Form
    email: str
    contents: Mapping[str, Any]
    asked_at: dt.datetime


REQUESTS = cast("Table", FormRequestRow.__table__)
_TAKEN = (
    delete(REQUESTS)
    .where(REQUESTS.c.id == bindparam("taken"))
    .returning(REQUESTS.c.form, REQUESTS.c.email, REQUESTS.c.contents, REQUESTS.c.asked_at)
)


def keep(session: Session, request: FormRequest) -> None:
    """Keeps what was asked until it is taken."""
    values = {"form": request.form, "email": request.email, "contents": dict(request.contents), "asked_at": request.asked_at}
    session.execute(insert(REQUESTS), values)


def waiting(session: Session) -> Sequence[int]:
    """The ids of what is not done yet, in the order in which it was asked."""
    return session.scalars(select(FormRequestRow.id).order_by(FormRequestRow.id)).all()


def take(session: Session, request_id: int) -> FormRequest | None:
    """Takes one out, for good once the transaction is; None where another process did."""
    row = session.execute(_TAKEN, {"taken": request_id}).one_or_none()
    return None if row is None else FormRequest(Form(row.form), row.email, row.contents, row.asked_at)
