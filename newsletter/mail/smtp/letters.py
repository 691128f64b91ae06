"""Whether the mail servers take addresses with any letters before the @ (SMTPUTF8, RFC 6531), asked of them now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from cachetools import TTLCache

from newsletter.errors import NewsletterError
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import STAGE_TIMEOUTS, open_connection
from newsletter.settings import SmtpServer

# Somebody waits before a form; few people have such an address, and what a server takes hardly changes.
SECONDS = 3.0
KEPT_SECONDS = 10 * 60
_TIMEOUTS: Mapping[Stage, float] = dict.fromkeys(STAGE_TIMEOUTS, SECONDS)


class RelayLetters:
    """What EHLO of the servers says, kept for ten minutes; one object per process, safe for many threads.

    ``servers`` gives them in order and may raise SettingsError.
    """

    def __init__(
        self,
        servers: Callable[[], Sequence[SmtpServer]],
        *,
        hostname: str,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers, self._hostname = servers, hostname
        self._known: TTLCache[str, bool] = TTLCache(1, KEPT_SECONDS, timer)
        self._lock = threading.Lock()

    def takes_any_letters(self) -> bool:
        """True where every server that answers takes such an address, for a mail may go by any; False where none answers."""
        with self._lock:
            if "all" not in self._known:
                self._known["all"] = self._ask()
            return self._known["all"]

    def _ask(self) -> bool:
        try:
            answers = [self._asked(server) for server in self._servers()]
        except NewsletterError:
            return False
        return True in answers and False not in answers

    def _asked(self, server: SmtpServer) -> bool | None:
        try:
            connection = open_connection(server, self._hostname, connect_timeout=SECONDS, timeouts=_TIMEOUTS)
        except NewsletterError:
            return None
        takes = connection.takes_any_letters
        connection.close()
        return takes
