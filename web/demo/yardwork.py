"""The hubs' part of the week: buying at the gate, weighing, sorting."""

import random

from sqlmodel import Session, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.market.drafts import FixedPrice, ListingDraft
from remelt.platform.market.listings import StockLot, publish_stock
from remelt.platform.market.models import Listing
from remelt.platform.works.sheets import EnergyUse, Part
from remelt.platform.works.sorting import sort_lot
from remelt.platform.yard.gate import buy, confirm_gate_payment
from remelt.platform.yard.models import GatePayment, Ticket
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from remelt.platform.yard.weighing import weigh_lot
from remelt.platform.yard.weights import DeductionGiven
from remelt.traceability.models import Lot
from remelt.web.demo.goods import BOARD, GOODS
from remelt.web.demo.stage import OnStage
from remelt.web.demo.trading import VAT_BP, evening

TRUCK_G = 9_640_000
METHODS = ("cash", "wechat", "alipay", "bank")
SORTED_FROM_G = 1_000_000


def buy_at_gate(
    session: Session, *, clock: SimulatedClock, hub: OnStage, number: int, dice: random.Random
) -> Ticket:
    """Buy a walk-in seller's load of one or two materials and pay at once."""
    clock.advance(minutes=dice.randint(8, 25))
    codes = dice.sample(BOARD[:4], k=1 + number % 2)
    lines = []
    above = 0
    for code in reversed(codes):
        net = dice.randint(9, 60) * 20_000
        lines.append(_line(code, tare_g=3_200_000 + above, net_g=net, dice=dice))
        above += net
    ticket = buy(
        session,
        clock=clock,
        site_id=hub.site_id,
        person_id=hub.person_ids[0],
        seller=SellerGiven(name=f"演示散户{number}", plate=f"贵A·演{number:03d}"),
        lines=tuple(reversed(lines)),
        method=METHODS[number % len(METHODS)],
        mode="successive" if len(lines) > 1 else "platform",
        reference="演示转账" if METHODS[number % len(METHODS)] == "bank" else "",
    )
    session.flush()
    payment = session.exec(select(GatePayment).where(GatePayment.ticket_id == ticket.id)).one()
    if payment.needs_second:
        confirm_gate_payment(
            session,
            clock=clock,
            ticket_code=ticket.code,
            organisation_id=hub.organisation_id,
            person_id=hub.person_ids[1],
        )
    return ticket


def weigh(
    session: Session,
    *,
    clock: SimulatedClock,
    site: OnStage,
    lot: Lot,
    expected_g: int,
    dice: random.Random,
) -> Ticket:
    """Weigh a handed-over lot on the platform scale, a little off what was said of it."""
    clock.advance(minutes=dice.randint(4, 11))
    division = site.player.site.scale_division_g or 20_000
    off = dice.randint(-15, 5) if lot.mass_g == 0 else dice.choice((0, 0, 0, -1))
    net = max(division, (expected_g + off * division) // division * division)
    deductions: tuple[DeductionGiven, ...] = ()
    if lot.mass_g == 0 and dice.random() < 0.4:  # noqa: PLR2004 - four loads in ten are wet or dirty
        deductions = (DeductionGiven(kind="dirt", share_bp=dice.randint(30, 150), accepted=True),)
    return weigh_lot(
        session,
        clock=clock,
        site_id=site.site_id,
        person_id=site.person_ids[0],
        lot_code=lot.code,
        gross_g=TRUCK_G + net,
        tare_g=TRUCK_G,
        deductions=deductions,
        plate=f"贵A·演T{dice.randint(1, 9)}",
    )


def sort_heap(
    session: Session, *, clock: SimulatedClock, hub: OnStage, lot: Lot, dice: random.Random
) -> Lot:
    """Sort a bay's heap: clean metal, off-grade pieces, dirt; return the clean lot."""
    clock.advance(minutes=dice.randint(40, 90))
    clean = lot.mass_g * dice.randint(900, 935) // 1000 // 1000 * 1000
    off_grade = lot.mass_g * 45 // 1000 // 1000 * 1000
    dirt = lot.mass_g - clean - off_grade
    done = sort_lot(
        session,
        clock=clock,
        site_id=hub.site_id,
        person_id=hub.person_ids[0],
        lot_code=lot.code,
        parts=(
            Part(mass_g=clean, form="bale", bay="A1"),
            Part(mass_g=off_grade, grade=("ReMA", "Thorn"), form="loose", bay="B2"),
        ),
        losses={"dirt": dirt},
        energy=(EnergyUse(carrier="electricity", quantity=clean // 1000 * 18),),
    )
    return done.outputs[0]


def offer_stock(session: Session, *, clock: SimulatedClock, hub: OnStage, lot: Lot) -> Listing:
    """Offer a sorted lot at a fixed price."""
    clock.advance(minutes=5)
    good = GOODS[lot.grade_code]
    now = clock.now(session)
    draft = ListingDraft(
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        form="bale",
        declared_mass_g=lot.mass_g,
        origin=lot.origin,
        evidence="documented",
        productive=False,
        hazard_free=True,
        radiation_checked=True,
        no_sealed_vessels=True,
        track="in_province",
        price=FixedPrice(price_fen_per_t=good.price_fen_per_t * 102 // 100 // 1000 * 1000),
        tax_included=True,
        vat_rate_bp=VAT_BP,
        closes_at=evening(now).replace(hour=23),
    )
    return publish_stock(
        session,
        clock=clock,
        seller_id=hub.organisation_id,
        person_id=hub.person_ids[0],
        site_id=hub.site_id,
        draft=draft,
        lot=StockLot(
            lot_code=lot.code,
            owner_code=lot.owner,
            metal=lot.metal,
            grade_system=lot.grade_system,
            grade_code=lot.grade_code,
            form=lot.form,
            mass_g=lot.mass_g,
            origin=lot.origin,
            evidence=lot.evidence,
            pooled=lot.pool_key is not None,
            heel=lot.role == "heel",
        ),
    )


def _line(code: str, *, tare_g: int, net_g: int, dice: random.Random) -> LineGiven:
    deductions: tuple[DeductionGiven, ...] = ()
    if dice.random() < 0.3:  # noqa: PLR2004 - three loads in ten bring dirt
        dirt_g = dice.randint(1, 4) * 5_000
        deductions = (DeductionGiven(kind="dirt", mass_g=dirt_g, accepted=True),)
    return LineGiven(
        grade=code,
        gross_g=tare_g + net_g,
        tare_g=tare_g,
        deductions=deductions,
        form=GOODS[code].form,
        origin=GOODS[code].origin,
        evidence="implied",
    )
