"""The collector rests for a block, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from newsletter.operating.gc_pause import gc_paused


def test_the_collector_rests_within_and_works_again_after_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), gc_paused():
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()


def test_where_it_rested_before_it_goes_on_resting() -> None:
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()
