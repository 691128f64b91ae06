from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.settings import Settings
from tests.subscribers import people


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return people.settings(tmp_path)
