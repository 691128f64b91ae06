"""Workers asked to end (SIGTERM) amid the sending, a pause of all sending, and a mail server that falls silent after the dot."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import Place, a_place, now, wait_until
from chaos.sink import SILENCE, Sink
from newsletter.daily import send
from newsletter.operating import state

WORKERS = ("worker 1", "worker 2")
# What the service promises: a worker that is asked to end has ended, and a pause holds everywhere, within so many seconds.
ENDED_WITHIN, PAUSED_WITHIN = 10.0, 2.0
STUCK_SECONDS = 180


def run(*, subscribers: int, ends: int, seed: int = 1) -> Verdict:
    """``ends`` times a worker is asked to end; then sending is paused and resumed; then all end before a mute server."""
    dice, verdict = random.Random(seed), Verdict()
    mute = threading.Event()
    people = [f"r{one}@example.org" for one in range(subscribers)]
    with a_place() as place, Sink(place.journal, lambda step, _: _said(step, mute)) as sink:
        place.environ["SMTP_URL"] = sink.url
        with Herd(place, dict.fromkeys(WORKERS, WORKER) | {"scheduler": SCHEDULER}) as herd:
            longest = _end_at_random(place, herd, people[: subscribers // 2], ends, dice)
            place.add_subscribers(people[subscribers // 2 :])
            late = _pause(place, wanted=subscribers // 2 + subscribers // 10)
            wait_until(lambda: oracle.count(place.journal) >= subscribers * 3 // 4, seconds=STUCK_SECONDS, pause=0.01)
            mute.set()
            time.sleep(1)
            # Whose dot was met with silence stays without an answer; who starts anew finds the server well.
            mute.clear()
            longest_mute = _seconds_to_end(herd, *WORKERS)
            settled = wait_until(lambda: place.settled(subscribers), seconds=STUCK_SECONDS)
        doubtful = place.doubtful()
        verdict.tell_time(f"{ends} workers asked to end, the slowest ended in {longest:.1f} s", longest, most=ENDED_WITHIN)
        verdict.tell_time(f"before a mute server in {longest_mute:.1f} s", longest_mute, most=ENDED_WITHIN)
        verdict.tell_time(f"the last mail {late:.1f} s after the pause", late, most=PAUSED_WITHIN)
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=doubtful)
        most = send.GROUP * len(WORKERS)
        verdict.tell(f"at most {most} may be unknown", broken=len(doubtful) > most)
        verdict.tell("all settled" if settled else "not all settled", broken=not settled)
    return verdict


def _said(step: str, mute: threading.Event) -> str | None:
    return SILENCE if step == "dot" and mute.is_set() else None


def _end_at_random(place: Place, herd: Herd, people: list[str], ends: int, dice: random.Random) -> float:
    """A wave of readers for each end, which comes somewhere in the wave; gives the seconds that the slowest end took."""
    longest, wave = 0.0, max(1, len(people) // ends)
    for number in range(ends):
        begin = number * wave
        joined = people[begin : begin + wave] if number < ends - 1 else people[begin:]
        place.add_subscribers(joined)
        wanted = begin + dice.randint(1, max(1, len(joined) // 2))
        wait_until(lambda wanted=wanted: oracle.count(place.journal) >= wanted, seconds=STUCK_SECONDS, pause=0.01)  # type: ignore[misc]
        longest = max(longest, _seconds_to_end(herd, dice.choice(WORKERS)))
    wait_until(lambda: place.settled(len(people)), seconds=STUCK_SECONDS)
    return longest


def _seconds_to_end(herd: Herd, *names: str) -> float:
    """Asks workers to end at once, as a service manager does; the herd starts them anew."""
    pids, began = {name: herd.pid(name) for name in names}, time.monotonic()
    for pid in pids.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    wait_until(lambda: all(herd.pid(name) != pid for name, pid in pids.items()), seconds=STUCK_SECONDS, pause=0.05)
    return time.monotonic() - began


def _pause(place: Place, *, wanted: int) -> float:
    """Pauses all sending once ``wanted`` mails were taken; gives how long after it the last one came, and resumes."""
    wait_until(lambda: oracle.count(place.journal) >= wanted, seconds=STUCK_SECONDS, pause=0.01)
    with place.services.database.transaction() as session:
        state.pause(session, now=now())
    paused = time.time()
    time.sleep(PAUSED_WITHIN + 3)
    last = max((line.at for line in oracle.read(place.journal)), default=paused)
    with place.services.database.transaction() as session:
        state.resume(session, now=now())
    return max(0.0, last - paused)
