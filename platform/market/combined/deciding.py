"""The end of a combined sale: the close, the solver's job, the award and every contract of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs, outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.combined.events import CombinedSaleClosed, CombinedSaleDecided
from remelt.platform.market.combined.models import (
    CombinedSale,
    PackageLine,
    PackageOffer,
    SaleLot,
)
from remelt.platform.market.combined.offering import ways
from remelt.platform.market.combined.opening import lock_sale, lots_of
from remelt.platform.market.combined.rules import GoodLot, StandingOffer, problem_of
from remelt.platform.market.contracting import conclude
from remelt.platform.market.errors import LotSoldElsewhere
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.winners.codec import fingerprint, sale_to_json
from remelt.platform.market.winners.verifier import check

JOB_KIND: Final = "market.award"
DEADLINE_S: Final = 300.0
DUE_AT_ONCE: Final = 20


def close_due(session: Session, *, clock: Clock) -> int:
    """Close sales whose time is over, all in the session at hand."""
    codes = due(session, now=clock.now(session))
    return sum(close(session, clock=clock, sale_code=code) for code in codes)


def due(
    session: Session, *, now: datetime, limit: int = DUE_AT_ONCE, but: Collection[str] = ()
) -> list[str]:
    """Return the codes of sales that are over and whose close is not recorded, except `but`."""
    rows = session.exec(
        select(CombinedSale.code)
        .where(
            col(CombinedSale.withdrawn_at).is_(None),
            col(CombinedSale.closed_at).is_(None),
            col(CombinedSale.closes_at) <= now,
            col(CombinedSale.code).not_in(list(but)),
        )
        .order_by(col(CombinedSale.id))
        .limit(limit)
    )
    return list(rows)


def close(session: Session, *, clock: Clock, sale_code: str) -> bool:
    """End a sale whose time is over and queue its award; True when this call did."""
    sale = lock_sale(session, code=sale_code)
    now = clock.now(session)
    if sale.withdrawn_at is not None or sale.closed_at is not None or now < sale.closes_at:
        return False
    sale.closed_at = now
    ask_award(session, sale, clock=clock)
    outbox.record(
        session,
        CombinedSaleClosed(
            at=now, sale_code=sale.code, offers=sale.offers, problem_sha256=sale.problem_sha256
        ),
    )
    return True


def keep_award(
    session: Session, payload: dict[str, Any], result: dict[str, Any], *, clock: Clock
) -> None:
    """Make every award and contract of a sale in one transaction: the end of its solver's job.

    The certificate is verified once more. Where a lot that won was lost in between (an inspection
    holds it, it was sold elsewhere), nothing is awarded: the rest of the sale is decided anew.
    """
    sale = lock_sale(session, code=payload["sale"])
    if sale.decided_at is not None or payload["sha256"] != sale.problem_sha256:
        return
    problem = sale.problem or {}
    if check(problem, result["certificate"]):
        raise ArithmeticError("the verifier refuses the award")
    now = clock.now(session)
    try:
        with outbox.savepoint(session):
            won = _conclude(session, sale, winners=result["certificate"]["winners"], clock=clock)
    except LotSoldElsewhere as lost:
        _drop(session, sale, lot_code=str(lost.facts["lot"]), clock=clock)
        ask_award(session, sale, clock=clock)
        return
    for _lot, listing in lots_of(session, sale_id=sale.key):
        listing.released_at = listing.released_at or now
    sale.result, sale.decided_at = result, now
    outbox.record(
        session,
        CombinedSaleDecided(
            at=now, sale_code=sale.code, problem_sha256=sale.problem_sha256, winners=tuple(won),
            score_fen=result["search"]["score_fen"], bound_fen=result["search"]["bound_fen"],
        ),
    )  # fmt: skip


def ask_award(session: Session, sale: CombinedSale, *, clock: Clock) -> None:
    """Write down what is to be decided, and queue the solver's job."""
    sale.problem = sale_to_json(_problem(session, sale))
    sale.problem_sha256 = fingerprint(sale.problem)
    sale.job_code, sale.stuck_at, sale.stuck_for = new_code(), None, ""
    session.add(sale)
    jobs.enqueue(
        session,
        code=sale.job_code,
        kind=JOB_KIND,
        payload={"sale": sale.code, "sha256": sale.problem_sha256, "problem": sale.problem},
        clock=clock,
    )


