"""The formats of published lists. No session, no I/O."""

from __future__ import annotations

from enum import StrEnum


class ListFormat(StrEnum):
    """The formats of published lists, by the names that commands and settings take; `formats` reads and writes each."""

    README = "readme"
    JEKYLL = "jekyll"
    TLDR = "tldr"
    COLLECTION = "collection"
    JSON = "json"
    RECORDS = "records"
