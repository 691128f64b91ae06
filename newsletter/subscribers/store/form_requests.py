"""The SQL of what was asked by a form and is not done yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select
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


def keep(session: Session, request: FormRequest) -> None:
    """Keeps what was asked until it is taken."""
    values = {"form": request.form, "email": request.email, "contents": dict(request.contents), "asked_at": request.asked_at}
    session.execute(insert(FormRequestRow).values(values))


def waiting(session: Session) -> Sequence[int]:
    """The ids of what is not done yet, in the order in which it was asked."""
    return session.scalars(select(FormRequestRow.id).order_by(FormRequestRow.id)).all()


def take(session: Session, request_id: int) -> FormRequest | None:
    """Takes one out, for good once the transaction is; None where another process did."""
    columns = (FormRequestRow.form, FormRequestRow.email, FormRequestRow.contents, FormRequestRow.asked_at)
    gone = delete(FormRequestRow).where(FormRequestRow.id == request_id).returning(*columns)
    row = session.execute(gone).one_or_none()
    return None if row is None else FormRequest(Form(row.form), row.email, row.contents, row.asked_at)
