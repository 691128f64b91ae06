"""Every named fail point, hit again and again within one run: workers that kill themselves there, started anew at once."""

from __future__ import annotations

import random
import time
from collections import Counter

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import a_place, wait_until
from newsletter import failpoints
from newsletter.daily import send

WORKERS = ("worker 1", "worker 2", "worker 3")
# A point inside of a group is passed up to eight times in it; the others once a group or once a claim.
MOST_PASSES = {"before_dot": 8, "after_dot": 8}
DONE_SECONDS = 60
KILL_SECONDS = 10


class Armory:
    """Says at which point the next process kills itself: the one that was hit least; disarmed once all had their share."""

    def __init__(self, hits: int, seed: int) -> None:
        self.hits, self.wanted = Counter[str](), hits
        self._dice = random.Random(seed)
        self._armed: dict[str, str] = {}

    def arm(self, name: str) -> dict[str, str]:
        """The variables for the process ``name``."""
        if not name.startswith("worker"):
            return {}
        underway = Counter(point for other, point in self._armed.items() if other != name)
        left = [point for point in failpoints.POINTS if self.hits[point] + underway[point] < self.wanted]
        if not left:
            self._armed.pop(name, None)
            return {}
        point = min(left, key=lambda one: self.hits[one] + underway[one])
        self._armed[name] = point
        return {failpoints.VARIABLE: f"{point}:{self._dice.randint(1, MOST_PASSES.get(point, 2))}"}

    def died(self, name: str) -> None:
        """Counts the hit of the point at which ``name`` was to die."""
        if name in self._armed:
            self.hits[self._armed.pop(name)] += 1

    @property
    def done(self) -> bool:
        return all(self.hits[point] >= self.wanted for point in failpoints.POINTS)


def run(*, subscribers: int, hits: int, seed: int = 1) -> Verdict:
    """Each point is hit ``hits`` times; the lease is short, so that the rows of the dead are taken up soon."""
    verdict, armory = Verdict(), Armory(hits, seed)
    with a_place(LEASE_SECONDS="2", WORKERS="3") as place:
        people = [f"r{number}@example.org" for number in range(subscribers)]
        place.add_subscribers(people)
        herd = Herd(place, dict.fromkeys(WORKERS, WORKER) | {"scheduler": SCHEDULER}, arms=armory.arm)
        herd.died = armory.died
        began = time.monotonic()
        with herd:

            def all_hit() -> bool:
                # As the pages do when somebody confirms: a wake-up may come at any time, and harms nothing.
                place.services.queues.wake_senders(workers=len(WORKERS))
                return armory.done

            wait_until(all_hit, seconds=KILL_SECONDS * hits * len(failpoints.POINTS), pause=0.3)
            last_kill = time.monotonic()
            wait_until(lambda: place.settled(subscribers), seconds=2 * DONE_SECONDS, pause=0.3)
            took = time.monotonic() - last_kill
        doubtful = place.doubtful()
        kills = sum(armory.hits.values())
        verdict.tell(f"{subscribers} subscribers, {kills} deaths in {time.monotonic() - began:.0f} s")
        verdict.tell(", ".join(f"{point} {armory.hits[point]}" for point in failpoints.POINTS), broken=not armory.done)
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=doubtful)
        verdict.tell(f"at most {send.GROUP * kills} may be unknown", broken=len(doubtful) > send.GROUP * kills)
        verdict.tell_time(f"done {took:.1f} s after the last death", took, most=DONE_SECONDS)
    return verdict
