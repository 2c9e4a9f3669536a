"""Small lots answered with board prices: yards nearby take part with what hangs at their gate.

A lot under the least mass of an auction is offered at a fixed price. Yards whose board holds its
grade, or what trade calls by the same word, are told; one press answers with the board's price as
an offer that binds, and the seller takes the best.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.boards import BoardLine, board
from remelt.platform.market.following.errors import NoBoardAnswer
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.models import PriceBoardEntry
from remelt.platform.market.needs.matching import Kin
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.proposals.haggling import Named, propose
from remelt.platform.market.proposals.models import Proposal
from remelt.platform.market.ways import distance_m
from remelt.platform.parties.models import Site

NEAR_M: Final = 150_000
BINDS: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class BoardOffer:
    """What a yard's board pays for a lot today, and how far away the yard is (None: not known)."""

    site: Site
    line: BoardLine
    distance_m: int | None


def is_small(lot: Offering, *, house: HouseRules = HOUSE) -> bool:
    """Tell whether a lot is one that yards answer with their board prices."""
    return lot.auction.kind == "fixed" and lot.listing.declared_mass_g < house.min_auction_g


def board_offers(
    session: Session,
    lot: Offering,
    *,
    at: datetime,
    organisation_id: int | None = None,
    kin: Kin | None = None,
) -> list[BoardOffer]:
    """Return what the boards of yards within 150 km pay for a lot at `at`, the best first.

    A board counts with its line of the lot's grade, or of one that trade calls by the same word,
    for a mass not above the lot's, with or without invoice as the lot is offered. Of equal prices
    the nearer. organisation_id: of one organisation's yards alone, however far. kin: the grades of
    one name, where they were looked up already. At most five statements.
    """
    listing = lot.listing
    here = session.exec(select(Site).where(Site.id == listing.site_id)).one()
    statement = select(Site).where(
        col(Site.ended_at).is_(None),
        Site.organisation_id != listing.seller_id,
        col(Site.id).in_(select(PriceBoardEntry.site_id)),
    )
    if organisation_id is not None:
        statement = statement.where(Site.organisation_id == organisation_id)
    far = {site.key: (site, distance_m(here, site)) for site in session.exec(statement)}
    near = [
        key
        for key, (_site, metres) in far.items()
        if organisation_id is not None or (metres is not None and metres <= NEAR_M)
    ]
    if not near:
        return []
    grade = (listing.grade_system, listing.grade_code)
    meant = (catalogue.kin(session) if kin is None else kin).get(grade, frozenset({grade}))
    best: dict[int, BoardLine] = {}
    for line in board(session, site_ids=near, at=at):
        if _prices(line, lot, meant=meant) and _better(line, best.get(line.site_id)):
            best[line.site_id] = line
    found = [BoardOffer(far[key][0], line, far[key][1]) for key, line in best.items()]
    return sorted(found, key=lambda each: (-each.line.price_fen_per_t, each.distance_m or 0))


def answer_with_board(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    buyer_id: int,
    person_id: int,
    site_id: int | None = None,
    house: HouseRules = HOUSE,
) -> Proposal:
    """Offer what hangs at the gate: the board's price, delivered to that yard, binding for a day.

    site_id: which of one's yards; None for the one that pays most. The price is the board's at this
    moment, never a typed one. Raises `NoBoardAnswer` where no board of the organisation prices the
    lot, or it is no small one, and what `propose` raises.
    """
    lot = offering(session, code=listing_code)
    now = clock.now(session)
    small = is_small(lot, house=house)
    found = board_offers(session, lot, at=now, organisation_id=buyer_id) if small else []
    chosen = [each for each in found if site_id in (None, each.site.key)]
    if not chosen:
        raise NoBoardAnswer(listing=listing_code[:20])
    return propose(
        session,
        clock=clock,
        listing_code=listing_code,
        buyer_id=buyer_id,
        person_id=person_id,
        deliver_to_site_id=chosen[0].site.key,
        named=Named(
            price_fen_per_t=chosen[0].line.price_fen_per_t,
            expires_at=min(now + BINDS, lot.auction.closes_at),
        ),
    )


def _prices(line: BoardLine, lot: Offering, *, meant: frozenset[tuple[str, str]]) -> bool:
    return (
        (line.grade_system, line.grade_code) in meant
        and line.with_invoice == lot.listing.tax_included
        and line.tier_from_g <= lot.listing.declared_mass_g
    )


def _better(line: BoardLine, held: BoardLine | None) -> bool:
    """Of a board's lines the one of the highest tier counts, then the higher price."""
    if held is None:
        return True
    return (line.tier_from_g, line.price_fen_per_t) > (held.tier_from_g, held.price_fen_per_t)
