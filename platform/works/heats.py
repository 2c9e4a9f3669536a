"""Melt: what a furnace takes in and gives out, from one sheet, in one event of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.catalogue.queries import Alloy
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works import factors
from remelt.platform.works.alloy_classes import classed
from remelt.platform.works.energy import Burdens, heat_burdens, keep_heat_entries
from remelt.platform.works.errors import HeelWithoutMethod
from remelt.platform.works.events import HeatTapped
from remelt.platform.works.furnaces import SMELTS, lock_furnace
from remelt.platform.works.models import Furnace, Heat
from remelt.platform.works.places import Place, lots_here, place_of, put_in_bay
from remelt.platform.works.primary import alloy_named, grade_system
from remelt.platform.works.rules import Balance, check_capacity, check_named, check_sheet
from remelt.platform.works.runaround import check_run_around
from remelt.platform.works.sheets import HeatSheet
from remelt.platform.works.toll_metal import owner_of, returned_loops
from remelt.traceability.ledger import LotSpec, Output, Taken, Transformation, transform
from remelt.traceability.models import Lot


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a heat gave: its paper, the cast lots in order, dross and heel where there are."""

    heat: Heat
    casts: tuple[Lot, ...]
    dross: Lot | None
    heel: Lot | None
    done: Transformation


@dataclass(frozen=True, slots=True)
class _Melt:
    """A sheet with everything it names looked up and locked."""

    sheet: HeatSheet
    place: Place
    owner: str
    loops: frozenset[str]
    furnace: Furnace
    alloy: Alloy
    lots: Mapping[str, Lot]
    heel_in_g: int
    charged_g: int

    @property
    def added_g(self) -> int:
        return sum(each.mass_g for each in self.sheet.additions)

    @property
    def cast_g(self) -> int:
        return sum(each.mass_g for each in self.sheet.casts)

    @property
    def balance(self) -> Balance:
        sheet = self.sheet
        metal_g = self.heel_in_g + self.charged_g + self.added_g
        return Balance(
            in_g=metal_g + sheet.flux_g + sheet.oxygen_g,
            out_g=self.cast_g + sheet.dross_g + sheet.heel_out_g,
            lost_g=sum(sheet.losses_g.values()),
            scale_division_g=self.place.division_g,
            basis_g=metal_g,
        )


def melt(
    session: Session, *, clock: Clock, site_id: int, person_id: int, heat: HeatSheet
) -> Tapped:
    """Melt one heat: opening heel and charges become cast lots, dross and the closing heel.

    Masses in g. The furnace's heel is charged wholly; the new one is a lot with the same melt.
    What differs beyond max(0.5 %, one scale division) needs `difference_note`, is recorded and
    blocks the claims of what was cast. Energy of the sheet is metered; without it the last
    closed month stands in and the footprint is provisional; without that it is missing by name.

    Raises `SiteCannot`, `NoSuchFurnace`, `NotInCustody`, `NoSuchAlloy`, `NothingToWork`,
    `MassNotGiven`, `PurityOutOfRange`, `RecoveryOutOfRange`, `FurnaceOverfilled`, `HeelStays`,
    `HeelWithoutMethod`, `NotYourMetal`, `NotRunAround`, `DifferenceNotNamed`, and what the
    ledger refuses.
    """
    melting = _looked_up(session, site_id=site_id, person_id=person_id, sheet=heat)
    _check(melting)
    day = clock.now(session).astimezone(BEIJING).date()
    burdens = heat_burdens(session, clock=clock, site_id=site_id, sheet=heat, cast_g=melting.cast_g)
    done = transform(
        session,
        clock=clock,
        kind="melt",
        **classed(session, inputs=_inputs(melting), outputs=_outputs(melting), lots=melting.lots),
        site=melting.place.ref,
        actor=melting.place.actor,
        losses={name: mass_g for name, mass_g in heat.losses_g.items() if mass_g},
        additions=[factors.addition(session, line, on=day) for line in heat.additions],
        energy=burdens.lines,
        flux_g=heat.flux_g,
        oxygen_g=heat.oxygen_g,
        scale_division_g=melting.place.division_g,
        custodian=melting.place.organisation,
    )
    paper = _paper(session, clock=clock, melting=melting, burdens=burdens, done=done)
    return _tapped(session, clock=clock, melting=melting, paper=paper, done=done)


def _looked_up(session: Session, *, site_id: int, person_id: int, sheet: HeatSheet) -> _Melt:
    place = place_of(session, site_id=site_id, person_id=person_id, needs=SMELTS)
    furnace = lock_furnace(session, code=sheet.furnace_code, site_id=site_id)
    codes = [charge.lot_code for charge in sheet.charges]
    owner = owner_of(session, place, codes, drained=not (furnace.heel_lot or sheet.heel_out_g))
    lots = lots_here(session, place, codes, owner=owner, heel=furnace.heel_lot)
    loops = returned_loops(session, place, codes)
    internal = [each.lot_code for each in sheet.charges if each.internal]
    check_run_around(session, place, [lots[code] for code in internal if code not in loops])
    alloy = alloy_named(session, alloy=sheet.alloy, standard=sheet.standard)
    heel = lots.get(furnace.heel_lot or "")
    held = ((lots[each.lot_code].mass_g, each.mass_g) for each in sheet.charges)
    charged_g = [held_g if mass_g is None else mass_g for held_g, mass_g in held]
    return _Melt(
        sheet=sheet,
        place=place,
        owner=owner,
        loops=loops,
        furnace=furnace,
        alloy=alloy,
        lots=lots,
        heel_in_g=heel.mass_g if heel else 0,
        charged_g=sum(charged_g),
    )


