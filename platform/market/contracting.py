"""The contract that an award makes, and what of it is paid."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.codes import new_code
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Award, Bid
from remelt.platform.market.deposits import end_deposits
from remelt.platform.market.errors import LotSoldElsewhere
from remelt.platform.market.events import LotAwarded
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering
from remelt.platform.parties.models import Organisation, Site


def conclude(
    session: Session,
    locked: Offering,
    *,
    bid: Bid,
    decided_by: str,
    person_id: int | None,
    now: datetime,
) -> Contract:
    """Award what is locked to `bid` at once, with nobody in line behind it.

    Raises `LotSoldElsewhere` when another contract over the lot came before.
    """
    auction = locked.auction
    _refuse_sold(session, locked.listing)
    session.flush()
    award = Award(
        auction_id=auction.key, bid_id=bid.key, decided_by=decided_by, person_id=person_id,
        decided_at=now,
    )  # fmt: skip
    session.add(award)
    session.flush()
    said: dict[str, Any] = {"auction_id": auction.key, "listing_code": locked.listing.code}
    end_deposits(session, **said, ended_as="applied", now=now, of=[bid.bidder_id])
    end_deposits(session, **said, ended_as="released", now=now)
    return make_contract(session, locked, award=award, bid=bid, now=now)


def make_contract(
    session: Session, locked: Offering, *, award: Award, bid: Bid, now: datetime
) -> Contract:
    """Make the contract of an award and announce it; the listing lets go of its lot.

    Raises `LotSoldElsewhere` when another contract over the lot came before.
    """
    listing, auction = locked.listing, locked.auction
    _refuse_sold(session, listing)
    if auction.closed_at is None:
        auction.closed_at = now
    auction.awarded_at = listing.released_at = now
    session.flush()
    contract = _contract(locked, bid=bid, award_id=award.key, now=now)
    session.add(contract)
    session.flush()
    organisations = codes_of(session, Organisation, contract.seller_id, contract.buyer_id)
    sites = codes_of(session, Site, contract.from_site_id, contract.deliver_to_site_id)
    outbox.record(
        session,
        LotAwarded(
            at=now,
            contract_code=contract.code,
            listing_code=listing.code,
            lot_code=listing.lot_code,
            metal=listing.metal,
            seller_code=organisations[contract.seller_id],
            buyer_code=organisations[contract.buyer_id],
            from_site_code=sites[contract.from_site_id],
            deliver_to_site_code=sites[contract.deliver_to_site_id],
            declared_mass_g=contract.declared_mass_g,
            price_fen_per_t=contract.price_fen_per_t,
        ),
    )
    return contract


def note_paid(session: Session, *, contract_code: str, at: datetime | None) -> None:
    """Note since when a contract is paid in full, None where it is not (any more).

    What is paid no longer weighs on its buyer's credit. The first moment stands while it stays
    paid. A contract that was not made here weighs on nobody.
    """
    contract = session.exec(
        select(Contract).where(Contract.code == contract_code).with_for_update()
    ).one_or_none()
    if contract is not None:
        contract.paid_at = at and (contract.paid_at or at)
        session.add(contract)


def _refuse_sold(session: Session, listing: Listing) -> None:
    """Refuse to sell a lot that was sold to somebody else since it was listed."""
    last = queries.contract_of(session, lot_code=listing.lot_code)
    if last is None or last.refused_at is not None:
        return
    passed = last.title_passed_at
    gone = (
        passed is not None
        and listing.published_at is not None
        and (passed >= listing.published_at and last.buyer_id != listing.seller_id)
    )
    if passed is None or gone:
        raise LotSoldElsewhere(lot=listing.lot_code)


def _contract(locked: Offering, *, bid: Bid, award_id: int, now: datetime) -> Contract:
    listing = locked.listing
    return Contract(
        code=new_code(),
        listing_id=listing.key,
        award_id=award_id,
        lot_code=listing.lot_code,
        seller_id=listing.seller_id,
        buyer_id=bid.bidder_id,
        from_site_id=listing.site_id,
        deliver_to_site_id=bid.deliver_to_site_id,
        declared_mass_g=listing.declared_mass_g,
        price_fen_per_t=bid.price_fen_per_t,
        tax_included=listing.tax_included,
        vat_rate_bp=listing.vat_rate_bp,
        made_at=now,
        terms=_terms(locked),
    )


def _terms(locked: Offering) -> dict[str, Any]:
    listing = locked.listing
    return {
        "version": 1,
        "currency": "CNY",
        "weights": "first_weighing_away_from_seller",
        "title_passes": "first_weighing_away_from_seller",
        "price_mode": locked.auction.price_mode,
        "metal": listing.metal,
        "grade_system": listing.grade_system,
        "grade_code": listing.grade_code,
        "grade_edition": listing.grade_edition,
        "form": listing.form,
        "origin": listing.origin,
        "evidence": listing.evidence,
        "productive": listing.productive,
        "certificate": listing.certificate,
        "track": listing.track,
        "origin_area": listing.origin_area,
    }


def codes_of(session: Session, table: type[Organisation] | type[Site], *ids: int) -> dict[int, str]:
    """Return the public codes of organisations or sites by id."""
    rows = session.exec(select(table.id, table.code).where(col(table.id).in_(ids)))
    return {key: code for key, code in rows if key is not None}
