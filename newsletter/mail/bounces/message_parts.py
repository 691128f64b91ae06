"""The parts of a message that a stranger sent, and their texts, within bounds. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from typing import Any

# Of a header; the library reads the parameters of one in a time that grows with the square of its length.
MOST_OF_HEADER = 4_000


class Part(Message):
    """A message or a part of one, of whose headers only the beginning is looked at."""

    def get(self, name: str, failobj: Any = None) -> Any:
        value = super().get(name, failobj)
        return value[:MOST_OF_HEADER] if isinstance(value, str) else value


def walk(part: Message[Any, Any], depth: int) -> Iterator[Message[Any, Any]]:
    """All parts, also those within returned messages; what lies deeper than anybody nests parts is left out."""
    yield part
    payload = part.get_payload()
    if depth < 12 and isinstance(payload, list):
        for inner in payload[:100]:
            if isinstance(inner, Message):
                yield from walk(inner, depth + 1)


def text_of(part: Message[Any, Any]) -> str:
    """What stands in a part: its text, or that of the message in it, headers first."""
    payload = part.get_payload()
    if isinstance(payload, list):
        heads = [inner for inner in payload if isinstance(inner, Message)]
        return "\n".join("\n".join(f"{name}: {value}" for name, value in inner.items()) for inner in heads)
    decoded = part.get_payload(decode=True)
    data = decoded if isinstance(decoded, bytes) else str(payload or "").encode("utf-8", "replace")
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
