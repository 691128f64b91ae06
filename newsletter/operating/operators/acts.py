"""The note of an act of an operator. It is done, and logged, also where the note cannot be written."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy.exc import SQLAlchemyError

from newsletter.db import Database
from newsletter.errors import NewsletterError
from newsletter.operating.operators import store

log = structlog.get_logger(__name__)


def note(database: Database, who: str, what: str, *, now: dt.datetime, address_key: str = "", words: str = "") -> None:
    """Notes that ``who`` did ``what``. ``words`` name nobody: whom it was about is told by the keyed hash of their address."""
    log.info("operator acted", operator=who, act=what)
    try:
        with database.transaction() as session:
            store.add_act(session, who, what, now=now, address_key=address_key, words=words)
    except (NewsletterError, SQLAlchemyError) as error:
        log.error("act not noted", operator=who, act=what, problem=str(error))
