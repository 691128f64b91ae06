"""Services for the tests of published lists: on both databases, or on SQLite alone where that is enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services


@pytest.fixture
def services(make_services: Callable[..., Services], database_url: str) -> Services:
    return make_services(database_url)


@pytest.fixture
def quick(make_services: Callable[..., Services], sqlite_url: str) -> Services:
    return make_services(sqlite_url)
