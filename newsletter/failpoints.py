"""Named points at which a process can be made to kill itself, so that tests can show what a crash there costs.

Inert unless NEWSLETTER_FAIL_AT is set, as `make chaos` does: ``after_dot:50`` kills this process the fiftieth time it passes that
point. This module alone reads the variable: it is no setting, and must not be set in production.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

POINTS = ("before_claim", "after_claim", "before_mark", "before_dot", "after_dot", "after_250", "before_commit")
# What came back of a mail is acted on and committed, and its message not yet marked as read or answered.
AFTER_BOUNCE = "after_bounce"
VARIABLE = "NEWSLETTER_FAIL_AT"


def armed(environ: Mapping[str, str]) -> tuple[str, int]:
    """The point that ``environ`` names and how many passes it still lets through; ("", 0) where none is set.

    Raises ValueError for a name that no point has: a test whose crash never comes would show nothing.
    """
    point, _, passes = environ.get(VARIABLE, "").partition(":")
    if point and point not in (*POINTS, AFTER_BOUNCE):
        raise ValueError(f"{VARIABLE} names {point!r}: choose among {', '.join(POINTS)}")
    return (point, int(passes or 1)) if point else ("", 0)


_point, _left = armed(os.environ)


def reach(point: str) -> None:
    """Kills this process (SIGKILL) where ``point`` is armed and has been passed often enough; else does nothing."""
    if point == _point:
        _fall()


def _fall() -> None:
    global _left  # noqa: PLW0603 - the count of this process
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
