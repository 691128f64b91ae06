"""How often the forms that mail, or that cost work, may be used: from a network, for a domain, by one reader, by everybody.

Counted in the database, because Redis may be emptied; by the hour, under keyed hashes. Whoever is refused is told the same,
whatever the address: nothing is asked about it before. How many mails one mailbox gets is told in `notices`.
"""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.errors import InputError
from newsletter.subscribers.store import confirmations

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

HOUR = dt.timedelta(hours=1)
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
class _Limit:
    kind: str
    value: str
    most: int
    weight: int


def take(
    services: Services, *, network: str, now: dt.datetime, email: str = "", reader: int | None = None, weight: int = 1
) -> None:
    """Counts one use of a form from ``network`` (``weight`` of them), to ``email``, or by ``reader`` (a link key).

    A use that is refused is not counted. Raises TooManyUses.
    """
    settings = services.settings
    limits = [_Limit("everybody", "", settings.forms_per_hour, 1), _Limit("network", network, MOST_OF_NETWORK, weight)]
    if email:
        limits.append(_Limit("domain", email.rpartition("@")[2].lower(), MOST_OF_DOMAIN, 1))
    if reader is not None:
        limits.append(_Limit("reader", str(reader), MOST_SAVES, 1))
    begun = now.replace(minute=0, second=0, microsecond=0)
    until = begun + HOUR
    secret = settings.suppression_key.get_secret_value().encode()
    with services.database.transaction() as session:
        confirmations.forget_uses(session, now=now)
        # In the same order everywhere, so that two requests wait for each other instead of locking each other out.
        for limit in sorted(limits, key=lambda one: one.kind):
            key = hmac.digest(secret, f"form\0{limit.kind}\0{limit.value}\0{begun.isoformat()}".encode(), "sha256").hex()
            if confirmations.use(session, key, weight=limit.weight, until=until) > limit.most:
                raise TooManyUses(max(1, round((until - now).total_seconds())))