def _problem(session: Session, sale: CombinedSale) -> Any:
    lots = [pair for pair in lots_of(session, sale_id=sale.key) if pair[1].released_at is None]
    offers, lines = standing(session, sale_id=sale.key)
    by_id = {lot.key: listing for lot, listing in lots}
    goals = sorted({offer.deliver_to_site_id for offer in offers})
    counted = bool(sale.freight_fen_per_tkm or sale.co2e_g_per_tkm) and bool(goals)
    road = ways(session, list(by_id.values()), to_site_ids=goals) if counted else {}
    return problem_of(
        sale,
        lots=[_good(lot, listing) for lot, listing in lots],
        offers=[_standing(offer, lines[offer.key], by_id, road) for offer in offers],
    )


def standing(
    session: Session, *, sale_id: int
) -> tuple[list[PackageOffer], dict[int, list[PackageLine]]]:
    """Return the offers of a sale that stand, in their order, and their lines by offer."""
    offers = session.exec(
        select(PackageOffer)
        .where(PackageOffer.sale_id == sale_id, col(PackageOffer.taken_back_at).is_(None))
        .order_by(col(PackageOffer.seq))
    ).all()
    lines: dict[int, list[PackageLine]] = {offer.key: [] for offer in offers}
    rows = session.exec(
        select(PackageLine)
        .join(PackageOffer, col(PackageOffer.id) == col(PackageLine.offer_id))
        .where(PackageOffer.sale_id == sale_id, col(PackageOffer.taken_back_at).is_(None))
        .order_by(col(PackageLine.id))
    )
    for line in rows:
        lines[line.offer_id].append(line)
    return list(offers), lines


def _good(lot: SaleLot, listing: Listing) -> GoodLot:
    return GoodLot(
        key=listing.lot_code,
        mass_g=listing.declared_mass_g,
        reserve_fen_per_t=lot.reserve_fen_per_t,
        preserved=lot.wrought and not lot.exempt,
    )


def _standing(
    offer: PackageOffer,
    lines: Sequence[PackageLine],
    listings: Mapping[int, Listing],
    road: Mapping[tuple[int, int], int],
) -> StandingOffer:
    """Return an offer by lot codes; a lot that fell out of the sale has the code of none."""
    codes = {
        line.lot_id: listings[line.lot_id].lot_code if line.lot_id in listings else "gone"
        for line in lines
    }
    return StandingOffer(
        seq=offer.seq,
        bidder_id=offer.bidder_id,
        prices={codes[line.lot_id]: line.price_fen_per_t for line in lines},
        road_m={
            codes[lot]: road.get((listings[lot].site_id, offer.deliver_to_site_id), 0)
            for lot in codes
            if lot in listings
        },
        wrought=offer.wrought,
        mark=offer.mark,
        capacity_g=offer.capacity_g,
    )


def _conclude(
    session: Session, sale: CombinedSale, *, winners: Sequence[str], clock: Clock
) -> list[int]:
    """Award every lot of the winning offers. Raises `LotSoldElsewhere` for one that is lost."""
    offers, lines = standing(session, sale_id=sale.key)
    listings = {lot.key: listing for lot, listing in lots_of(session, sale_id=sale.key)}
    won = [offer for offer in offers if f"O{offer.seq}" in set(winners)]
    wanted = [(line, offer) for offer in won for line in lines[offer.key]]
    for line, offer in sorted(wanted, key=lambda pair: listings[pair[0].lot_id].key):
        locked = lock_offering(session, code=listings[line.lot_id].code)
        if locked.listing.released_at is not None:
            raise LotSoldElsewhere(lot=locked.listing.lot_code)
        bid = _bid(session, locked, offer, price_fen_per_t=line.price_fen_per_t)
        conclude(
            session, locked, bid=bid, decided_by="sale", person_id=None, now=clock.now(session)
        )
    return [offer.seq for offer in won]


def _bid(session: Session, locked: Offering, offer: PackageOffer, *, price_fen_per_t: int) -> Bid:
    """Record what an offer pays for one lot in the auction of that lot, as its one accepted bid."""
    auction: Auction = locked.auction
    auction.bid_seq += 1
    bid = Bid(
        auction_id=auction.key, seq=auction.bid_seq, bidder_id=offer.bidder_id,
        person_id=offer.person_id, deliver_to_site_id=offer.deliver_to_site_id,
        price_fen_per_t=price_fen_per_t, placed_at=offer.placed_at, verdict="accepted",
        closes_at=auction.closes_at,
    )  # fmt: skip
    session.add(bid)
    session.flush()
    auction.bid_count += 1
    auction.leading_fen_per_t, auction.leading_bid_id = price_fen_per_t, bid.key
    return bid


def _drop(session: Session, sale: CombinedSale, *, lot_code: str, clock: Clock) -> None:
    """Let a lot that is lost fall out of the sale."""
    for _lot, listing in lots_of(session, sale_id=sale.key):
        if listing.lot_code == lot_code:
            listing.released_at = listing.released_at or clock.now(session)
    session.flush()
