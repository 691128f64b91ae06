"""A worker that takes what it is told to take, for the tests of limits."""

from __future__ import annotations

import os
from pathlib import Path

from newsletter.errors import InputError
from newsletter.http import confined


def read(content: bytes, what: str) -> bytes:
    if what == "memory":
        return bytes(2_000_000_000)
    while what == "time":
        pass
    if what == "refusal":
        raise InputError("this is nothing that can be read")
    if what == "fault":
        raise KeyError("a fault in a parser")
    if what == "environment":
        return " ".join(sorted(os.environ)).encode()
    if what == "file":
        Path(content.decode()).write_bytes(b"taken over")
    return content[::-1]


if __name__ == "__main__":
    confined.serve(read)
