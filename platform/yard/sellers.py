"""Sellers at the gate: known again by card, identity number or phone; kept as little as can be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam
from sqlmodel import Session, col, select

from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import Among, as_texts
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
    return know_named(session, organisation_id=organisation_id, given=[(given, at)])[0]


def know_named(
    session: Session, *, organisation_id: int, given: Sequence[tuple[SellerGiven, datetime]]
) -> list[SellerCard]:
    """Return the card of each seller who came, and when, without a number, as `know_seller` does.

    Two statements, whatever their number. Raises `SellerNeeded` or `BadPhone`.
    """
    told = [(*_named(each), each.plate, at) for each, at in given]
    rows = session.exec(
        select(SellerCard)
        .where(
            SellerCard.organisation_id == organisation_id,
            Among(col(SellerCard.name), bindparam("names", type_=Text)),
        )
        .order_by(col(SellerCard.id)),
        params={"names": as_texts({name for name, *_ in told})},
    )
    cards: dict[tuple[str, str], SellerCard] = {}
    for row in rows:
        cards.setdefault((row.name, row.phone), row)
    for name, phone, plate, at in told:
        if (name, phone) not in cards:
            card = _card(organisation_id, name=name, phone=phone, plate=plate, at=at)
            session.add(card)
            cards[name, phone] = card
    session.flush()
    return [cards[name, phone] for name, phone, _, _ in told]


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


def identified_among(session: Session, *, codes: Collection[str]) -> dict[str, SellerCard]:
    """Return by code those of these cards whose identity is known. One statement, or none."""
    if not codes:
        return {}
    rows = session.exec(
        select(SellerCard).where(
            Among(col(SellerCard.code), bindparam("codes", type_=Text)),
            col(SellerCard.id_digest).is_not(None),
        ),
        params={"codes": as_texts(codes)},
    )
    return {row.code: row for row in rows}


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
    card = _card(organisation_id, name=name, phone=phone, plate=given.plate, at=at)
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


def _card(organisation_id: int, *, name: str, phone: str, plate: str, at: datetime) -> SellerCard:
    return SellerCard(
        code=new_code(),
        organisation_id=organisation_id,
        name=name,
        phone=phone,
        plate=plate.strip()[:12],
        added_at=at,
    )
