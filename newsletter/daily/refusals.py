"""When sending is held because mail servers refuse us: to one domain that does, or to all where it is about all.

All are held after a refused login at once, and after five refusals in a row where no recipient is named yet (MAIL, DATA, the
greeting) or that three domains or more say. A domain that says so five times in a row is held alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import RefusingDomain
from newsletter.mail.smtp.mends import LOGIN_CODES
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.same_replies import Judged
from newsletter.mail.store import refusing_domains
from newsletter.operating import state
from newsletter.text.characters import one_line

log = structlog.get_logger(__name__)

# After so many refusals in a row that are about us sending stops: the next thousand would be refused too. It begins again after
# the pause; each time that a domain goes on refusing, its pause doubles.
SENDER_REFUSALS = 5
BREAKER_PAUSE = dt.timedelta(minutes=15)
LONGEST_PAUSE = dt.timedelta(hours=4)
# So many domains that refuse us, and none that accepts: it is not about one of them.
SEVERAL_DOMAINS = 3


@dataclass(slots=True)
class Refusals:
    """What one worker has seen of refusals about us; what others saw is read with each claim.

    ``stopped`` says why all sending is held, once it is.
    """

    stopped: str = ""
    _in_a_row: int = 0
    _in_a_row_kept: int = 0
    _domains: dict[str, RefusingDomain] = field(default_factory=dict)
    _changed: dict[str, RefusingDomain | None] = field(default_factory=dict)
    _said_by: list[str] = field(default_factory=list)

    def read(self, session: Session, *, now: dt.datetime) -> list[str]:
        """Reads how things stand; gives the domains that are held now."""
        self._in_a_row = self._in_a_row_kept = state.SENDER_REFUSALS.read(session) or 0
        self._domains = refusing_domains.refusing(session)
        return [domain for domain, one in self._domains.items() if one.is_held(now)]

    def note(self, judged: Sequence[Judged], *, now: dt.datetime) -> set[str]:
        """Counts the refusals about us in one group of answers; gives the domains that are held from now on."""
        accepted = {one.domain for one in judged if one.reply.accepted}
        if accepted:
            self._said_by.clear()
        for domain in accepted & self._domains.keys():
            if self._domains[domain].by_operator:
                continue  # what was in hand when an operator stopped it says nothing
            del self._domains[domain]
            self._changed[domain] = None
        held: set[str] = set()
        for one in judged:
            if one.about_us and one.reply.stage in (Stage.RCPT, Stage.DOT):
                self._in_a_row = 0
                self._note_domain(one, held, accepted, now=now)
            elif one.about_us:
                self._in_a_row += 1
                if self._in_a_row >= SENDER_REFUSALS or one.reply.code in LOGIN_CODES:
                    self._stop(one)
            elif one.reply.heard:
                self._in_a_row = 0
        return held

    def _note_domain(self, one: Judged, held: set[str], accepted: set[str], *, now: dt.datetime) -> None:
        known = self._domains.get(one.domain) or RefusingDomain(one.domain)
        known = replace(known, refusals=known.refusals + 1, reply=one_line(f"{one.reply.code} {one.reply.text}", 300))
        if known.refusals >= SENDER_REFUSALS and not known.is_held(now):
            pause = min(BREAKER_PAUSE * 2**known.holds, LONGEST_PAUSE)
            known = replace(known, refusals=0, holds=known.holds + 1, held_until=now + pause)
            held.add(one.domain)
            log.error("sending held", domain=one.domain, minutes=pause.seconds // 60, code=one.reply.code, stage=one.reply.stage)
        self._domains[one.domain] = self._changed[one.domain] = known
        self._said_by.append(one.domain)
        if not accepted and len(self._said_by) >= SENDER_REFUSALS and len(set(self._said_by)) >= SEVERAL_DOMAINS:
            self._stop(one)

    def _stop(self, one: Judged) -> None:
        if not self.stopped:
            self.stopped = one_line(f"the mail server refuses us: {one.reply.code} {one.reply.text}", 300)
            log.error("sending held", code=one.reply.code, stage=one.reply.stage)

    @property
    def all_kept(self) -> bool:
        """True where `keep` has nothing to write."""
        return self._in_a_row == self._in_a_row_kept and not self._changed

    def keep(self, session: Session, *, now: dt.datetime) -> None:
        """Writes what was noted since, for all workers."""
        if self._in_a_row != self._in_a_row_kept:
            state.SENDER_REFUSALS.write(session, self._in_a_row, now=now)
        refusing_domains.keep(session, [one for one in self._changed.values() if one is not None], now=now)
        if gone := [domain for domain, one in self._changed.items() if one is None]:
            refusing_domains.forget(session, gone)

    def kept(self) -> None:
        """What `keep` wrote is committed."""
        self._in_a_row_kept = self._in_a_row
        self._changed.clear()

    def hold_all(self, session: Session, *, now: dt.datetime) -> None:
        """Holds all sending, where it was found that all must be held."""
        if self.stopped:
            state.SENDING_HELD.write(session, state.SendingHold(now + BREAKER_PAUSE, self.stopped), now=now)
            state.SENDER_REFUSALS.write(session, 0, now=now)


def hold(session: Session, *, now: dt.datetime) -> state.SendingHold | None:
    """Why no worker sends now, and until when, after mail servers refused us several times in a row; None where they do."""
    found = state.SENDING_HELD.read(session)
    return found if found is not None and now < found.until else None


def held(session: Session, *, now: dt.datetime) -> str:
    """The reason of `hold`; empty where sending is free."""
    found = hold(session, now=now)
    return found.reason if found else ""
