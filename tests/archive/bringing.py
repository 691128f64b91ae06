"""Takes a published list in, as the command does."""

from __future__ import annotations

import datetime as dt

from newsletter.archive.formats.registry import Incoming, format_of
from newsletter.archive.importing import ImportOptions, ImportReport
from newsletter.bootstrap import Services

NOW = dt.datetime(2026, 6, 25, 9, 0, tzinfo=dt.UTC)


def bring(services: Services, text: str, name: str = "list", **changes: object) -> ImportReport:
    order = ImportOptions(name, **changes)  # type: ignore[arg-type]
    return format_of(text).import_list(services, Incoming(text, order, NOW, lambda _done, _of: None))
