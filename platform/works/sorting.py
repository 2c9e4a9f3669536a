"""Sort, split and blend at a hub: what goes in is what comes out, what is lost, and what differs.

A difference beyond tolerance must be named by the person; it is recorded and blocks the claims
of what comes out. It never stops the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.errors import MassNotGiven, NothingToWork, WrongMetal
from remelt.platform.works.events import LotSorted
from remelt.platform.works.factors import energy_lines
from remelt.platform.works.models import Sorting
from remelt.platform.works.places import Place, lots_here, place_of, put_in_bay
from remelt.platform.works.rules import Balance, check_named, check_parts
from remelt.platform.works.sheets import EnergyUse, Part
from remelt.traceability.ledger import LotSpec, Output, Taken, Transformation, pool_lot, transform
from remelt.traceability.models import LedgerEvent, Lot

HUBS = ("hub", "process", "smelt", "purchase_point")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a sorting did: its paper, and the lots that came out in the order of the parts."""

    sorting: Sorting
    outputs: tuple[Lot, ...]
    event: LedgerEvent


def sort_lot(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_code: str,
    parts: Sequence[Part],
    losses: Mapping[str, int] | None = None,
    energy: Sequence[EnergyUse] = (),
    difference_note: str = "",
) -> Sorted:
    """Sort a whole lot into parts of one or several grades.

    parts: masses as weighed, in g. losses: `moisture`, `dirt`, `packaging` in g. What is left
    over is the difference: beyond max(0.5 %, one scale division) it needs `difference_note`,
    is recorded and blocks the claims of every part. New lots get new tags; a part for the heap
    joins the day's pool lot of its bay. energy: of the sorting; without it the hub's line is
    missing by name.

    Raises `SiteCannot`, `NotInCustody`, `NothingToWork`, `MassNotGiven`, `WrongMetal`,
    `DifferenceNotNamed`, and what the ledger refuses.
    """
    check_parts(parts)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lot = lots_here(session, place, [lot_code])[lot_code]
    balance = _balance(place, in_g=lot.mass_g, parts=parts, losses=losses or {})
    check_named(balance, difference_note)
    return _work(
        session,
        clock=clock,
        kind="sort",
        place=place,
        taken=[Taken(lot_code=lot_code)],
        lots=[lot],
        parts=parts,
        losses=losses or {},
        energy=energy,
        balance=balance,
        note=difference_note,
    )


def split_lot(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_code: str,
    parts: Sequence[Part],
    whole: bool = True,
    difference_note: str = "",
) -> Sorted:
    """Split a lot into parts of its own grade.

    whole: the parts are all of it, and what differs is named; otherwise they are weighed off
    and the rest stays under the old tag. Raises what `sort_lot` raises.
    """
    check_parts(parts)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lot = lots_here(session, place, [lot_code])[lot_code]
    same = [replace(part, grade=None, waste=False) for part in parts]
    out_g = sum(part.mass_g for part in same)
    in_g = lot.mass_g if whole else min(out_g, lot.mass_g)
    balance = _balance(place, in_g=in_g, parts=same, losses={})
    check_named(balance, difference_note)
    return _work(
        session,
        clock=clock,
        kind="split",
        place=place,
        taken=[Taken(lot_code=lot_code, mass_g=in_g)],
        lots=[lot],
        parts=same,
        losses={},
        energy=(),
        balance=balance,
        note=difference_note,
    )


def blend_lots(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    taken_g: Mapping[str, int | None],
    part: Part,
    losses: Mapping[str, int] | None = None,
    difference_note: str = "",
) -> Sorted:
    """Blend lots, or masses taken from them (None: all), into one lot or onto a heap.

    The lots must be of one metal. Custody falls to controlled blending; origins, elements and
    burdens add up. Raises what `sort_lot` raises.
    """
    check_parts([part])
    if not taken_g:
        raise NothingToWork(field="lots")
    if any(mass_g is not None and mass_g <= 0 for mass_g in taken_g.values()):
        raise MassNotGiven(field="lots")
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lots = lots_here(session, place, taken_g)
    in_g = sum(lots[code].mass_g if g is None else g for code, g in taken_g.items())
    balance = _balance(place, in_g=in_g, parts=[part], losses=losses or {})
    check_named(balance, difference_note)
    return _work(
        session,
        clock=clock,
        kind="blend",
        place=place,
        taken=[Taken(lot_code=code, mass_g=g) for code, g in taken_g.items()],
        lots=[lots[code] for code in taken_g],
        parts=[part],
        losses=losses or {},
        energy=(),
        balance=balance,
        note=difference_note,
    )


