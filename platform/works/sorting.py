"""Sort, split, blend and shred at a hub: what goes in comes out, is lost by name, or differs.

A difference beyond tolerance must be named by the person; it is recorded and blocks the claims
of what comes out. It never stops the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.works.errors import MassNotGiven, NothingToWork
from remelt.platform.works.places import lots_here, place_of
from remelt.platform.works.rules import check_named, check_parts
from remelt.platform.works.sheets import EnergyUse, Part
from remelt.platform.works.working import HUBS, Sorted, balance_of, work
from remelt.traceability.ledger import Taken

__all__ = ["HUBS", "Sorted", "blend_lots", "shred_lots", "sort_lot", "split_lot"]


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
    balance = balance_of(place, in_g=lot.mass_g, parts=parts, losses=losses or {})
    check_named(balance, difference_note)
    return work(
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
    balance = balance_of(place, in_g=in_g, parts=same, losses={})
    check_named(balance, difference_note)
    return work(
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
    check_taken(taken_g)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lots = lots_here(session, place, taken_g)
    in_g = sum(lots[code].mass_g if g is None else g for code, g in taken_g.items())
    balance = balance_of(place, in_g=in_g, parts=[part], losses=losses or {})
    check_named(balance, difference_note)
    return work(
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


def shred_lots(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    taken_g: Mapping[str, int | None],
    parts: Sequence[Part],
    losses: Mapping[str, int] | None = None,
    energy: Sequence[EnergyUse] = (),
    difference_note: str = "",
) -> Sorted:
    """Shred lots, or masses taken from them (None: all), into fractions.

    parts: each fraction with its grade, in g; the shredder residue is one with `waste`. losses:
    `moisture`, `dirt`, `packaging`, `dust` in g. Each fraction gets its own metal up to its
    grade's content first; residue and losses take unanalysed mass first. energy: of the
    shredder; without it the hub's line is missing by name. Raises what `sort_lot` raises.
    """
    check_parts(parts)
    check_taken(taken_g)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lots = lots_here(session, place, taken_g)
    in_g = sum(lots[code].mass_g if g is None else g for code, g in taken_g.items())
    balance = balance_of(place, in_g=in_g, parts=parts, losses=losses or {})
    check_named(balance, difference_note)
    return work(
        session,
        clock=clock,
        kind="shred",
        place=place,
        taken=[Taken(lot_code=code, mass_g=g) for code, g in taken_g.items()],
        lots=[lots[code] for code in taken_g],
        parts=parts,
        losses=losses or {},
        energy=energy,
        balance=balance,
        note=difference_note,
    )


def check_taken(taken_g: Mapping[str, int | None]) -> None:
    """Refuse a working that takes nothing, or a mass that is not above zero."""
    if not taken_g:
        raise NothingToWork(field="lots")
    if any(mass_g is not None and mass_g <= 0 for mass_g in taken_g.values()):
        raise MassNotGiven(field="lots")
