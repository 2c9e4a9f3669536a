"""What else a works does in a week: shreds, runs a line, pours a ladle, tolls, claims, corrects."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, SimulatedClock, month_of
from remelt.platform.works.lines import Ran, add_line, run_period
from remelt.platform.works.molten import Ladle, receive_ladle, send_ladle
from remelt.platform.works.molten import Tapped as Poured
from remelt.platform.works.sheets import ChargeLine, EnergyUse, LineProduct, Part, PeriodSheet
from remelt.platform.works.sorting import shred_lots
from remelt.platform.works.tolling import give_back, send_in, take_home, take_in
from remelt.platform.works.tolling_terms import Terms, accept_account, open_account
from remelt.platform.yard.returning import Cause, agree_bearers, receive_return, return_lot
from remelt.traceability import ledger
from remelt.traceability.credits.schemes import declare_scheme
from remelt.traceability.door.reading import opened
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import EventLot, LedgerEvent, Lot
from remelt.traceability.passports.certifying import issue
from remelt.traceability.passports.claiming import attribute
from remelt.traceability.rules.credits import CREDITS
from remelt.traceability.rules.credits import Terms as Scheme
from remelt.web.demo.stage import OnStage

SCHEME = {"group_code": "压铸锭", "metal": "Al", "grades": ("AD12.1",)}
SHREDDED_FROM_G = 200_000
DIVISION_G = 20_000
LADLE_G = 4_980_000
EMPTY_G = 3_200_000
FEE_FEN_PER_T = 65_000
"""Invented, like every price of the week."""


def declare(session: Session, *, clock: SimulatedClock, smelter: OnStage) -> None:
    """Put the ingot of a smelter under mass balance, by credits, from this month on."""
    declare_scheme(
        session,
        clock=clock,
        site_code=smelter.site_code,
        organisation=smelter.organisation_code,
        terms=Scheme(method=CREDITS, from_month=month_of(clock.now(session)), factor=(9, 10)),
        edition="演示-1",
        actor=_actor(smelter),
        **SCHEME,  # type: ignore[arg-type]  # the group's code, metal and grades
    )


def shred(session: Session, *, clock: SimulatedClock, hub: OnStage, lots: Sequence[Lot]) -> None:
    """Shred off-grade pieces into aluminium fractions and residue."""
    clock.advance(minutes=50)
    whole_g = sum(lot.mass_g for lot in lots)
    fine_g, residue_g = whole_g * 72 // 100, whole_g * 10 // 100
    dust_g = whole_g * 2 // 100
    shred_lots(
        session,
        taken_g={lot.code: None for lot in lots},
        parts=(
            Part(mass_g=fine_g, grade=("ReMA", "Twitch"), bay="C1"),
            Part(mass_g=whole_g - fine_g - residue_g - dust_g, grade=("ReMA", "Zorba"), bay="C2"),
            Part(mass_g=residue_g, waste=True, bay="C9"),
        ),
        losses={"dust": dust_g},
        energy=(EnergyUse(carrier="electricity", quantity=whole_g // 1000 * 45),),
        **_at(hub, clock),
    )


def send_back(
    session: Session, *, clock: SimulatedClock, buyer: OnStage, hub: OnStage, lot: Lot
) -> None:
    """Return a wet load after unloading; the hub agrees who bears the way and receives it."""
    clock.advance(minutes=35)
    why = Cause(
        cause="moisture", note="雨后含水", freight_by="there", co2e_by="here", co2e_g=86_000
    )
    made = return_lot(
        session, lot_code=lot.code, why=why, to_site=hub.site_code, **_at(buyer, clock)
    )
    clock.advance(hours=3)
    party = {"organisation_id": hub.organisation_id, "person_id": hub.person_ids[0]}
    agree_bearers(session, clock=clock, code=made.code, **party)
    receive_return(session, clock=clock, code=made.code, **party)


def pour(session: Session, *, clock: SimulatedClock, sender: OnStage, receiver: OnStage) -> None:
    """Deliver a ladle of liquid aluminium: both sides weigh it, and their notes meet."""
    clock.advance(minutes=40)
    said: dict[str, Any] = {"ladle": "包-3", "tap": "0412", "tare_g": EMPTY_G}
    send_ladle(
        session,
        ladle=Ladle(**said, gross_g=EMPTY_G + LADLE_G, temperature_c=812, at=clock.now(session)),
        what=Poured(alloy="Al99.70", standard="GB/T 1196"),
        to_site=receiver.site_code,
        **_at(sender, clock),
    )
    clock.advance(minutes=55)
    receive_ladle(
        session,
        ladle=Ladle(
            **said, gross_g=EMPTY_G + LADLE_G - 6_000, temperature_c=771, at=clock.now(session)
        ),
        sender=sender.organisation_code,
        **_at(receiver, clock),
    )


def run_line(session: Session, *, clock: SimulatedClock, smelter: OnStage, lot: Lot) -> Ran:
    """Run the rod line for a day on a cast lot; some copper stays in it."""
    clock.advance(hours=2)
    day = clock.now(session).astimezone(BEIJING).date()
    line = add_line(
        session, name="连铸连轧线", kind="rod_line", metal=lot.metal, **_at(smelter, clock)
    )
    stock_g, ends_g = lot.mass_g * 6 // 100, lot.mass_g * 2 // 100
    burnt_g = lot.mass_g * 4 // 1000
    rod_g = lot.mass_g - stock_g - ends_g - burnt_g
    sheet = PeriodSheet(
        since=day,
        until=day,
        method="level",
        charges=(ChargeLine(lot_code=lot.code),),
        products=(
            LineProduct(mass_g=rod_g, name="8 mm 铜杆", form="rod", metal_bp=9_995, bay="R1"),
            LineProduct(mass_g=ends_g, name="头尾料", form="rod", metal_bp=9_990, bay="R2"),
        ),
        closing_g=stock_g,
        losses_g={"burn_off": burnt_g},
        energy=(EnergyUse(carrier="electricity", quantity=lot.mass_g // 1000 * 95),),
    )
    return run_period(session, line_code=line.code, sheet=sheet, **_at(smelter, clock))


def toll(
    session: Session,
    *,
    clock: SimulatedClock,
    owner: OnStage,
    processor: OnStage,
    scrap: Lot,
    ingot: Lot,
) -> None:
    """Swap scrap of a hub for ingot of a smelter, for a fee by the tonne given back."""
    account = open_account(
        session,
        owner_site=owner.site_code,
        terms=Terms(
            metal="Al", product=ingot.grade_code, terms="swap", yield_bp=9_000,
            fee_fen_per_t=FEE_FEN_PER_T,
        ),
        **_at(processor, clock),
    )  # fmt: skip
    ours, theirs = _by(owner, clock, account.code), _by(processor, clock, account.code)
    accept_account(session, **ours)
    send_in(session, lot_code=scrap.code, **ours)
    clock.advance(hours=2)
    take_in(session, lot_code=scrap.code, mass_g=scrap.mass_g, **theirs)
    clock.advance(minutes=30)
    give_back(session, lot_code=ingot.code, **theirs)
    clock.advance(hours=2)
    take_home(session, lot_code=ingot.code, **ours)


def claim(session: Session, *, clock: SimulatedClock, smelter: OnStage, lot: Lot) -> None:
    """Attribute a part of the account's credits to a cast lot."""
    clock.advance(minutes=10)
    attribute(
        session,
        clock=clock,
        lot_code=lot.code,
        mass_g=lot.mass_g // 4,
        owner=smelter.organisation_code,
        actor=_actor(smelter),
    )


