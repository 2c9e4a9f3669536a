"""Opening a combined sale over one's own listings, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.combined.errors import (
    InCombinedSale,
    NoSuchSale,
    OffersStand,
    SaleOver,
    TermsDiffer,
)
from remelt.platform.market.combined.events import CombinedSaleOpened, CombinedSaleWithdrawn
from remelt.platform.market.combined.models import CombinedSale, SaleLot
from remelt.platform.market.combined.rules import SaleTerms, check_terms, is_over
from remelt.platform.market.deposits import end_deposits
from remelt.platform.market.drafts import check_price
from remelt.platform.market.errors import (
    BiddingNotOpen,
    BidsStand,
    ListingIsWithdrawn,
    NoSuchListing,
    UnknownWord,
)
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering
from remelt.platform.market.tenders.binding import refuse_bound
from remelt.platform.parties import queries as parties

MOST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLotDraft:
    """One lot as its seller puts it into a sale.

    reserve_fen_per_t: None for what its listing asks. exempt: why the grade-preserving rule is not
    for it, empty where it is.
    """

    listing_code: str
    reserve_fen_per_t: int | None = None
    exempt: str = ""


def open_sale(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    terms: SaleTerms,
    lots: Sequence[SaleLotDraft],
) -> CombinedSale:
    """Sell several of one's own listings at once; their own auctions end here, without a buyer.

    The listings are on the board and have no accepted offer. They keep holding their lots, so that
    nobody else sells them.
    Raises `TooFewLots`, `BadTimes`, `UnknownWord`, `NoSuchListing`, `BidsStand`, `TermsDiffer`,
    `InCombinedSale`, `ListingIsWithdrawn`, `BiddingNotOpen` or `PriceOutOfBounds`.
    """
    drafts = {each.listing_code: each for each in lots}
    check_terms(terms, lots=len(drafts), now=clock.now(session))
    found = _locked(session, codes=list(drafts), seller_id=seller_id)
    now = clock.now(session)
    check_terms(terms, lots=len(drafts), now=now)
    _check_free(session, found, now=now)
    first = found[0].listing
    sale = CombinedSale(
        code=new_code(), seller_id=seller_id, person_id=person_id, title=terms.title,
        tax_included=first.tax_included, vat_rate_bp=first.vat_rate_bp,
        freight_fen_per_tkm=terms.freight_fen_per_tkm, co2e_g_per_tkm=terms.co2e_g_per_tkm,
        carbon_fen_per_t=terms.carbon_fen_per_t, preserve_permille=terms.preserve_permille,
        whole=terms.whole, opened_at=now, closes_at=terms.closes_at,
    )  # fmt: skip
    session.add(sale)
    session.flush()
    families = _families(session, found)
    for number, each in enumerate(found):
        each.auction.closed_at = now
        end_deposits(
            session, auction_id=each.auction.key, listing_code=each.listing.code,
            ended_as="released", now=now,
        )  # fmt: skip
        session.add(_lot(sale, each, drafts[each.listing.code], number, families))
    session.flush()
    outbox.record(
        session,
        CombinedSaleOpened(
            at=now, sale_code=sale.code, closes_at=sale.closes_at,
            seller_code=parties.organisation_by_id(session, organisation_id=seller_id).code,
            lot_codes=tuple(each.listing.lot_code for each in found),
        ),
    )  # fmt: skip
    return sale


def lock_sale(session: Session, *, code: str) -> CombinedSale:
    """Return a sale, locked until the transaction ends. Raises `NoSuchSale`."""
    sale = session.exec(
        select(CombinedSale)
        .where(CombinedSale.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if sale is None:
        raise NoSuchSale(sale=code[:20])
    return sale


def lots_of(session: Session, *, sale_id: int) -> list[tuple[SaleLot, Listing]]:
    """Return the lots of a sale in their order, each with its listing."""
    rows = session.exec(
        select(SaleLot, Listing)
        .join(Listing, col(Listing.id) == col(SaleLot.listing_id))
        .where(SaleLot.sale_id == sale_id)
        .order_by(col(SaleLot.ord))
    )
    return [(lot, listing) for lot, listing in rows]


def refuse_in_sale(session: Session, listing: Listing) -> None:
    """Refuse to touch a listing that a sale is to decide about. Raises `InCombinedSale`."""
    found = session.exec(
        select(CombinedSale.id)
        .join(SaleLot, col(SaleLot.sale_id) == col(CombinedSale.id))
        .where(
            SaleLot.listing_id == listing.key,
            col(CombinedSale.decided_at).is_(None),
            col(CombinedSale.withdrawn_at).is_(None),
        )
    ).first()
    if found is not None:
        raise InCombinedSale(lot=listing.lot_code)


def take_back_sale(
    session: Session, *, clock: Clock, sale_code: str, seller_id: int
) -> CombinedSale:
    """Take back a sale that nobody made an offer in; its lots are free again.

    Raises `NoSuchSale`, `SaleOver`, `OffersStand`.
    """
    sale = lock_sale(session, code=sale_code)
    if sale.seller_id != seller_id:
        raise NoSuchSale(sale=sale_code[:20])
    now = clock.now(session)
    if sale.withdrawn_at is not None:
        return sale
    if is_over(sale, now=now):
        raise SaleOver(sale=sale.code)
    if sale.offers:
        raise OffersStand
    sale.withdrawn_at = now
    for _lot_row, listing in lots_of(session, sale_id=sale.key):
        listing.released_at = listing.released_at or now
    outbox.record(session, CombinedSaleWithdrawn(at=now, sale_code=sale.code))
    return sale


def _locked(session: Session, *, codes: Sequence[str], seller_id: int) -> list[Offering]:
    """Return own listings with their auctions, locked in the order of their auctions."""
    rows = session.exec(
        select(Auction, Listing)
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(col(Listing.code).in_(codes), Listing.seller_id == seller_id)
        .order_by(col(Auction.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    missing = sorted(set(codes) - {listing.code for _auction, listing in rows})
    if missing:
        raise NoSuchListing(listing=missing[0][:20])
    return [Offering(listing=listing, auction=auction) for auction, listing in rows]


def _check_free(session: Session, found: Sequence[Offering], *, now: datetime) -> None:
    """Refuse listings that are off the board, have offers, or differ in tax."""
    taken = set(
        session.exec(
            select(SaleLot.listing_id).where(
                col(SaleLot.listing_id).in_([each.listing.key for each in found])
            )
        )
    )
    first = found[0].listing
    for each in found:
        listing, auction = each.listing, each.auction
        if listing.key in taken:
            raise InCombinedSale(lot=listing.lot_code)
        if listing.released_at is not None or now >= auction.closes_at or auction.closed_at:
            raise ListingIsWithdrawn(listing=listing.code)
        if auction.bid_count or auction.shut:
            raise BidsStand(listing=listing.code)
        refuse_bound(session, listing)
        if now < auction.opens_at:
            raise BiddingNotOpen
        same = (listing.tax_included, listing.vat_rate_bp)
        if same != (first.tax_included, first.vat_rate_bp):
            raise TermsDiffer(field="lots", lot=listing.lot_code)


def _families(session: Session, found: Sequence[Offering]) -> Mapping[tuple[str, str, str], str]:
    codes = {each.listing.grade_code for each in found}
    rows = session.exec(select(Grade).where(col(Grade.code).in_(codes)))
    return {(row.system, row.code, row.edition): row.family for row in rows}


def _lot(
    sale: CombinedSale,
    found: Offering,
    draft: SaleLotDraft,
    number: int,
    families: Mapping[tuple[str, str, str], str],
) -> SaleLot:
    listing = found.listing
    reserve = draft.reserve_fen_per_t
    if reserve is None:
        reserve = found.auction.start_fen_per_t
    check_price(reserve, field="reserve_fen_per_t")
    if len(draft.exempt) > MOST_REASON or "\0" in draft.exempt:
        raise UnknownWord(field="exempt", value=draft.exempt[:40])
    grade = (listing.grade_system, listing.grade_code, listing.grade_edition)
    return SaleLot(
        sale_id=sale.key, ord=number, listing_id=listing.key, reserve_fen_per_t=reserve,
        wrought=families.get(grade) == "wrought", exempt=draft.exempt.strip(),
    )  # fmt: skip
