"""Takes addresses and the tokens of links out of text that others may read: logs, alarms, what Redis keeps of a failed job. Pure.

Mail servers, database drivers and tracebacks say whom they mean; who reads a log has no need to know.
"""

from __future__ import annotations

import re

MASK = "…"
# The part before the @, written as such or encoded for a URL; the domain stays, because it says whose server refused. Looked for
# where such a run begins only: a long one without an @ would be read again from each of its letters.
_NO_PART = r"""\s<>"'`()\[\]{},;:=|\\/?&@"""
_ADDRESS = re.compile(rf"(?<![^{_NO_PART}])[^{_NO_PART}]+(?P<at>@|%40)(?=[^\s@])")
# The pages of one person, by the secret in their address: those of `web.security.TOKEN_PAGES`.
_LINK = re.compile(
    r"/(?P<page>confirm|preferences|unsubscribe|return|view|address|data|erase|feedback|later|setup|collection/editor)/[A-Za-z0-9_-]{16,}"
)


def without_people(text: str) -> str:
    """``text`` without the local parts of addresses, and without the tokens of links to pages of one person."""
    return _LINK.sub(rf"/\g<page>/{MASK}", _ADDRESS.sub(rf"{MASK}\g<at>", text))
