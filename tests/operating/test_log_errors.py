"""Errors are found in what processes log, whatever its form, and told in one line."""

from __future__ import annotations

import pytest

from newsletter.operating.log_errors import LONGEST, errors, events

INFO = "2026-11-29T23:21:02.255987Z [info     ] worker started                 queues=['mail']"
WARNING = "2026-11-29T23:21:02.255987Z [warning  ] fetch failed                   problem=503"
ERROR = "2026-11-29T23:21:02.255987Z [error    ] nothing planned                problem=clock"
TRACEBACK = [
    "2026-11-29T23:21:02.255987Z [error    ] step failed                    step=plan",
    "Traceback (most recent call last):",
    '  File "x.py", line 1, in <module>',
    "ZeroDivisionError: division by zero",
]


def found(*lines: str, ended: bool = False) -> list[str]:
    return errors(events(lines), ended=ended)


def test_what_only_readers_of_logs_need_is_no_error() -> None:
    assert found(INFO, WARNING, "[2026-11-29 23:21:02 +0000] [7] [WARNING] Worker exiting", "a line in no form") == []
    assert found() == []


def test_an_error_is_one_line_with_its_values() -> None:
    assert found(INFO, ERROR, INFO) == ["nothing planned problem=clock"]


def test_an_error_with_a_traceback_ends_with_what_was_raised() -> None:
    assert found(INFO, *TRACEBACK, INFO) == ["step failed step=plan: ZeroDivisionError: division by zero"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"event": "step failed", "step": "plan", "level": "error", "timestamp": "2026"}', ["step failed step=plan"]),
        (
            '{"event": "step failed", "level": "critical", "exception": "Traceback\\n  x\\nKeyError: 1"}',
            ["step failed: KeyError: 1"],
        ),
        ('{"event": "drained", "level": "info"}', []),
        ('{"event": "no level"}', []),
        ("{not json", []),
        ("[1, 2]", []),
    ],
)
def test_lines_of_json_are_read_too(line: str, told: list[str]) -> None:
    assert found(line) == told


def test_gunicorns_errors_and_a_complaint_of_our_own_are_told_each() -> None:
    gunicorn = "[2026-11-29 23:21:02 +0000] [7] [ERROR] Reason: Worker failed to boot."
    assert found("newsletter: DATA_DIR is full", gunicorn) == ["newsletter: DATA_DIR is full", "Reason: Worker failed to boot."]


def test_a_traceback_without_an_event_is_an_error() -> None:
    lines = ["Exception in thread Thread-1:", *TRACEBACK[1:]]
    assert found(*lines) == ["ZeroDivisionError: division by zero"]


def test_of_a_process_that_ended_whatever_it_said_last_counts() -> None:
    assert found(INFO, ended=True) == []
    assert found(INFO, "Fatal Python error: Segmentation fault", ended=True) == []
    assert found("Fatal Python error: out of memory", ended=True) == ["Fatal Python error: out of memory"]


def test_no_control_character_and_no_endless_line_reaches_a_terminal() -> None:
    (told,) = found(f"2026-1 [error    ] \x1b[31mred\x07 \u202e{'x' * 5000}")
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told) <= LONGEST
