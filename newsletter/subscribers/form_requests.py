"""What is asked by a form that mails is kept, answered, and done after the answer.

So neither the answer nor its time tells whether an address is known here: until it is given, nothing is asked about the address.
A process that ends in between loses nothing: the scheduler's next tick does what is left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.errors import NewsletterError, severity
from newsletter.settings import Settings
from newsletter.subscribers import form_limits
from newsletter.subscribers.store import form_requests as store
from newsletter.subscribers.store.form_requests import Form, FormRequest

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Does what one form asks, in an open transaction.
Doer = Callable[[Session, FormRequest, Settings], None]


def ask(
    services: Services,
    form: Form,
    email: str,
    *,
    network: str,
    now: dt.datetime,
    contents: Mapping[str, Any] | None = None,
    weight: int = 1,
) -> None:
    """Counts one use of ``form`` from ``network`` (``weight`` of them), and keeps what it asks for ``email`` (normalised).

    Raises TooManyUses; then nothing is kept.
    """
    uses = form_limits.uses(services.settings, network=network, email=email, weight=weight)
    with services.database.transaction() as session:
        form_limits.count(session, uses, services.settings, now=now)
        store.keep(session, FormRequest(form, email, contents or {}, now))


def do_all(services: Services, doers: Mapping[Form, Doer]) -> int:
    """Does what waits, each in a transaction of its own, and wakes who mails; gives how many. What fails is logged and kept."""
    with services.database.reading() as session:
        ids = store.waiting(session)
    done = sum(_do(services, request_id, doers) for request_id in ids)
    if done:
        services.queues.wake_senders()
    return done


def _do(services: Services, request_id: int, doers: Mapping[Form, Doer]) -> bool:
    try:
        with services.database.transaction() as session:
            request = store.take(session, request_id)
            if request is not None:
                doers[request.form](session, request, services.settings)
    except NewsletterError as error:
        log.log(severity(error), "what a form asked is put off", request=request_id, problem=str(error))
        return False
    except Exception:
        # One that nobody foresaw keeps only itself waiting, and is told with its cause.
        log.exception("what a form asked cannot be done", request=request_id)
        return False
    return request is not None
