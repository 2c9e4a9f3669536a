"""What every working at a hub has in common: its balance, the ledger's event, the paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.alloy_classes import classed
from remelt.platform.works.errors import WrongMetal
from remelt.platform.works.events import LotSorted
from remelt.platform.works.factors import energy_lines
from remelt.platform.works.models import Sorting
from remelt.platform.works.places import Place, put_in_bay
from remelt.platform.works.power import by_contract
from remelt.platform.works.rules import Balance
from remelt.platform.works.sheets import EnergyUse, Part
from remelt.traceability.ledger import LotSpec, Output, Taken, Transformation, pool_lot, transform
from remelt.traceability.models import Lot

HUBS = ("hub", "process", "smelt", "purchase_point")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a working did: its paper, and the lots that came out in the order of the parts."""

    sorting: Sorting
    outputs: tuple[Lot, ...]
    done: Transformation


def balance_of(
    place: Place, *, in_g: int, parts: Sequence[Part], losses: Mapping[str, int]
) -> Balance:
    """Return in and out of a working at a place."""
    return Balance(
        in_g=in_g,
        out_g=sum(part.mass_g for part in parts),
        lost_g=sum(losses.values()),
        scale_division_g=place.division_g,
    )


def work(
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
    """Tell the ledger, note the bays, keep the paper. kind: of `SORTINGS`."""
    now = clock.now(session)
    day = now.astimezone(BEIJING).date()
    lines = energy_lines(session, energy, on=day, stage="hub")
    outputs = [_output(session, clock, place, lots, part, kind) for part in parts]
    done = transform(
        session,
        clock=clock,
        kind=kind,  # type: ignore[arg-type]  # one of SORTINGS, as the paper's CHECK says
        **classed(session, inputs=taken, outputs=outputs, lots={lot.code: lot for lot in lots}),
        losses={name: mass_g for name, mass_g in losses.items() if mass_g},
        energy=by_contract(session, lines, site_id=place.site.key, on=day, at=now),
        scale_division_g=place.division_g,
        site=place.ref,
        custodian=place.organisation,
        actor=place.actor,
    )
    for part, lot in zip(parts, done.outputs, strict=True):
        put_in_bay(session, place, clock=clock, lot_code=lot.code, bay=part.bay)
    named = note.strip() if balance.beyond_tolerance else ""
    sorting = _paper(session, clock=clock, kind=kind, place=place, note=named, done=done)
    session.flush()
    return Sorted(sorting=sorting, outputs=done.outputs, done=done)


def _paper(
    session: Session,
    *,
    clock: Clock,
    kind: str,
    place: Place,
    note: str,
    done: Transformation,
) -> Sorting:
    sorting = Sorting(
        code=new_code(),
        kind=kind,
        site_id=place.site.key,
        person_id=place.person_id,
        at=clock.now(session),
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
            difference_g=done.unexplained_g,
            beyond_tolerance=done.beyond_tolerance,
        ),
    )
    return sorting


def _output(
    session: Session, clock: Clock, place: Place, lots: Sequence[Lot], part: Part, kind: str
) -> Output:
    spec = _spec(session, lots, part, kind)
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


def _spec(session: Session, lots: Sequence[Lot], part: Part, kind: str) -> LotSpec:
    """Say what a part is: its own grade, and what all the lots it came from agree on.

    A shredder sets free what is in its lots: a fraction may be of another metal than they are.
    """
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
    mixes = kind == "blend" and len(lots) > 1
    if mixes and any(lot.metal not in {grade.metal, "mixed"} for lot in lots):
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
