"""What a browser keeps of a login, for operators and editors alike: a word that the database knows, and when it was last used.

The time stands in the signed cookie alone, so that looking at a page writes nothing.
"""

from __future__ import annotations

import datetime as dt

from flask import Response, after_this_request, session

from newsletter.operating import logins
from newsletter.web.page_context import clock, services

# https://owasp.org/www-project-application-security-verification-standard/ (5.0, 7.3.1); somebody writes a long entry meanwhile.
IDLE = dt.timedelta(hours=2)
# The cookie is written anew so often at most.
NOTED = dt.timedelta(minutes=1)
KEPT, SEEN = "login", "seen"


def begin(kind: str, who: int) -> None:
    """Logs ``who`` in in this browser, and forgets everything else that it kept."""
    session.clear()
    session[KEPT] = logins.open_login(services().database, kind, who, now=clock())
    session[SEEN] = int(clock().timestamp())


def holds(kind: str, who: int) -> bool:
    """True where this browser's login is one of ``who`` that was used within `IDLE` and has not ended."""
    now, kept, seen = clock(), session.get(KEPT), session.get(SEEN)
    if not isinstance(kept, str) or not isinstance(seen, int):
        return False
    since = now - dt.datetime.fromtimestamp(seen, dt.UTC)
    if since > IDLE:
        return False
    with services().database.reading() as reading:
        good = logins.stands(reading, kept, kind, who, now=now)
    if good and since > NOTED:
        session[SEEN] = int(now.timestamp())
    return good


def key_here() -> str:
    """The key of this browser's login; "" where there is none."""
    kept = session.get(KEPT)
    return logins.key_of(kept) if isinstance(kept, str) else ""


def end() -> None:
    """Logs out, and has the browser forget the pages that it kept; nothing where nobody is logged in."""
    kept = session.get(KEPT)
    if isinstance(kept, str):
        logins.close_login(services().database, kept)
    session.clear()
    after_this_request(_forgotten)


def _forgotten(answer: Response) -> Response:
    # https://www.w3.org/TR/clear-site-data/
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
