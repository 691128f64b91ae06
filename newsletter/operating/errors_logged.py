"""Finds the errors in what a process has logged, and tells each in one line. Pure.

It knows the two forms of our own log (LOG_FORMAT), gunicorn's, and lines in no form at all, such as a traceback.
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
# What every process of ours says before it gives up.
COMPLAINT = "newsletter: "
_OURS = re.compile(r"\d{4}-\S+ \[(?P<level>[a-z]+) *\] (?P<text>.*)")
_GUNICORN = re.compile(r"\[\d{4}-[^]]+\] \[\d+\] \[(?P<level>[A-Z]+)\] (?P<text>.*)")


def groups(lines: Sequence[str]) -> list[list[str]]:
    """The lines in groups: an event with what belongs to it, such as its traceback; lines before the first event are one too."""
    starts = [place for place, line in enumerate(lines) if _head(line) is not None or line.startswith(COMPLAINT)]
    edges = [*([0] if lines and starts[:1] != [0] else []), *starts, len(lines)]
    return [list(lines[begin:end]) for begin, end in pairwise(edges)]


def errors(found: Sequence[Sequence[str]], *, last_words: bool = False) -> list[str]:
    """Those of the groups that are errors, each in one line; with ``last_words`` also the last one where it is in no form."""
    told = [_told(group, anything=last_words and place == len(found) - 1) for place, group in enumerate(found)]
    return [one_line(words, LONGEST) for words in told if words]


def _told(group: Sequence[str], *, anything: bool) -> str:
    said = [line for line in group if line.strip()]
    if not said:
        return ""
    head = _head(said[0])
    if head is None:
        if not (anything or TRACEBACK in said or said[0].startswith(COMPLAINT)):
            return ""
        return said[0] if said[0].startswith(COMPLAINT) else said[-1]
    level, words = head
    if level not in ERRORS:
        return ""
    return f"{words}: {said[-1]}" if len(said) > 1 else words


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
