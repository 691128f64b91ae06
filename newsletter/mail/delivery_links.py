"""Tokens that name one mail: of "view in browser", of the envelope sender that its bounces come back to, of leaving by mail.

Neither opens what the other is for, and neither opens anything of the subscriber's.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from newsletter.mail.deliveries import Delivery
from newsletter.mail.signed_links import GOOD_DAYS, LinkError, LinkFault, LinkPurpose, Signer
from newsletter.mail.store import ledger
from newsletter.operating.state import LINKS_RENEWED_AT


def view_token(signer: Signer, delivery: Delivery) -> str:
    """Opens the mail in a browser for a year, or until the subscriber's token version moves on."""
    return signer.delivery_token(LinkPurpose.VIEW, delivery.id, _seal(delivery, LinkPurpose.VIEW))


def bounce_token(signer: Signer, delivery: Delivery) -> str:
    """Stands in the envelope sender (VERP); holds also after a change of address, because bounces come days later."""
    return signer.delivery_token(LinkPurpose.BOUNCE, delivery.id, _seal(delivery, LinkPurpose.BOUNCE))


def leaving_token(signer: Signer, delivery: Delivery) -> str:
    """Stands in the address that whoever got the mail writes to for no more of them."""
    return signer.delivery_token(LinkPurpose.LEAVING, delivery.id, _seal(delivery, LinkPurpose.LEAVING))


def viewed(session: Session, signer: Signer, token: str, *, now: dt.datetime) -> Delivery:
    """The mail that may be seen by ``token``. Raises LinkError (broken, expired)."""
    delivery = _named(session, signer, token, LinkPurpose.VIEW)
    if now - delivery.planned_at > dt.timedelta(days=GOOD_DAYS):
        raise LinkError(LinkFault.EXPIRED)
    return delivery


def bounced(session: Session, signer: Signer, token: str) -> Delivery:
    """The mail that a bounce to ``token`` is about; letters of either case. Raises LinkError (broken)."""
    return _named(session, signer, token, LinkPurpose.BOUNCE)


def left(session: Session, signer: Signer, token: str) -> Delivery:
    """The mail whose reader leaves by writing to ``token``; letters of either case. Raises LinkError (broken)."""
    return _named(session, signer, token, LinkPurpose.LEAVING)


def _named(session: Session, signer: Signer, token: str, purpose: LinkPurpose) -> Delivery:
    claim = signer.read_delivery(token)
    delivery = ledger.delivery(session, claim.delivery_id)
    if delivery is None:
        raise LinkError(LinkFault.BROKEN)
    renewed = LINKS_RENEWED_AT.read(session)
    # Ids begin anew in another database: an old token, which has nothing but the id, counts for mails that were there before.
    old = renewed is not None and delivery.planned_at <= renewed and purpose is not LinkPurpose.LEAVING
    signer.check_delivery(claim, purpose, _seal(delivery, purpose), old=old)
    return delivery


def _seal(delivery: Delivery, purpose: LinkPurpose) -> str:
    """The Message-ID, which is random; to see a mail, also the token version."""
    return f"{delivery.message_id} {delivery.token_version}" if purpose is LinkPurpose.VIEW else delivery.message_id
