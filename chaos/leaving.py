"""People who unsubscribe while the digests leave: whose leaving was committed before a claim gets nothing after it."""

from __future__ import annotations

import random

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import Place, a_place, now, wait_until
from newsletter.mail.store import ledger
from newsletter.subscribers import unsubscribe
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.values.mail import DeliveryState, MailKind

STUCK_SECONDS = 120


def run(*, subscribers: int, leavers: int, seed: int = 1) -> Verdict:
    """``leavers`` of the ``subscribers`` leave, one after the other, from before the planning until after the sending."""
    verdict = Verdict()
    with a_place() as place:
        people = [f"r{number}@example.org" for number in range(subscribers)]
        place.add_subscribers(people)
        order = random.Random(seed).sample(people, leavers)
        early, late = _leave(place, order[: leavers // 10], taken=0)
        with Herd(place, {"worker 1": WORKER, "worker 2": WORKER, "scheduler": SCHEDULER}):
            wait_until(place.states, seconds=STUCK_SECONDS)
            found = _leave(place, order[leavers // 10 :], taken=subscribers - leavers)
            early, late = early | found[0], late | found[1]
            staying = subscribers - leavers
            wait_until(lambda: oracle.count(place.journal) >= staying and place.settled(staying), seconds=STUCK_SECONDS)
        digests = [line for line in oracle.read(place.journal) if line.message_id.startswith(f"<{MailKind.DIGEST}.")]
        wronged = sum(line.recipient in early for line in digests)
        verdict.tell(f"{subscribers} subscribers, {len(early)} left before a claim, {len(late)} after it")
        verdict.tell(f"{wronged} digests after an unsubscription", broken=bool(wronged))
        enough = len(early) >= leavers // 10
        verdict.tell(f"{len(early)} cases tried", broken=not enough)
        others = [line for line in digests if line.recipient not in early and line.recipient not in late]
        oracle.judge(verdict, others, expected=set(people) - early - late, doubtful=place.doubtful())
    return verdict


def _leave(place: Place, order: list[str], *, taken: int) -> tuple[set[str], set[str]]:
    """Lets people leave, spread over the time until ``taken`` mails are; gives who had no claimed digest then, and who had."""
    early, late = set[str](), set[str]()
    for number, email in enumerate(order):
        wanted = taken * number // len(order)
        wait_until(lambda wanted=wanted: oracle.count(place.journal) >= wanted, seconds=STUCK_SECONDS, pause=0.005)  # type: ignore[misc]
        with place.services.database.reading() as session:
            found = subscribers_store.subscriber_by_key(session, email)
        if found is None:
            raise RuntimeError(f"{email} is no subscriber")
        unsubscribe.leave(place.services, found.id, now=now(), origin="chaos")
        with place.services.database.reading() as session:
            rows = ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.DIGEST)
        (early if all(row.state is DeliveryState.SKIPPED for row in rows) else late).add(email)
    return early, late
