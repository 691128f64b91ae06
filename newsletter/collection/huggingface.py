"""Asks Hugging Face's API for the record of a model or data set. An adapter: it does not interpret the record."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from newsletter.errors import InputError, TemporaryError
from newsletter.http.session import PoliteSession

TIMEOUTS = (3.0, 5.0)


def record_of(url: str, contact: str, *, kind: str, name: str) -> Any:
    """The record of the model or data set ``name`` (``kind``: ``models`` or ``datasets``) at the hub ``url``, as JSON.

    Raises InputError where there is none that everybody may see, TemporaryError where the hub gives no answer now.
    """
    http = PoliteSession(contact, lambda: None, name="Hugging Face", accept="application/json", timeouts=TIMEOUTS, longest=10.0)
    try:
        reply = http.ask(f"{url}/api/{kind}/{quote(name)}")
    finally:
        http.close()
    if reply.status != 200:
        raise InputError(f"Hugging Face shows nothing under {name[:80]!r} ({reply.status}): check the name")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise TemporaryError("Hugging Face answers with something else than JSON: fill in the form by hand") from error
