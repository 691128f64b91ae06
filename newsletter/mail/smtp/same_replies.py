"""Who else got the same reply: one that all mailboxes of a domain get, or that many domains give, is about us. Pure.

One object per run of a worker; what others heard lately comes in by `heard_elsewhere`. What was taken for an address's or a
mail's own fault before the others got the same reply is named, so that it can be taken back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter.mail.blame import same_words
from newsletter.mail.deliveries import Delivery
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.values.mail import Blame

# What was refused longer ago says nothing of now.
LATELY = dt.timedelta(hours=1)
# So many mailboxes of one domain, or domains, with nothing accepted between them.
MANY = 5
_THEIRS = (Blame.ADDRESS, Blame.MESSAGE, Blame.UNCLEAR)


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply to a delivery, and whom it is about (None: it refuses nothing)."""

    delivery: Delivery
    reply: Reply
    blame: Blame | None

    @property
    def domain(self) -> str:
        """The domain of the recipient, in small letters."""
        return domain_of(self.delivery.email)

    @property
    def about_us(self) -> bool:
        """True for a refusal for good that is about us; of one after the message that says nothing, that is assumed."""
        return self.reply.code >= 500 and (
            self.blame is Blame.US or (self.blame is Blame.UNCLEAR and self.reply.stage is Stage.DOT)
        )


def domain_of(email: str) -> str:
    """The domain of an address, in small letters."""
    return email.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as the database keeps it: ``said`` is its code and text."""

    delivery_id: int
    email: str
    said: str


@dataclass(slots=True)
class SameReplies:
    """The refusals of this run that say of themselves to be about an address or a mail, by what they say.

    Those of a domain count until it accepts something, those of many domains until any does.
    """

    _of_domain: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _of_all: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    _taken_back: list[int] = field(default_factory=list)
    _accepted: set[str] = field(default_factory=set)

    def judge(self, answered: Sequence[tuple[Delivery, Reply]]) -> list[Judged]:
        """Whom each of the replies of one group is about, in their order."""
        judged = [Judged(delivery, reply, reply.blame) for delivery, reply in answered]
        accepted = {one.domain for one in judged if one.reply.accepted}
        self._forget(accepted)
        if all(one.reply.accepted for one in judged):
            return judged
        for one in judged:
            if self._counts(one) and one.domain not in accepted:
                self._of_domain[_key_of(one), one.domain][one.delivery.email] = one.delivery.id
                if not accepted:
                    self._of_all[_key_of(one)][one.domain].append(one.delivery.id)
        return self._with_the_others(judged)

    def to_compare(self, answered: Sequence[tuple[Delivery, Reply]]) -> set[str]:
        """The domains that refuse something in this group and have accepted nothing in this run: what did others hear of them?"""
        judged = (Judged(delivery, reply, reply.blame) for delivery, reply in answered if reply.code >= 500)
        return {one.domain for one in judged if self._counts(one)} - self._accepted

    def heard_elsewhere(self, refusals: Sequence[Refusal]) -> None:
        """Takes in what other workers, or runs before, heard from domains that have accepted nothing since."""
        for one in refusals:
            code, _, text = one.said.partition(" ")
            self._of_domain[_key(int(code), text, one.email), domain_of(one.email)][one.email] = one.delivery_id

    def _forget(self, accepted: set[str]) -> None:
        """Begins the count anew of domains that accepted something, and with any of them that of all."""
        self._accepted |= accepted
        if accepted:
            self._of_all.clear()
        for key in [key for key in self._of_domain if key[1] in accepted]:
            del self._of_domain[key]

    def taken_back(self) -> list[int]:
        """The deliveries of earlier groups whose refusal turned out to be about us; each is given once."""
        found, self._taken_back = self._taken_back, []
        return found

    def _with_the_others(self, judged: Sequence[Judged]) -> list[Judged]:
        here = {one.delivery.id for one in judged}
        found = []
        for one in judged:
            same = self._same(one) if self._counts(one) else []
            self._taken_back.extend(set(same) - here - set(self._taken_back))
            found.append(Judged(one.delivery, one.reply, Blame.US) if same else one)
        return found

    def _same(self, one: Judged) -> list[int]:
        """The deliveries that got the reply of ``one`` too, where these are many."""
        domains = self._of_all.get(_key_of(one), {})
        if len(domains) >= MANY:
            return [delivery for some in domains.values() for delivery in some]
        mailboxes = self._of_domain.get((_key_of(one), one.domain), {})
        return list(mailboxes.values()) if len(mailboxes) >= MANY else []

    @staticmethod
    def _counts(one: Judged) -> bool:
        return one.reply.code >= 500 and one.blame in _THEIRS


def _key_of(one: Judged) -> str:
    return _key(one.reply.code, one.reply.text, one.delivery.email)


def _key(code: int, text: str, email: str) -> str:
    return f"{code} {same_words(text, email)}"
