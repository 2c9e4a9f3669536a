"""Works for tests: a hub and a smelter with something to sort and to melt."""

from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, month_of
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.furnaces import add_furnace
from remelt.platform.works.heats import melt
from remelt.platform.works.line_models import ProductionLine
from remelt.platform.works.lines import Ran, add_line, run_period
from remelt.platform.works.models import Furnace
from remelt.platform.works.sheets import (
    CastLine,
    ChargeLine,
    EnergyUse,
    HeatSheet,
    LineProduct,
    Part,
    PeriodSheet,
)
from remelt.platform.works.sorting import sort_lot
from remelt.platform.works.tolling_terms import Terms, open_account
from remelt.platform.yard.returning import Cause, return_lot
from remelt.traceability import ledger
from remelt.traceability.corrections.workings import working
from remelt.traceability.ledger import LotSpec, SiteRef
from remelt.traceability.models import Lot
from remelt.traceability.rules.reckoning import Reckoning
from tests.parties import Party, a_party

CANS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Taldon",
    form="shred",
    origin="post_consumer",
    metal_bp=9_400,
    track="520115",
)
CLIPS = LotSpec(
    metal="Al",
    grade_system="CN-trade",
    grade_code="CN-6063-bai",
    form="extrusion",
    origin="pre_consumer",
    metal_bp=9_800,
    track="520181",
)
ALLOY = {"alloy": "6063", "standard": "AA / GB/T 3190"}


def a_lot(
    session: Session,
    *,
    clock: Clock,
    at: Party,
    spec: LotSpec = CANS,
    mass_g: int = 1_000_000,
    owner: str | None = None,
) -> Lot:
    """Bring a weighed lot into the stock of a party's site, the party's own or another's."""
    return ledger.bring_in(
        session,
        clock=clock,
        lot_code=new_code(),
        spec=spec,
        mass_g=mass_g,
        owner=owner or at.organisation.code,
        custodian=at.organisation.code,
        site=SiteRef(code=at.site.code, adcode=at.site.adcode),
        actor=f"person:{at.person.code}",
    )


def mass_of(store: Any, event_hash: str) -> Reckoning:
    """What a working weighs in and out, as the ledger has it now."""
    with store.read() as session:
        return working(session, event_hash=event_hash).mass


def correct_weighing(store: Any, *, clock: Clock, at: Party, lot: Lot, mass_g: int) -> None:
    """Say the mass of a lot that was brought in anew."""
    with store.write() as session:
        ledger.correct(
            session,
            clock=clock,
            event_hash=lot.made_by,
            mass_g=mass_g,
            reason="scale slipped",
            site=SiteRef(code=at.site.code, adcode=at.site.adcode),
            actor=f"person:{at.person.code}",
        )


def a_furnace(session: Session, *, clock: Clock, at: Party, **changes: object) -> Furnace:
    """Set up a 10 t furnace with a meter."""
    terms: dict[str, object] = {
        "name": "1号炉",
        "kind": "reverberatory",
        "metal": "Al",
        "capacity_g": 10_000_000,
        "has_meter": True,
    }
    return add_furnace(
        session,
        clock=clock,
        site_id=at.site.key,
        person_id=at.person.key,
        **(terms | changes),  # type: ignore[arg-type]
    )


