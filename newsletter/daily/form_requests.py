"""What visitors asked by forms that mail, done after they were answered: by the pages' own process, or by the next tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from newsletter.collection import editors
from newsletter.subscribers import form_requests, preferences, signup
from newsletter.subscribers.form_requests import Doer
from newsletter.subscribers.store.form_requests import Form

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

DOERS: Mapping[Form, Doer] = {
    Form.SIGN_UP: signup.sign_up,
    Form.READERS_LINK: preferences.mail_link,
    Form.EDITORS_LINK: editors.mail_link,
}


def do_what_forms_asked(services: Services) -> int:
    """Does all that waits; gives how many. Two processes may do it at once: each takes what the other did not."""
    return form_requests.do_all(services, DOERS)
