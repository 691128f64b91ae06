"""The collector rests for a block, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from newsletter.operating.gc_pause import collector_at_rest


def test_the_collector_rests_within_and_works_again_after_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), collector_at_rest():
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()


def test_where_it_rested_before_it_goes_on_resting() -> None:
    with collector_at_rest():
        with collector_at_rest():
            pass
        assert not gc.isenabled()