def a_sheet(furnace: Furnace, *lots: Lot, **changes: object) -> HeatSheet:
    """Charge whole lots; cast 94 % of them, 3 % dross, 3 % burnt off."""
    charged = sum(lot.mass_g for lot in lots)
    terms: dict[str, object] = {
        "furnace_code": furnace.code,
        "charges": tuple(ChargeLine(lot_code=lot.code) for lot in lots),
        "casts": (CastLine(mass_g=charged * 94 // 100),),
        "dross_g": charged * 3 // 100,
        "losses_g": {"burn_off": charged * 3 // 100},
        "energy": (
            EnergyUse(carrier="electricity", quantity=50_000),
            EnergyUse(carrier="natural_gas", quantity=60_000),
        ),
        **ALLOY,
    }
    return HeatSheet(**(terms | changes))  # type: ignore[arg-type]


def works_objects(world: Any, session: Session) -> None:
    """A lot and a sorting of each hub and smelter, a furnace and a heat of each smelter."""
    for walker in ("smelter", "hub"):  # the first one's stand for all who make none
        codes = [
            _codes(session, clock=world.clock, at=party, melts=walker == "smelter")
            for party in (world.own[walker], world.other[walker])
        ]
        for name, code in codes[0].items():
            if walker == "smelter":
                world.give(name, own=code, other=codes[1][name])
        for name, code in codes[0].items():
            world.give(name, own=code, other=codes[1][name], walker=walker)


def month_objects(world: Any, session: Session) -> None:
    """The month in which the smelters' heats were tapped."""
    month = month_of(world.clock.now(session))
    world.give("month", own=month, other=month)


def _ran(session: Session, *, clock: Clock, at: Party) -> Ran:
    """A drained day of a rod line."""
    terms: dict[str, Any] = {"clock": clock, "site_id": at.site.key, "person_id": at.person.key}
    line = add_line(session, name="1号线", kind="rod_line", metal="Al", **terms)
    lot = a_lot(session, clock=clock, at=at)
    day = clock.now(session).date()
    sheet = PeriodSheet(
        since=day,
        until=day,
        method="drained",
        charges=(ChargeLine(lot_code=lot.code),),
        products=(LineProduct(mass_g=lot.mass_g, name="rod"),),
    )
    return run_period(session, line_code=line.code, sheet=sheet, **terms)


def flow_objects(world: Any, session: Session) -> None:
    """A metal account of hub and smelter, and returns on their way to each."""
    for walker in ("hub", "smelter", "collector"):
        codes = []
        for party in (world.own[walker], world.other[walker]):
            processor = a_party(session, clock=world.clock, role="smelter")
            terms = Terms(metal="Al", product="6063", terms="swap", yield_bp=9_000)
            made = open_account(
                session,
                clock=world.clock,
                site_id=processor.site.key,
                person_id=processor.person.key,
                owner_site=party.site.code,
                terms=terms,
            )
            back = return_lot(
                session,
                clock=world.clock,
                site_id=processor.site.key,
                person_id=processor.person.key,
                lot_code=a_lot(session, clock=world.clock, at=processor).code,
                why=Cause(cause="grade"),
                to_site=party.site.code,
            )
            codes.append((made.code, back.code))
        first = walker == "hub"
        for i, name in enumerate(("account", "returned")):
            own, other = codes[0][i], codes[1][i]
            if first:
                world.give(name, own=own, other=other)
            world.give(name, own=own, other=other, walker=walker)
    for walker in ("hub", "smelter"):
        lots = world.values["stock.lot"]
        own, other = lots[walker, "own"], lots[walker, "other"]
        if walker == "hub":
            world.give("assays.lot", own=own, other=other)
        world.give("assays.lot", own=own, other=other, walker=walker)


def _codes(session: Session, *, clock: Clock, at: Party, melts: bool) -> dict[str, str]:
    source = a_lot(session, clock=clock, at=at)
    done = sort_lot(
        session,
        clock=clock,
        site_id=at.site.key,
        person_id=at.person.key,
        lot_code=source.code,
        parts=[Part(mass_g=source.mass_g)],
    )
    codes = {"stock.lot": done.outputs[0].code}
    codes |= {"stock.sorting": done.sorting.code, "api_works.sorting": done.sorting.code}
    if not melts:
        return codes
    furnace = a_furnace(session, clock=clock, at=at)
    sheet = a_sheet(furnace, a_lot(session, clock=clock, at=at))
    tapped = melt(session, clock=clock, site_id=at.site.key, person_id=at.person.key, heat=sheet)
    codes["works.furnace"] = furnace.code
    spare = add_furnace(
        session, clock=clock, site_id=at.site.key, person_id=at.person.key, name="备用",
        kind="holding", metal="Al", capacity_g=1_000_000, has_meter=False,
    ).code  # fmt: skip
    codes |= dict.fromkeys(("furnaces.furnace", "api_works_setup.furnace"), spare)
    ran = _ran(session, clock=clock, at=at)
    codes |= {"lines.period": ran.period.code}
    code = session.exec(select(ProductionLine.code).where(ProductionLine.id == ran.period.line_id))
    codes["line"] = code.one()
    return codes | {"works.heat": tapped.heat.code, "api_works.heat": tapped.heat.code}
