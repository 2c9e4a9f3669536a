"""Setting the terms of an auction when it is published, and who may hold the half of a key."""

from sqlmodel import Session, col, or_, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.award_errors import NoSuchHolder
from remelt.platform.market.drafts import ListingDraft
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.kinds import PLAIN, Descending, Sealed
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.parties.models import Membership, Organisation


def set_terms(
    session: Session, *, draft: ListingDraft, auction: Auction, house: HouseRules = HOUSE
) -> None:
    """Keep what a draft asks beside its price; plain terms are not kept. Raises `NoSuchHolder`.

    A seller who wants to decide, and sets no time to verify the winner, decides within the time
    that the house gives for it.
    """
    asked, price = draft.conditions, draft.price
    by_hand = not getattr(price, "auto_award", True) and asked.verify_s is None
    sealing = isinstance(price, Sealed | Descending)
    if asked == PLAIN and not sealing and not by_hand:
        return
    terms = AuctionTerms(
        auction_id=auction.key, reserve_open=asked.reserve_open, licence=asked.licence,
        deposit_fen=asked.deposit_fen, verify_s=asked.verify_s, pay_s=asked.pay_s,
        decide_s=house.decide_s if by_hand else None,
        freight_fen_per_tkm=asked.freight_fen_per_tkm, co2e_g_per_tkm=asked.co2e_g_per_tkm,
        carbon_fen_per_t=asked.carbon_fen_per_t,
    )  # fmt: skip
    if isinstance(price, Sealed | Descending):
        terms.holder_id = _holder(session, code=price.holder, seller_id=auction.owner_id)
        terms.open_within_s = price.open_within_s
    if isinstance(price, Descending):
        terms.floor_fen_per_t = price.floor_fen_per_t
        terms.lower_by_fen_per_t = price.lower_by_fen_per_t
        terms.lower_every_s = price.lower_every_s
        terms.sealed_s, terms.best_s = price.sealed_s, price.best_s
    session.add(terms)


def holders(session: Session, *, seller_id: int) -> list[Organisation]:
    """Return who may keep the other half of a key: the seller, then the regulators."""
    regulating = select(Membership.organisation_id).where(
        Membership.role == "regulator", col(Membership.ended_at).is_(None)
    )
    rows = session.exec(
        select(Organisation)
        .where(or_(col(Organisation.id) == seller_id, col(Organisation.id).in_(regulating)))
        .order_by(col(Organisation.id))
    ).all()
    return sorted(rows, key=lambda row: row.id != seller_id)


def _holder(session: Session, *, code: str, seller_id: int) -> int:
    if not code:
        return seller_id
    for row in holders(session, seller_id=seller_id):
        if row.code == code:
            return row.key
    raise NoSuchHolder(field="holder")
