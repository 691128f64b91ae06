"""What was tried with a figure that fell short once, by the figure's name: the page tells it where the figure is short again."""

from __future__ import annotations

from collections.abc import Mapping

TRIED: Mapping[str, str] = {}
