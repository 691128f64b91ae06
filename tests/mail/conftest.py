"""The renderer that the tests of rendering share; ``cache`` holds its compiled templates for a whole module."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.mail.rendering.renderer import Renderer, Site
from tests.mail.samples import TEMPLATES


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def renderer(cache: Path) -> Renderer:
    site = Site("Paper Morning", "https://papers.example.org", imprint="Example Street 1", contact="help@example.org")
    return Renderer(templates=TEMPLATES, cache=cache, site=site)
