"""Contracts on formula terms: signed, weighed, settled twice, called, objected to, debited."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.market.models import Contract, Listing
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.finals.claiming import say
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms
from remelt.platform.settlement.finals.entering import Result, call_price, enter_result
from remelt.platform.settlement.finals.terms import (
    CalledPrice,
    Limit,
    Penalty,
    Provisional,
    Terms,
    terms_json,
)
from remelt.web.demo.cast import HUBS
from remelt.web.demo.money.prices import INDEX
from remelt.web.demo.world import Week

FOLLOWS = f"0.74 * avg({INDEX}, QP) - 150 CNY/t with invoice 13%"
CALLED = f"0.72 * called({INDEX}) - 200 CNY/t with invoice 13%"
MOISTURE = Limit(analyte="moisture", decided="buyer", free_ppm=5_000)
DIRT = Limit(analyte="impurity", decided="buyer", free_ppm=10_000)
IRON = Penalty(
    analyte="Fe", splitting_ppm=400, above_ppm=6_000, step_ppm=1_000, fen_per_t=3_000
)  # fmt: skip
CLEAN = (
    ("buyer", "moisture", 13_000), ("buyer", "impurity", 8_000),
    ("seller", "Fe", 7_100), ("buyer", "Fe", 7_400),
)  # fmt: skip
DIRTY = (
    ("buyer", "moisture", 9_000), ("buyer", "impurity", 118_000),
    ("seller", "Fe", 5_200), ("buyer", "Fe", 5_300),
)  # fmt: skip
SIGNED, CALLED_PLACE = 5, 2
ON_ONE_TRUCK_G = 5_000_000


def sign(week: Week) -> list[str]:
    """Let the hubs' first aluminium contracts be signed on formulas; return their codes.

    One is called by its seller, the others follow an average.
    """
    with week.store.read() as session:
        codes = _aluminium_from_hubs(session, week)[:SIGNED]
    for place, code in enumerate(codes):
        with week.act() as session:
            _sign(session, week, code, called=place == CALLED_PLACE)
    return codes


def call(week: Week, codes: list[str]) -> None:
    """Let the seller of the called contract call today's price for two fifths of the tonnage."""
    for code in codes[CALLED_PLACE : CALLED_PLACE + 1]:
        with week.act() as session:
            contract = _contract(session, code)
            mass_g = contract.declared_mass_g * 2 // 5 // 1000 * 1000
            call_price(session, **_side(week, contract, "seller"), mass_g=mass_g)


def tell_results(week: Week, codes: list[str]) -> None:
    """Let laboratories tell of what has come in: the second load was dirty, which costs its seller.

    The seller of the first objects to its final settlement.
    """
    follow = [code for place, code in enumerate(codes) if place != CALLED_PLACE]
    with week.store.read() as session:
        settled = [
            code
            for code in follow
            if in_force(session, kind="contract", subject_code=code) is not None
        ]
    for place, code in enumerate(settled):
        for side, analyte, ppm in DIRTY if place == 1 else CLEAN:
            _told(week, code, side=side, result=Result(analyte=analyte, ppm=ppm))
    week.clock.advance(hours=2)
    for code in settled[:1]:
        with week.act() as session:
            contract = _contract(session, code)
            say(
                session, **_side(week, contract, "seller"), word="object", about="quality",
                text="演示：含水样品取自雨后，请求复检",
            )  # fmt: skip


def _told(week: Week, code: str, *, side: str, result: Result) -> None:
    week.clock.advance(minutes=6)
    with week.act() as session:
        contract = _contract(session, code)
        enter_result(session, **_side(week, contract, side), result=result)


def _terms(week: Week, contract: Contract, *, called: bool) -> Terms:
    provisional = Provisional(share_bp=9_300, weight="buyer")
    if called:
        today = week.clock.now().astimezone(BEIJING).date()
        window = CalledPrice(
            by="seller", first=today, last=today + timedelta(days=42),
            mass_g=contract.declared_mass_g, least_g=100_000,
        )  # fmt: skip
        return Terms(formula=CALLED, called=window, provisional=provisional, claim_days=10)
    return Terms(
        formula=FOLLOWS, quotation="D-4..D", provisional=provisional,
        limits=(MOISTURE, DIRT), penalties=(IRON,), umpire_fen=120_000, commission_bp=50,
        claim_days=10,
    )  # fmt: skip


def _sign(session: Session, week: Week, code: str, *, called: bool) -> None:
    contract = _contract(session, code)
    said = terms_json(_terms(week, contract, called=called))
    row = draft_terms(session, **_side(week, contract, "buyer"), said=said)
    week.clock.advance(minutes=9)
    seller = _side(week, contract, "seller")
    del seller["contract_code"]
    sign_terms(session, **seller, terms_code=row.code)


def _aluminium_from_hubs(session: Session, week: Week) -> list[str]:
    hubs = [week.stage[hub.key].organisation_id for hub in HUBS]
    return list(
        session.exec(
            select(Contract.code)
            .join(Listing, col(Listing.id) == col(Contract.listing_id))
            .where(
                col(Contract.seller_id).in_(hubs),
                Listing.metal == "Al",
                col(Contract.title_passed_at).is_(None),
                Contract.declared_mass_g <= ON_ONE_TRUCK_G,
            )
            .order_by(col(Contract.id))
        )
    )


def _contract(session: Session, code: str) -> Contract:
    return session.exec(select(Contract).where(Contract.code == code)).one()


def _side(week: Week, contract: Contract, side: str) -> dict[str, Any]:
    """Who acts on a contract: the first person of its buyer or seller."""
    organisation_id = contract.seller_id if side == "seller" else contract.buyer_id
    return {
        "clock": week.clock,
        "contract_code": contract.code,
        "organisation_id": organisation_id,
        "person_id": week.by_id(organisation_id).person_ids[0],
    }
