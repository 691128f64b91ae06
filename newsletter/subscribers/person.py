"""One person as an operator sees them: what is known, what they were mailed, what came back of it, and what followed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import SecretStr
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import ledger
from newsletter.subscribers import rights
from newsletter.subscribers.addresses import Address, address_key, normalise
from newsletter.subscribers.faults import FieldError
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as suppressions_store


def person(session: Session, email: str, suppression_key: SecretStr) -> dict[str, Any]:
    """What is known of an address, ready for JSON; of one that is nobody's, whether it is suppressed.

    Raises InputError where it is no address, or nothing is known of it.
    """
    address = _address(email)
    found = subscribers_store.subscriber_by_key(session, address.key)
    key = address_key(address.email, suppression_key)
    reason = suppressions_store.reason_of(session, key)
    lifted = [{"at": at.isoformat(), "reason": words} for at, words in suppressions_store.lifted(session, key)]
    if found is None:
        if not (reason or lifted):
            raise InputError(f"nobody is here under {address.email}: see `newsletter subscribers export -`")
        return {"email": address.email, "state": None, "suppressed": reason or None, "lifted": lifted}
    told = rights.own_data(session, found.id)
    probe_at = bounces_store.probe_at(session, found.id)
    return {
        **{name: told[name] for name in ("email", "state", "signed_up_at", "confirmed_at", "left_at", "choices", "consents")},
        "suppressed": reason or None,
        "lifted": lifted,
        "written_to_again_at": probe_at.isoformat() if probe_at else None,
        "bounces": [_bounce(one) for one in bounces_store.bounces(session, subscriber_id=found.id)],
        "mails": [_mail(one) for one in ledger.deliveries(session, subscriber_id=found.id)],
    }


def _address(email: str) -> Address:
    try:
        return normalise(email)
    except FieldError as error:
        raise InputError(str(error.fault)) from error


def _mail(one: Delivery) -> dict[str, Any]:
    named = {name: getattr(one, name) for name in ("attempts", "reply", "reason", "message_id")}
    when = {"date": one.period, "state": one.state.value, "planned_at": one.planned_at.isoformat()}
    return {"kind": one.kind.value} | when | named


def _bounce(one: bounces_store.Bounce) -> dict[str, Any]:
    at: dt.datetime = one.at
    named = {name: getattr(one, name) for name in ("kind", "origin", "status", "words", "followed")}
    return {"at": at.isoformat()} | named | {"delivery": one.delivery_id}