def _check(melting: _Melt) -> None:
    sheet, balance = melting.sheet, melting.balance
    check_sheet(sheet, heel_in_g=melting.heel_in_g)
    if sheet.heel_out_g and sheet.heel_method in {"none", "drained"}:
        raise HeelWithoutMethod(field="heel_method")
    check_capacity(balance.in_g, capacity_g=melting.furnace.capacity_g)
    check_named(balance, sheet.difference_note)


def _inputs(melting: _Melt) -> list[Taken]:
    heel = melting.furnace.heel_lot
    opening = [Taken(lot_code=heel, role="heel")] if heel and heel in melting.lots else []
    return opening + [
        Taken(
            lot_code=charge.lot_code,
            mass_g=charge.mass_g,
            recovery_bp=melting.lots[charge.lot_code].metal_bp
            if charge.recovery_bp is None
            else charge.recovery_bp,
            internal=charge.internal or charge.lot_code in melting.loops,
        )
        for charge in melting.sheet.charges
    ]


def _outputs(melting: _Melt) -> list[Output]:
    """Casts, then dross, then the closing heel."""
    sheet = melting.sheet
    owner = melting.owner
    made = [
        Output(spec=_spec(melting, form=each.form), mass_g=each.mass_g, role=each.role, owner=owner)
        for each in sheet.casts
    ]
    if sheet.dross_g:
        spec = _spec(melting, form="dross", grade=("works", "dross"))
        made.append(Output(spec=spec, mass_g=sheet.dross_g, role="dross", owner=owner))
    if sheet.heel_out_g:
        spec = _spec(melting, form="liquid")
        made.append(Output(spec=spec, mass_g=sheet.heel_out_g, role="heel", owner=owner))
    return made


def _spec(melting: _Melt, *, form: str, grade: tuple[str, str] | None = None) -> LotSpec:
    """Say what was cast: the alloy declared; one origin and place only where all agree."""
    lots = melting.lots.values()
    origins = {lot.origin for lot in lots} | ({"primary"} if melting.sheet.additions else set())
    tracks = {lot.track for lot in lots}
    system, code = grade or (grade_system(melting.alloy.standard), melting.alloy.alloy)
    return LotSpec(
        metal=melting.alloy.base_metal,
        grade_system=system,
        grade_code=code,
        form=form,
        origin=origins.pop() if len(origins) == 1 else "unknown",  # type: ignore[arg-type]
        evidence="implied",
        track=tracks.pop() if len(tracks) == 1 else "unknown",
    )


def _paper(
    session: Session,
    *,
    clock: Clock,
    melting: _Melt,
    burdens: Burdens,
    done: Transformation,
) -> Heat:
    sheet, furnace = melting.sheet, melting.furnace
    furnace.heats += 1
    session.add(furnace)
    heat = Heat(
        code=new_code(),
        site_id=melting.place.site.key,
        furnace_id=furnace.key,
        person_id=melting.place.person_id,
        number=furnace.heats,
        tapped_at=clock.now(session),
        metal=melting.alloy.base_metal,
        alloy=melting.alloy.alloy,
        standard=melting.alloy.standard,
        heel_method=sheet.heel_method,
        difference_note=sheet.difference_note.strip() if done.beyond_tolerance else "",
        energy=burdens.standing,
        event_hash=done.event.hash,
    )
    session.add(heat)
    session.flush()
    keep_heat_entries(session, heat=heat, uses=sheet.energy, at=heat.tapped_at)
    return heat


def _tapped(
    session: Session, *, clock: Clock, melting: _Melt, paper: Heat, done: Transformation
) -> Tapped:
    """Note where things went: the heel stays in the furnace, casts go to their bays."""
    by_role = _by_role(melting, done.outputs)
    casts, dross, heel = by_role
    for line, lot in zip(melting.sheet.casts, casts, strict=True):
        put_in_bay(session, melting.place, clock=clock, lot_code=lot.code, bay=line.bay)
    melting.furnace.heel_lot = heel.code if heel else None
    session.add(melting.furnace)
    outbox.record(
        session,
        HeatTapped(
            at=paper.tapped_at,
            heat_code=paper.code,
            site_code=melting.place.site.code,
            metal=paper.metal,
            charged=tuple(charge.lot_code for charge in melting.sheet.charges),
            cast=tuple(lot.code for lot in casts),
            cast_g=melting.cast_g,
            difference_g=done.unexplained_g,
            beyond_tolerance=done.beyond_tolerance,
        ),
    )
    session.flush()
    return Tapped(heat=paper, casts=casts, dross=dross, heel=heel, done=done)


def _by_role(
    melting: _Melt, outputs: Sequence[Lot]
) -> tuple[tuple[Lot, ...], Lot | None, Lot | None]:
    count = len(melting.sheet.casts)
    rest = list(outputs[count:])
    dross = rest.pop(0) if melting.sheet.dross_g else None
    heel = rest.pop(0) if melting.sheet.heel_out_g else None
    return tuple(outputs[:count]), dross, heel
