"""The SQL of the operators' pages: whom acts were about."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.tables.subscribers import SubscriberRow


def addresses_of(session: Session, keys: Collection[str]) -> dict[str, str]:
    """The addresses of those whose keyed hashes these are, by the hash; who is gone has none."""
    statement = select(SubscriberRow.address_key, SubscriberRow.email).where(SubscriberRow.address_key.in_(keys))
    return dict(session.execute(statement).all())
