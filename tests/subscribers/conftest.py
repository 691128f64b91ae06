from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.settings import Settings
from tests.subscribers import subscriber_builder


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return subscriber_builder.settings(tmp_path)
