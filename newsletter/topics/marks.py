"""Marks as a file: CSV that is read, written and opened by people. Pure but for reading what is named.

Which paper and topic there are is the matter of whoever keeps the marks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from newsletter.errors import InputError
from newsletter.values.topics import TopicMark

# What is said of a paper under a topic, and whether that makes it right there.
WRONG, MISSING = "wrong", "missing"
WORDS = {WRONG: False, MISSING: True}
COLUMNS = ("paper", "topic", "mark", "who", "at")


def to_csv(marks: Iterable[TopicMark]) -> str:
    """The marks as CSV with a head, which ``read_marks`` reads."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((one.ref, one.topic, word_of(one.is_right), one.who, one.at.isoformat()) for one in marks)
    return written.getvalue()


def word_of(is_right: bool) -> str:
    return MISSING if is_right else WRONG


def read_marks(path: Path) -> list[tuple[str, str, bool]]:
    """(paper, topic, whether it is right there) of each line of a CSV file; columns beyond the first three are passed over.

    Raises InputError naming file, line and mend.
    """
    rows = [[field.strip() for field in row[:3]] for row in _rows(path)]
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row) and row != [*COLUMNS[:3]]]
    return [_mark(row, f"{path}, line {number}") for number, row in numbered]


def _mark(row: list[str], where: str) -> tuple[str, str, bool]:
    if len(row) < 3 or not all(row) or row[2] not in WORDS:
        raise InputError(f"{where}: write a paper's id, a comma, a topic's slug, a comma, and wrong or missing")
    return row[0], row[1], WORDS[row[2]]


def _rows(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}): give the path of a file of marks") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{path} is not UTF-8 at byte {exc.start}: save it as UTF-8") from exc
    except csv.Error as exc:
        raise InputError(f"{path} is no CSV ({exc}): write {', '.join(COLUMNS[:3])} with commas between") from exc
