"""A fake Hugging Face or Papers with Code: a real HTTP server that knows the records it is given and 404s for the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.http_fake import ApiFake, Handler


class _Handler(Handler):
    fake: FakeHub

    def do_GET(self) -> None:
        ref = self.path.partition("?")[0].partition("/papers/")[2].replace("%2F", "/")
        self.fake.asked.append(ref)
        fault = self.fake.faults.pop(0) if self.fake.faults else None
        status, body = (200, json.dumps(self.fake.records.get(ref)).encode()) if ref in self.fake.records else (404, b"{}")
        if isinstance(fault, int):
            status, body = fault, b"Too many requests"
        elif fault is not None:
            status, body = 200, fault.encode()
        self.answer(status, body)


@dataclass
class FakeHub(ApiFake):
    """``records`` by ref; ``faults`` are statuses, or bodies as text, that the next requests get, one each."""

    handler = _Handler
    records: dict[str, object]
    faults: list[int | str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
