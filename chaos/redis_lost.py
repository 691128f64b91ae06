"""Redis killed and emptied, each time while a new wave of readers waits to be woken for."""

from __future__ import annotations

import random
import time

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import RedisServer, a_place, wait_until
from newsletter.operating.redis_client import connect_redis

GOING_ON_SECONDS = 60
DOWN_SECONDS = 1.0


def run(*, wave: int, kills: int, emptied: int, seed: int = 1) -> Verdict:
    """After each blow ``wave`` readers more wait for their digests; nothing but the database knows of them."""
    dice, verdict = random.Random(seed), Verdict()
    blows = ["kill"] * kills + ["empty"] * emptied
    dice.shuffle(blows)
    people: list[str] = []
    longest = 0.0
    with a_place() as place, Herd(place, {"worker 1": WORKER, "worker 2": WORKER, "scheduler": SCHEDULER}):
        for number, blow in enumerate(blows):
            joined = [f"w{number}-r{one}@example.org" for one in range(wave)]
            people += joined
            place.add_subscribers(joined)
            time.sleep(dice.uniform(0, 3))
            if place.redis is not None:
                _strike(place.redis, blow)
            began = time.monotonic()
            target = len(people)
            wait_until(lambda target=target: place.settled(target), seconds=2 * GOING_ON_SECONDS)  # type: ignore[misc]
            longest = max(longest, time.monotonic() - began)
        verdict.tell(f"{len(people)} subscribers in {len(blows)} waves, Redis killed {kills} times and emptied {emptied} times")
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=place.doubtful())
        verdict.tell_time(f"a wave done {longest:.1f} s after the blow at most", longest, most=GOING_ON_SECONDS)
    return verdict


def _strike(redis: RedisServer, blow: str) -> None:
    if blow == "kill":
        redis.kill()
        time.sleep(DOWN_SECONDS)
        redis.start()
        return
    client = connect_redis(redis.url)
    client.flushall()
    client.close()