def _balance(
    place: Place, *, in_g: int, parts: Sequence[Part], losses: Mapping[str, int]
) -> Balance:
    return Balance(
        in_g=in_g,
        out_g=sum(part.mass_g for part in parts),
        lost_g=sum(losses.values()),
        scale_division_g=place.division_g,
    )


def _work(
    session: Session,
    *,
    clock: Clock,
    kind: str,
    place: Place,
    taken: Sequence[Taken],
    lots: Sequence[Lot],
    parts: Sequence[Part],
    losses: Mapping[str, int],
    energy: Sequence[EnergyUse],
    balance: Balance,
    note: str,
) -> Sorted:
    """Tell the ledger, note the bays, keep the paper."""
    day = clock.now(session).astimezone(BEIJING).date()
    outputs = [_output(session, clock, place, lots, part) for part in parts]
    done = transform(
        session,
        clock=clock,
        kind=kind,  # type: ignore[arg-type]  # one of SORTINGS, as the paper's CHECK says
        inputs=taken,
        outputs=outputs,
        losses={name: mass_g for name, mass_g in losses.items() if mass_g},
        energy=energy_lines(session, energy, on=day, stage="hub"),
        scale_division_g=place.division_g,
        site=place.ref,
        custodian=place.organisation,
        actor=place.actor,
    )
    for part, lot in zip(parts, done.outputs, strict=True):
        put_in_bay(session, place, clock=clock, lot_code=lot.code, bay=part.bay)
    named = note.strip() if balance.beyond_tolerance else ""
    sorting = _paper(
        session, clock=clock, kind=kind, place=place, balance=balance, note=named, done=done
    )
    session.flush()
    return Sorted(sorting=sorting, outputs=done.outputs, event=done.event)


def _paper(
    session: Session,
    *,
    clock: Clock,
    kind: str,
    place: Place,
    balance: Balance,
    note: str,
    done: Transformation,
) -> Sorting:
    sorting = Sorting(
        code=new_code(),
        kind=kind,
        site_id=place.site.key,
        person_id=place.person_id,
        at=clock.now(session),
        in_g=balance.in_g,
        out_g=balance.out_g,
        lost_g=balance.lost_g,
        difference_g=balance.difference_g,
        beyond_tolerance=done.beyond_tolerance,
        difference_note=note,
        event_hash=done.event.hash,
    )
    session.add(sorting)
    outbox.record(
        session,
        LotSorted(
            at=sorting.at,
            sorting_code=sorting.code,
            kind=kind,
            site_code=place.site.code,
            inputs=tuple(lot.code for lot in done.inputs),
            outputs=tuple(lot.code for lot in done.outputs),
            difference_g=balance.difference_g,
            beyond_tolerance=done.beyond_tolerance,
        ),
    )
    return sorting


def _output(
    session: Session, clock: Clock, place: Place, lots: Sequence[Lot], part: Part
) -> Output:
    spec = _spec(session, lots, part)
    if part.waste or not part.heap:
        return Output(spec=spec, mass_g=part.mass_g, role="waste" if part.waste else "product")
    pool = pool_lot(
        session,
        clock=clock,
        site=place.ref,
        bay=part.bay,
        spec=spec,
        owner=lots[0].owner,
        custodian=place.organisation,
        actor=place.actor,
    )
    return Output(
        spec=pool.spec, mass_g=part.mass_g, lot_code=pool.code, owner=pool.owner, into=True
    )


def _spec(session: Session, lots: Sequence[Lot], part: Part) -> LotSpec:
    """Say what a part is: its own grade, and what all the lots it came from agree on."""
    first = lots[0].spec
    agreed = replace(
        first,
        form=part.form or first.form,
        origin=first.origin if len({lot.origin for lot in lots}) == 1 else "unknown",
        evidence=first.evidence if len({lot.evidence for lot in lots}) == 1 else "declared",
        track=first.track if len({lot.track for lot in lots}) == 1 else "unknown",
    )
    if part.grade is None:
        if len({lot.metal for lot in lots}) > 1:
            raise WrongMetal(field="lots", metal=first.metal)
        return agreed
    system, code = part.grade
    grade = catalogue.grade(session, system=system, code=code)
    if len(lots) > 1 and any(lot.metal not in {grade.metal, "mixed"} for lot in lots):
        raise WrongMetal(field="parts", metal=lots[0].metal, grade=code)
    content = grade.metal_nominal_bp or grade.metal_min_bp
    return replace(
        agreed,
        metal=grade.metal,
        grade_system=grade.system,
        grade_code=grade.code,
        form=part.form or grade.form or first.form,
        metal_bp=content,
    )
