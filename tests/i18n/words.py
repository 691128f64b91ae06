"""All words of code and templates, extracted once a process: that takes a second."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from babel.messages.catalog import Catalog

from newsletter.i18n.extraction import extract

_extracted = cache(extract)


def all_words() -> Catalog:
    """The strings of the project; a copy, to which a test may add."""
    return deepcopy(_extracted())
