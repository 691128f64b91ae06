"""Where mail providers tell what came back: Amazon SES through SNS, and one signed form for others (docs/delivery.md).

Answers 404 where the way is not set up, 403 to whoever cannot be believed, 503 where the call is to be made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, abort, request

from newsletter.errors import InputError, TemporaryError
from newsletter.http.session import PoliteSession
from newsletter.mail.bounces import notifications, sns
from newsletter.subscribers import bounces
from newsletter.web.page_context import clock, services
from newsletter.web.security import csrf

log = structlog.get_logger(__name__)
pages = Blueprint("bounce_hooks", __name__, url_prefix="/hooks")

# SNS carries 256 KB at most.
MOST_BYTES = 300_000
SIGNATURE = "X-Newsletter-Signature"


@pages.post("/ses")
@csrf.exempt  # type: ignore[untyped-decorator]
def ses() -> Response:
    """A message of the SNS topic SES_TOPIC_ARN; the confirmation of its subscription is followed."""
    the = services()
    if not the.settings.ses_topic_arn:
        abort(404)
    message = _message(_body())
    try:
        sns.check(
            message,
            topic=the.settings.ses_topic_arn,
            certificates=the.settings.data_dir / "cache" / "sns",
            fetch=_fetch,
            now=clock(),
        )
        if message["Type"] == sns.CONFIRMATION:
            return _confirm(str(message.get("SubscribeURL", "")))
        returned = notifications.of_ses(str(message["Message"]))
        key = f"ses {message['MessageId']}"
        bounces.take(the, returned, key=key, origin="ses", now=clock(), raw=str(message["Message"]).encode())
    except sns.Unbelievable as error:
        log.warning("call refused", way="ses", problem=str(error))
        return _plain(str(error), 403)
    except InputError as error:
        return _plain(str(error), 400)
    except TemporaryError as error:
        return _plain(str(error), 503)
    return _plain("taken", 200)


@pages.post("/bounces")
@csrf.exempt  # type: ignore[untyped-decorator]
def signed() -> Response:
    """Events in our own form, signed with BOUNCE_HOOK_KEY."""
    the, body = services(), _body()
    key = the.settings.bounce_hook_key.get_secret_value()
    if not key:
        abort(404)
    if not notifications.signed_by(request.headers.get(SIGNATURE, ""), body, key, now=int(clock().timestamp())):
        log.warning("call refused", way="hook")
        return _plain("the signature is missing, wrong, or older than five minutes", 403)
    try:
        events = notifications.of_any(body.decode("utf-8", "replace"))
        for number, returned in events:
            bounces.take(the, returned, key=f"hook {number}", origin="hook", now=clock(), raw=body)
    except InputError as error:
        return _plain(str(error), 400)
    except TemporaryError as error:
        return _plain(str(error), 503)
    return _plain(f"{len(events)} taken", 200)


def _body() -> bytes:
    request.max_content_length = MOST_BYTES
    return request.get_data(cache=False)


def _message(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        abort(400)
    return found if isinstance(found, dict) else {}


def _fetch(url: str) -> bytes:
    reply = PoliteSession(services().contact, lambda: None, name="Amazon SNS", timeouts=(5.0, 10.0), longest=20.0).ask(url)
    if reply.status != 200:
        raise TemporaryError(f"Amazon SNS answers {reply.status}")
    return reply.body


def _confirm(url: str) -> Response:
    """Follows the link that makes Amazon send to us from now on; it stands in a message that Amazon signed for our topic."""
    if not sns.OWN_URL.fullmatch(url):
        return _plain("the link to confirm is not at Amazon", 403)
    _fetch(url)
    log.info("subscribed to the topic of bounces")
    return _plain("confirmed", 200)


def _plain(text: str, status: int) -> Response:
    return Response(f"{text}\n", status=status, mimetype="text/plain")
