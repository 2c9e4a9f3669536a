"""The terms of an auction: kept where they depart from the plain ones, else the plain ones."""

from sqlmodel import Session, select

from remelt.platform.market.cascade import Terms
from remelt.platform.market.score import Rates
from remelt.platform.market.terms_models import AuctionTerms


def terms_of(session: Session, *, auction_id: int) -> AuctionTerms:
    """Return the terms of an auction; the plain ones where none were set."""
    row = session.exec(
        select(AuctionTerms).where(AuctionTerms.auction_id == auction_id)
    ).one_or_none()
    return row or AuctionTerms(auction_id=auction_id)


def turns_of(terms: AuctionTerms) -> Terms:
    """Return what has to happen before the contract is made: deciding by hand is verifying."""
    return Terms(verify_s=terms.verify_s or terms.decide_s, pay_s=terms.pay_s)


def leader_alone(terms: AuctionTerms) -> bool:
    """Tell whether the best offer alone waits for the seller's word, and all others are free."""
    return terms.verify_s is None and terms.pay_s is None


def rates_of(terms: AuctionTerms) -> Rates:
    """Return by what sealed offers are ranked."""
    return Rates(
        side="sale",
        freight_fen_per_tkm=terms.freight_fen_per_tkm,
        co2e_g_per_tkm=terms.co2e_g_per_tkm,
        carbon_fen_per_t=terms.carbon_fen_per_t,
    )
