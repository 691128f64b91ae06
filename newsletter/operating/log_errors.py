"""Finds the errors in what a process has logged, each as one line. Pure.

It knows the two formats of our own log (LOG_FORMAT), gunicorn's, and unformatted lines such as a traceback.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from newsletter.text.characters import one_line

ERRORS = ("error", "critical")
LONGEST = 400
TRACEBACK = "Traceback (most recent call last):"
# Begins the line on which every process of ours says why it cannot go on.
FAILURE_PREFIX = "newsletter: "
_OURS = re.compile(r"\d{4}-\S+ \[(?P<level>[a-z]+) *\] (?P<text>.*)")
_GUNICORN = re.compile(r"\[\d{4}-[^]]+\] \[\d+\] \[(?P<level>[A-Z]+)\] (?P<text>.*)")


def events(lines: Sequence[str]) -> list[list[str]]:
    """The lines by event: each event with the lines that belong to it, such as its traceback; lines before the first are one."""
    starts = [place for place, line in enumerate(lines) if _head(line) is not None or line.startswith(FAILURE_PREFIX)]
    edges = [*([0] if lines and starts[:1] != [0] else []), *starts, len(lines)]
    return [list(lines[begin:end]) for begin, end in pairwise(edges)]


def errors(found: Sequence[Sequence[str]], *, ended: bool = False) -> list[str]:
    """Those of the events that are errors, each in one line; of a process that has ``ended`` also unformatted last lines."""
    told = [_error_line(event, unformatted=ended and place == len(found) - 1) for place, event in enumerate(found)]
    return [one_line(words, LONGEST) for words in told if words]


def _error_line(event: Sequence[str], *, unformatted: bool) -> str:
    """The event in one line where it is an error, else ""; ``unformatted`` lines count as one where that is asked for."""
    lines = [line for line in event if line.strip()]
    if not lines:
        return ""
    head = _head(lines[0])
    if head is None:
        return _unformatted_error(lines, anything=unformatted)
    level, words = head
    if level not in ERRORS:
        return ""
    return f"{words}: {lines[-1]}" if len(lines) > 1 else words


def _unformatted_error(lines: Sequence[str], *, anything: bool) -> str:
    if lines[0].startswith(FAILURE_PREFIX):
        return lines[0]
    return lines[-1] if anything or TRACEBACK in lines else ""


def _head(line: str) -> tuple[str, str] | None:
    """The level and the words of a line that is an event, None for another."""
    if found := _OURS.match(line) or _GUNICORN.match(line):
        return found["level"].lower(), found["text"]
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return (str(event["level"]), _in_words(event)) if isinstance(event, dict) and "level" in event else None


def _in_words(event: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in event.items() if name not in ("event", "level", "timestamp", "exception")}
    words = " ".join([str(event.get("event", "")), *(f"{name}={value}" for name, value in kept.items())])
    exception = str(event.get("exception", "")).strip()
    return f"{words}: {exception.splitlines()[-1]}" if exception else words
