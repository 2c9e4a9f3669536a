"""Blanking the card of somebody who sold at a gate."""

from sqlmodel import Session, select

from remelt.platform.kernel.codes import new_code
from remelt.platform.yard.models import SellerCard


def is_seller(session: Session, *, code: str) -> bool:
    """Tell whether a seller's card has this code."""
    found = session.exec(select(SellerCard.id).where(SellerCard.code == code)).first()
    return found is not None


def digest_of(session: Session, *, code: str) -> str | None:
    """Return the digest of a card's identity, None where none is kept."""
    return session.exec(select(SellerCard.id_digest).where(SellerCard.code == code)).one_or_none()


def is_digest_known(session: Session, *, digest: str) -> bool:
    """Tell whether any organisation still keeps a card of this identity."""
    found = session.exec(select(SellerCard.id).where(SellerCard.id_digest == digest)).first()
    return found is not None


def blank_seller(session: Session, *, code: str) -> tuple[str, ...]:
    """Take name, telephone, plate and identity from a seller's card; return what was said."""
    card = session.exec(select(SellerCard).where(SellerCard.code == code)).one_or_none()
    if card is None:
        return (code,)
    said = (card.code, card.name, card.phone, card.plate, card.id_masked)
    card.code, card.name, card.phone, card.plate = new_code(), "erased", "", ""
    card.id_masked, card.id_sealed, card.id_digest, card.consent_at = "", None, None, None
    session.add(card)
    session.flush()
    return tuple(each for each in said if each)
