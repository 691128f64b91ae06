"""What forms asked is done after the answer, in a thread of its own: how long a visitor waits tells nothing of an address."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from flask import current_app

from newsletter.errors import InputError, NewsletterError, severity
from newsletter.subscribers import form_requests
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.form_limits import TooManyUses
from newsletter.subscribers.store.form_requests import Form
from newsletter.web.forms import LinkForm
from newsletter.web.page_context import _, clock, services
from newsletter.web.security import client_network

log = structlog.get_logger(__name__)

# By then the answer has left, which the work would otherwise share the processor with.
PAUSE_SECONDS = 0.2


class InBackground:
    """Runs ``work`` in a thread a moment after each call, once for all calls of that moment.

    The thread is begun by the first call, hence after any fork, and anew where an error ended it. It keeps no process alive:
    what it had no time for stands in the database.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._asked = threading.Event()
        self._thread = threading.Thread()
        self._lock = threading.Lock()

    def __call__(self) -> None:
        self._asked.set()
        with self._lock:
            if not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="after answers", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._asked.wait():
            time.sleep(PAUSE_SECONDS)
            self._asked.clear()
            try:
                self._work()
            except NewsletterError as error:
                log.log(severity(error), "what forms asked is put off", problem=str(error))


def do_what_was_asked() -> None:
    """Has what was kept by a form be done; does not wait for it."""
    current_app.extensions["after_answers"]()


def ask_for_link(which: Form, form: LinkForm) -> bool:
    """Takes the wish for a mailed link to the address in ``form``; False where that is no address, which the form then tells.

    True whether the address is known or not. Raises TooManyUses.
    """
    if not form.validate():
        return False
    try:
        email = normalise(form.email.data or "", international=True).email
        form_requests.ask(services(), which, email, network=client_network(), now=clock())
    except TooManyUses:
        raise
    except InputError as error:
        form.email.errors = [_(str(error))]
        return False
    do_what_was_asked()
    return True