def certify(
    session: Session, *, clock: SimulatedClock, smelter: OnStage, lot: Lot, base_url: str
) -> None:
    """Issue the passport of a cast lot."""
    clock.advance(minutes=10)
    issue(
        session,
        clock=clock,
        lot_code=lot.code,
        base_url=base_url,
        actor=_actor(smelter),
        site=_site(smelter, lot),
    )


def correct(session: Session, *, clock: SimulatedClock, smelter: OnStage, lot: Lot) -> None:
    """Correct the last weighing of a charge by one division: what was cast of it is other metal."""
    clock.advance(hours=1)
    wrong = session.exec(
        select(LedgerEvent)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .where(EventLot.lot_id == lot.key, col(LedgerEvent.kind).in_(("weigh", "bring_in")))
        .order_by(col(LedgerEvent.id).desc())
        .limit(1)
    ).one()
    said_g = int(opened(session, wrong)["mass_g"])
    ledger.correct(
        session,
        clock=clock,
        event_hash=wrong.hash,
        mass_g=said_g - DIVISION_G,
        reason="演示：零点未归零",
        site=_site(smelter, lot),
        actor=_actor(smelter),
    )


def _at(player: OnStage, clock: SimulatedClock) -> dict[str, Any]:
    return {"clock": clock, "site_id": player.site_id, "person_id": player.person_ids[0]}


def _by(player: OnStage, clock: SimulatedClock, code: str) -> dict[str, Any]:
    return {
        "clock": clock,
        "code": code,
        "organisation_id": player.organisation_id,
        "person_id": player.person_ids[0],
    }


def _actor(player: OnStage) -> str:
    return f"person:{player.person_codes[0]}"


def _site(player: OnStage, lot: Lot) -> SiteRef:
    return SiteRef(code=player.site_code, adcode=lot.adcode)
