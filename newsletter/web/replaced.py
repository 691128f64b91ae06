"""What a change of choices replaced, kept in the browser that made it (signed, in its session) until the next change there."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import asdict, dataclass

from flask import session

from newsletter.showing import Layout
from newsletter.subscribers.people import State, Subscriber
from newsletter.subscribers.preferences import Preferences, preferences_of
from newsletter.topics.own import Kind, OwnQuery

NAME = "replaced"
# A browser keeps 4,096 bytes of a cookie (RFC 6265, section 6.1), and the session holds more than this; base64 adds a third.
MOST_BYTES = 2000


@dataclass(frozen=True, slots=True)
class Replaced:
    """Choices as they were; ``paused_until`` is None without a pause, and ``endless`` a pause without an end."""

    preferences: Preferences
    paused_until: dt.date | None
    endless: bool


def remember(subscriber: Subscriber) -> None:
    """Keeps the choices of ``subscriber``, who is about to change them; queries that are too long for a cookie are not kept."""
    kept = asdict(preferences_of(subscriber)) | {
        "paused_until": subscriber.paused_until.isoformat() if subscriber.paused_until else "",
        "endless": subscriber.state is State.PAUSED,
    }
    text = json.dumps(kept)
    fits = len(zlib.compress(text.encode())) <= MOST_BYTES
    session[NAME] = {"of": subscriber.id, "choices": text} if fits else {}


def replaced(subscriber: Subscriber) -> Replaced | None:
    """What the last change in this browser replaced; None where it was none of ``subscriber``, or is forgotten."""
    kept = session.get(NAME) or {}
    if kept.get("of") != subscriber.id:
        return None
    values = json.loads(kept["choices"])
    until, endless = values.pop("paused_until"), values.pop("endless")
    own = tuple(OwnQuery(Kind(one["kind"]), one["text"]) for one in values.pop("own"))
    values |= {"topics": tuple(values["topics"]), "weekdays": tuple(values["weekdays"]), "layout": Layout(values["layout"])}
    return Replaced(Preferences(**values, own=own), dt.date.fromisoformat(until) if until else None, endless)


def forget() -> None:
    session.pop(NAME, None)
