"""Sellers at the gate: known again by card, identity number or phone; kept as little as can be."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel.codes import new_code
from remelt.platform.parties.errors import BadName
from remelt.platform.parties.rules import read_name, read_phone
from remelt.platform.yard.errors import ConsentNeeded, NoSuchSeller, SellerNeeded
from remelt.platform.yard.identity import Vault, masked, read_id_number
from remelt.platform.yard.models import SellerCard

NAME_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerGiven:
    """A seller as told at the gate. The identity number only with `consent`."""

    name: str
    phone: str = ""
    plate: str = ""
    id_number: str = ""
    consent: bool = False


def seller_card(session: Session, *, organisation_id: int, code: str) -> SellerCard:
    """Return a card of this organisation. Raises `NoSuchSeller`."""
    found = session.exec(
        select(SellerCard).where(
            SellerCard.code == code, SellerCard.organisation_id == organisation_id
        )
    ).one_or_none()
    if found is None:
        raise NoSuchSeller(field="seller_code", seller_code=code[:20])
    return found


def know_seller(
    session: Session,
    *,
    organisation_id: int,
    given: SellerGiven,
    at: datetime,
    vault: Vault | None = None,
) -> SellerCard:
    """Return the seller's card, made when this organisation does not know the person yet.

    The same identity number is the same person; without one, the same name and phone are.
    `vault` seals the number and is needed only when one is given.
    Raises `SellerNeeded`, `ConsentNeeded`, `BadIdNumber` or `BadPhone`.
    """
    name, phone = _named(given)
    if given.id_number.strip():
        return _by_identity(
            session, organisation_id=organisation_id, given=given, name=name, phone=phone,
            at=at, vault=vault,
        )  # fmt: skip
    known = session.exec(
        select(SellerCard)
        .where(
            SellerCard.organisation_id == organisation_id,
            SellerCard.name == name,
            SellerCard.phone == phone,
        )
        .order_by(col(SellerCard.id))
        .limit(1)
    ).one_or_none()
    if known is not None:
        return known
    return _new_card(
        session, organisation_id=organisation_id, name=name, phone=phone, plate=given.plate, at=at
    )


def find_sellers(
    session: Session, *, organisation_id: int, text: str, limit: int = 20
) -> list[SellerCard]:
    """Return cards whose name, phone or plate holds `text`, the latest first."""
    statement = select(SellerCard).where(SellerCard.organisation_id == organisation_id)
    if text:
        holds = (
            col(SellerCard.name).contains(text, autoescape=True)
            | col(SellerCard.phone).contains(text, autoescape=True)
            | col(SellerCard.plate).contains(text, autoescape=True)
        )
        statement = statement.where(holds)
    return list(session.exec(statement.order_by(col(SellerCard.id).desc()).limit(limit)))


def identified_sellers(session: Session, *, organisation_id: int) -> list[SellerCard]:
    """Return the cards of an organisation whose identity is known, the latest first."""
    return list(
        session.exec(
            select(SellerCard)
            .where(
                SellerCard.organisation_id == organisation_id,
                col(SellerCard.id_digest).is_not(None),
            )
            .order_by(col(SellerCard.id).desc())
        )
    )


def _named(given: SellerGiven) -> tuple[str, str]:
    try:
        name = read_name(given.name, field="seller_name", most=NAME_MOST)
    except BadName as reason:
        raise SellerNeeded(field="seller_name") from reason
    return name, read_phone(given.phone) or ""


def _by_identity(
    session: Session,
    *,
    organisation_id: int,
    given: SellerGiven,
    name: str,
    phone: str,
    at: datetime,
    vault: Vault | None,
) -> SellerCard:
    number = read_id_number(given.id_number)
    if not given.consent:
        raise ConsentNeeded(field="consent")
    if vault is None:
        raise ValueError("an identity number needs a vault")
    digest = vault.digest(number)
    known = session.exec(
        select(SellerCard).where(
            SellerCard.organisation_id == organisation_id, SellerCard.id_digest == digest
        )
    ).one_or_none()
    if known is not None:
        return known
    card = _new_card(
        session, organisation_id=organisation_id, name=name, phone=phone, plate=given.plate, at=at
    )
    card.sqlmodel_update(
        {
            "id_masked": masked(number),
            "consent_at": at,
            "id_sealed": vault.seal(number),
            "id_digest": digest,
        }
    )
    session.add(card)
    session.flush()
    return card


def _new_card(
    session: Session, *, organisation_id: int, name: str, phone: str, plate: str, at: datetime
) -> SellerCard:
    card = SellerCard(
        code=new_code(),
        organisation_id=organisation_id,
        name=name,
        phone=phone,
        plate=plate.strip()[:12],
        added_at=at,
    )
    session.add(card)
    session.flush()
    return card
