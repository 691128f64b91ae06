"""Fake engines for each test, and the real adapters pointed at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.engines.google import GoogleEngine
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.engines.registry import Engine
from tests.translation.engines.fake_engines import FakeEngines


@pytest.fixture
def fakes() -> Iterator[FakeEngines]:
    with FakeEngines() as engines:
        yield engines


def adapter(name: str, fakes: FakeEngines) -> Engine:
    """The real adapter called ``name``, pointed at the fake."""
    if name == "libre":
        return LibreEngine(fakes.libre_url)
    if name == "google":
        return GoogleEngine(fakes.google_url)
    return ChatEngine(fakes.openai_url, "key", model="m")


@pytest.fixture(params=["libre", "google", "openai"])
def engine(request: pytest.FixtureRequest, fakes: FakeEngines) -> Engine:
    """Each of the real adapters in turn."""
    return adapter(request.param, fakes)
