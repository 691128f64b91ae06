"""The circuit breaker, on times of our own."""

from __future__ import annotations

from newsletter.translation.engines.circuit_breaker import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WISH, Breaker


def fail(breaker: Breaker, at: float) -> None:
    breaker.failed(at, at)


def test_two_failures_in_a_row_are_forgiven_and_the_third_opens_the_circuit() -> None:
    breaker = Breaker()
    fail(breaker, 1.0)
    fail(breaker, 2.0)
    assert breaker.rest(2.0) == 0
    fail(breaker, 3.0)
    assert breaker.rest(3.0) == FIRST_PAUSE
    assert breaker.rest(3.0 + FIRST_PAUSE) == 0


def test_a_success_between_them_starts_the_count_anew() -> None:
    breaker = Breaker()
    for at in (1.0, 2.0):
        fail(breaker, at)
    breaker.succeeded()
    for at in (3.0, 4.0):
        fail(breaker, at)
    assert breaker.rest(4.0) == 0


def test_every_further_failure_doubles_the_pause_up_to_a_limit() -> None:
    breaker, at, rests = Breaker(), 0.0, []
    for _ in range(14):
        fail(breaker, at)
        rests.append(breaker.rest(at))
        at += rests[-1]
    assert rests[:6] == [0, 0, 1, 2, 4, 8]
    assert rests[-2:] == [LONGEST_PAUSE] * 2


def test_calls_under_way_when_it_opened_do_not_lengthen_the_pause() -> None:
    breaker = Breaker()
    for _ in range(16):
        breaker.failed(0.0, 5.0)
    assert breaker.rest(5.0) == FIRST_PAUSE


def test_a_wish_of_the_engine_opens_it_at_once_within_reason() -> None:
    patient, endless = Breaker(), Breaker()
    patient.failed(0.0, 0.0, retry_after=60.0)
    endless.failed(0.0, 0.0, retry_after=1e9)
    assert patient.rest(0.0) == 60.0
    assert endless.rest(0.0) == LONGEST_WISH
