"""Bring primary metal in as a lot: bought ingot, or liquid from a cast house."""

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.queries import Alloy
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.errors import MassNotGiven, NoSuchAlloy, PurityOutOfRange
from remelt.platform.works.factors import bought
from remelt.platform.works.places import place_of, put_in_bay
from remelt.platform.works.rules import WHOLE_BP
from remelt.traceability.ledger import LotSpec, bring_in
from remelt.traceability.models import Lot

SYSTEM_LONGEST = 40


def alloy_named(session: Session, *, alloy: str, standard: str) -> Alloy:
    """Return the alloy of a standard. Raises `NoSuchAlloy`."""
    for found in catalogue.alloys(session):
        if (found.alloy, found.standard) == (alloy, standard):
            return found
    raise NoSuchAlloy(field="alloy", alloy=alloy[:40])


def grade_system(standard: str) -> str:
    """Return a standard's name as the ledger's grade system, at most 40 characters.

    >>> grade_system("JIS H 2118 (ingot)")
    'JIS H 2118 (ingot)'
    """
    return (
        standard if len(standard) <= SYSTEM_LONGEST else standard.partition(":")[0][:SYSTEM_LONGEST]
    )


def bring_primary(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    alloy: str,
    standard: str,
    mass_g: int,
    form: str = "ingot",
    purity_bp: int | None = None,
    factor_id: str | None = None,
    track: str = "unknown",
    ticket: str = "",
    seller: str = "",
    bay: str = "",
) -> Lot:
    """Bring a lot of primary metal into the site's stock, owned by its organisation.

    purity_bp: content of the base metal in 1/10,000; the standard's minimum when None.
    factor_id: what its making is counted with, by choice; without one the lot names the line
    `upstream` as missing. track: county or country it comes from.
    Raises `SiteCannot`, `NoSuchAlloy`, `UnknownFactor`, `MassNotGiven`, `PurityOutOfRange`.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=("smelt", "process"))
    named = alloy_named(session, alloy=alloy, standard=standard)
    if mass_g <= 0:
        raise MassNotGiven(field="mass_kg")
    if purity_bp is not None and not 0 < purity_bp <= WHOLE_BP:
        raise PurityOutOfRange(field="purity_pct", purity_bp=purity_bp)
    day = clock.now(session).astimezone(BEIJING).date()
    factor = bought(session, factor_id, on=day) if factor_id else None
    lot = bring_in(
        session,
        clock=clock,
        lot_code=new_code(),
        spec=LotSpec(
            metal=named.base_metal,
            grade_system=grade_system(standard),
            grade_code=alloy,
            form=form,
            origin="primary",
            evidence="documented",
            metal_bp=purity_bp if purity_bp is not None else _least_bp(named),
            track=track,
        ),
        mass_g=mass_g,
        owner=place.organisation,
        custodian=place.organisation,
        site=place.ref,
        actor=place.actor,
        ticket_ref=ticket,
        scale_division_g=place.division_g,
        seller=seller,
        upstream=factor,
    )
    put_in_bay(session, place, clock=clock, lot_code=lot.code, bay=bay)
    return lot


def _least_bp(alloy: Alloy) -> int | None:
    """The least content of the base metal that the standard promises, in 1/10,000."""
    for limit in alloy.limits:
        if limit.element == alloy.base_metal and limit.min_ppm is not None:
            return limit.min_ppm // 100
    return None
