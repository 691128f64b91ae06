"""How often the forms that mail, or that cost work, may be used: from a network, for a domain, by one reader, by everybody.

Counted in the database, because Redis may be emptied; by the hour, under keyed hashes. Whoever is refused is told the same,
whatever the address: nothing is asked about it before. How many mails one mailbox gets is told in `notices`.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.settings import Settings
from newsletter.subscribers.store import confirmations

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

HOUR = dt.timedelta(hours=1)
EVERYBODY = "everybody"
# A university behind one address signs up a lecture hall; a domain is one of a few that everybody has, or one with a catch-all.
MOST_OF_NETWORK = 300
MOST_OF_DOMAIN = 600
# A save with new queries costs a search of two weeks of papers.
MOST_SAVES = 40


class TooManyUses(InputError):
    """The limit of an hour is reached; ``seconds`` until it ends."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many forms were sent just now: please try again later.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Use:
    """One way in which a use of a form counts: ``weight`` of the ``most`` that ``value``, say a network, has in an hour."""

    kind: str
    value: str
    most: int
    weight: int = 1


def uses(settings: Settings, *, network: str, email: str = "", reader: int | None = None, weight: int = 1) -> list[Use]:
    """What one use of a form from ``network`` (``weight`` of them), to ``email``, or by ``reader`` (a link key) counts as."""
    counted = [Use(EVERYBODY, "", settings.forms_per_hour), Use("network", network, MOST_OF_NETWORK, weight)]
    if email:
        counted.append(Use("domain", email.rpartition("@")[2].lower(), MOST_OF_DOMAIN))
    if reader is not None:
        counted.append(Use("reader", str(reader), MOST_SAVES))
    return counted


def take(
    services: Services, *, network: str, now: dt.datetime, email: str = "", reader: int | None = None, weight: int = 1
) -> None:
    """Counts one use of a form in a transaction of its own. Raises TooManyUses."""
    counted = uses(services.settings, network=network, email=email, reader=reader, weight=weight)
    with services.database.transaction() as session:
        count(session, counted, services.settings, now=now)


def count(session: Session, counted: Sequence[Use], settings: Settings, *, now: dt.datetime) -> None:
    """Counts a use of a form; one that is refused is not counted, since the transaction fails. Raises TooManyUses."""
    begun = now.replace(minute=0, second=0, microsecond=0)
    until = begun + HOUR
    secret = settings.suppression_key.get_secret_value().encode()
    # In the same order everywhere, so that two requests wait for each other instead of locking each other out.
    by_key = {
        hmac.digest(secret, f"form\0{use.kind}\0{use.value}\0{begun.isoformat()}".encode(), "sha256").hex(): use
        for use in sorted(counted, key=lambda one: one.kind)
    }
    found = confirmations.use(session, {key: use.weight for key, use in by_key.items()}, until=until)
    if any(found[key] > use.most for key, use in by_key.items()):
        raise TooManyUses(max(1, round((until - now).total_seconds())))
    if any(use.kind == EVERYBODY and found[key] == use.weight for key, use in by_key.items()):
        # The first use of an hour.
        confirmations.forget_uses(session, now=now)
